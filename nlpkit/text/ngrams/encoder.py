"""Strings to ids inside the graph: the one implementation, for training and for serving."""

import numpy as np
import tensorflow as tf

from nlpkit.checks import check_positive_integer
from nlpkit.text.characters import characters, previous
from nlpkit.text.ngrams.ngrams import TokenNgrams, ngrams
from nlpkit.text.ngrams.vocabulary import NgramVocabulary

__all__ = ["MAX_NGRAMS", "PADDING", "UNKNOWN", "NgramEncoder", "token_counts"]

PADDING, UNKNOWN = 0, 1
"""Ids that are no n-gram: nothing here, and a token none of whose n-grams is known."""

MAX_NGRAMS = 16
"""N-grams of one token that are kept: the word first, then its n-grams, short ones first."""


class NgramEncoder(tf.Module):
    """Texts to the ids of their tokens' n-grams, with core TensorFlow operations only.

    Args:
        vocabulary: The n-grams that have an id.
        max_length: Tokens of a text that are kept, T at most; the rest is cut off. At least 1.

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
        keys, ids = vocabulary.fingerprints, tf.range(2, len(vocabulary), dtype=tf.int32)
        if not keys.size:  # TensorFlow has no empty tables; this entry says what the default says
            keys, ids = np.zeros(1, np.int64), tf.constant([PADDING])
        entries = tf.lookup.KeyValueTensorInitializer(keys, ids)
        self._table = tf.lookup.StaticHashTable(entries, default_value=PADDING)

    def __call__(self, texts: tf.Tensor) -> tf.Tensor:
        """Encodes texts.

        Args:
            texts: string [N], UTF-8.

        Returns:
            int32 [N, T, F]: T is the number of tokens of the longest text, at least 1 and at most
            `max_length`; F is `MAX_NGRAMS`. Tokens are padded on the right, and so are n-grams.
        """
        count = tf.size(texts)
        found = ngrams(characters(texts))
        ids = self._ids(found)
        tokens = tf.size(found.text)
        index = tf.range(tokens)  # of a token in the batch, and with `first` in its text
        first = tf.math.unsorted_segment_min(index, found.text, count)
        position = index - tf.gather(first, found.text)
        keep = (ids != PADDING) & (tf.gather(position, found.token) < self.max_length)
        ids, token = tf.boolean_mask(ids, keep), tf.boolean_mask(found.token, keep)
        place = tf.range(tf.size(ids))
        slot = place - tf.gather(tf.math.unsorted_segment_min(place, token, tokens), token)
        fits = slot < MAX_NGRAMS
        ids, token, slot = (tf.boolean_mask(values, fits) for values in (ids, token, slot))
        text = tf.cast(tf.gather(found.text, token), tf.int32)
        position = tf.gather(position, token)
        length = 1 + tf.reduce_max(tf.concat([position, [0]], 0))
        where = tf.stack([text, position, slot], 1)
        return tf.scatter_nd(where, ids, [count, length, MAX_NGRAMS])

    def _ids(self, found: TokenNgrams) -> tf.Tensor:
        """The id of each n-gram; PADDING for unknown ones, UNKNOWN where a token has no other."""
        ids = self._table.lookup(found.fingerprint)
        best = tf.math.unsorted_segment_max(ids, found.token, tf.size(found.text))
        first = found.token != previous(found.token, fill=-1)
        lost = first & (tf.gather(best, found.token) == PADDING)
        return tf.where(lost, UNKNOWN, ids)


@tf.function(input_signature=[tf.TensorSpec([None], tf.string)], autograph=False)
def token_counts(texts: tf.Tensor) -> tf.Tensor:
    """Counts the tokens of each text, the ones an encoder would cut off included.

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
