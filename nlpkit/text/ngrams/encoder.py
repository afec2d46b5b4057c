"""Strings to ids inside the graph, with the same code for training and serving."""

import numpy as np
import tensorflow as tf

from nlpkit.checks import check_positive_integer
from nlpkit.text.characters import characters, previous
from nlpkit.text.ngrams.ngrams import PHRASE, TokenNgrams, ngrams
from nlpkit.text.ngrams.vocabulary import NgramVocabulary

__all__ = ["MAX_NGRAMS", "PADDING", "UNKNOWN", "NgramEncoder", "token_counts"]

PADDING, UNKNOWN = 0, 1
"""Ids that are not n-grams: padding, and a token without a known n-gram."""

MAX_NGRAMS = 16
"""The most n-grams of one token: the word, then its n-grams, the shortest first."""


class NgramEncoder(tf.Module):
    """Texts to the ids of their tokens' n-grams, with core TensorFlow operations only.

    A vocabulary with phrases adds two ids to each token: those of the pair and of the triple of
    words that end in it, 0 where there is none.

    Args:
        vocabulary: The n-grams and phrases that have an id.
        max_length: The most tokens of a text, T; the rest is cut off. At least 1.

    Example:
        >>> encoder = NgramEncoder(NgramVocabulary.learn([tf.constant(["좋은 영화", "좋은 배우"])]))
        >>> ids = encoder(tf.constant(["좋은 영화", "음악", ""]))
        >>> ids.shape                       # texts, tokens of the longest, n-grams of a token
        TensorShape([3, 2, 16])
        >>> ids[1, 0, :2].numpy()           # an unknown word
        array([1, 0], dtype=int32)

    Raises:
        InputError: If `max_length` is not a positive integer.
    """

    def __init__(self, vocabulary: NgramVocabulary, *, max_length: int = 512) -> None:
        super().__init__(name="encoder")
        check_positive_integer("max_length", max_length)
        self.max_length = max_length
        self._table = _table(vocabulary.fingerprints, first=2)
        self._phrases = None
        if vocabulary.phrases.size:
            self._phrases = _table(vocabulary.phrases, first=vocabulary.ngrams)
        # Traced once, for all data sets and the export: the graph is large.
        texts = tf.TensorSpec([None], tf.string)
        self._encode = tf.function(self._encoded, input_signature=[texts], autograph=False)

    @property
    def width(self) -> int:
        """Ids of a token, F."""
        return MAX_NGRAMS + (PHRASE - 1 if self._phrases is not None else 0)

    def __call__(self, texts: tf.Tensor) -> tf.Tensor:
        """Encodes texts.

        Args:
            texts: string [N], UTF-8.

        Returns:
            int32 [N, T, F]: T is the number of tokens of the longest text, at least 1 and at most
            `max_length`; F is `width`. Tokens are padded on the right, and so are n-grams.
        """
        return self._encode(texts)

    def _encoded(self, texts: tf.Tensor) -> tf.Tensor:
        """The graph of `__call__`."""
        count = tf.size(texts)
        grams = ngrams(characters(texts))
        ids = self._ids(grams)
        tokens = tf.size(grams.text)
        index = tf.range(tokens)  # of a token in the batch, and with `first` in its text
        first = tf.math.unsorted_segment_min(index, grams.text, count)
        position = index - tf.gather(first, grams.text)
        keep = (ids != PADDING) & (tf.gather(position, grams.token) < self.max_length)
        ids, token = tf.boolean_mask(ids, keep), tf.boolean_mask(grams.token, keep)
        entry = tf.range(tf.size(ids))
        slot = entry - tf.gather(tf.math.unsorted_segment_min(entry, token, tokens), token)
        fits = slot < MAX_NGRAMS
        ids, token, slot = (tf.boolean_mask(values, fits) for values in (ids, token, slot))
        text = tf.cast(tf.gather(grams.text, token), tf.int32)
        token_position = tf.gather(position, token)
        length = 1 + tf.reduce_max(tf.concat([token_position, [0]], 0))
        where = tf.stack([text, token_position, slot], 1)
        encoded = tf.scatter_nd(where, ids, [count, length, MAX_NGRAMS])
        if self._phrases is None:
            return encoded
        phrases = self._phrases.lookup(grams.phrases)
        return tf.concat([encoded, _of_tokens(phrases, grams.text, position, [count, length])], 2)

    def _ids(self, grams: TokenNgrams) -> tf.Tensor:
        """The id of each n-gram; PADDING for unknown ones, UNKNOWN if a token has no known one."""
        ids = self._table.lookup(grams.fingerprint)
        best = tf.math.unsorted_segment_max(ids, grams.token, tf.size(grams.text))
        first = grams.token != previous(grams.token, fill=-1)
        lost = first & (tf.gather(best, grams.token) == PADDING)
        return tf.where(lost, UNKNOWN, ids)


def _of_tokens(
    ids: tf.Tensor, text: tf.Tensor, position: tf.Tensor, shape: list[tf.Tensor]
) -> tf.Tensor:
    """Ids [S, 2] of all tokens by text and position: int32 [N, T, 2]; `shape` is [N, T]."""
    keep = position < shape[1]
    where = tf.boolean_mask(tf.stack([tf.cast(text, tf.int32), position], 1), keep)
    return tf.scatter_nd(where, tf.boolean_mask(ids, keep), [*shape, PHRASE - 1])


def _table(fingerprints: np.ndarray, *, first: int) -> tf.lookup.StaticHashTable:
    """Fingerprints to consecutive ids; PADDING for those that are unknown."""
    ids = tf.range(first, first + len(fingerprints), dtype=tf.int32)
    if not fingerprints.size:  # TensorFlow has no empty tables; this entry is the default's
        fingerprints, ids = np.zeros(1, np.int64), tf.constant([PADDING])
    entries = tf.lookup.KeyValueTensorInitializer(fingerprints, ids)
    return tf.lookup.StaticHashTable(entries, default_value=PADDING)


@tf.function(input_signature=[tf.TensorSpec([None], tf.string)], autograph=False)
def token_counts(texts: tf.Tensor) -> tf.Tensor:
    """Counts the tokens of each text, including those that an encoder would cut off.

    Args:
        texts: string [N].

    Returns:
        int32 [N].

    Example:
        >>> token_counts(tf.constant(["정말 최고!", ""])).numpy()
        array([3, 0], dtype=int32)
    """
    text = ngrams(characters(texts)).text
    return tf.math.unsorted_segment_sum(tf.ones_like(text, tf.int32), text, tf.size(texts))
