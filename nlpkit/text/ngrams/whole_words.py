"""The words among the n-grams of a vocabulary, and how they are found by their spelling."""

from collections.abc import Iterable, Sequence

import numpy as np
import tensorflow as tf

from nlpkit.text import unicode
from nlpkit.text.characters import characters, look_up, previous
from nlpkit.text.ngrams.ngrams import ngrams
from nlpkit.text.ngrams.vocabulary import NgramVocabulary

__all__ = ["NgramWordFinder"]

_FIRST = 2  # the id of the first n-gram


class NgramWordFinder:
    """Finds the ids of words: of the n-grams that are a whole word in some text.

    Words are folded and cut as texts are, so that `Film` has the id of `film`.

    Args:
        vocabulary: The n-grams that have an id.
        batches: The texts that the vocabulary was learnt from: string tensors [N].

    Example:
        >>> texts = [tf.constant(["좋은 영화", "좋은 영화, good film", "Good film"])]
        >>> find = NgramWordFinder(NgramVocabulary.learn(texts), texts)
        >>> len(find), (find([b"GOOD", b"good", b"goo", b"good film"]) > 0).tolist()
        (4, [True, True, False, False])
    """

    def __init__(self, vocabulary: NgramVocabulary, batches: Iterable[tf.Tensor]) -> None:
        occurs = np.zeros(len(vocabulary.fingerprints), bool)
        for batch in batches:
            indices = _indices(vocabulary.fingerprints, _words(batch)[0].numpy())
            occurs[indices[indices >= 0]] = True
        self._fingerprints = vocabulary.fingerprints[occurs]
        self._ids = np.append(_FIRST + np.flatnonzero(occurs), -1)

    def __len__(self) -> int:
        """Number of words that have an id."""
        return len(self._fingerprints)

    def __call__(self, words: Sequence[bytes]) -> np.ndarray:
        """Finds words.

        Args:
            words: Strings in UTF-8, n of them.

        Returns:
            int [n]: the id of each; −1 for what has none, or is no single word.
        """
        fingerprint, single = _alone(tf.constant(words, tf.string, [len(words)]))
        indices = _indices(self._fingerprints, fingerprint.numpy())
        return self._ids[np.where(single.numpy(), indices, -1)]


def _indices(ascending: np.ndarray, values: np.ndarray) -> np.ndarray:
    """The index of each value, −1 for those that are missing."""
    if not ascending.size:
        return np.full(values.shape, -1)
    indices = np.minimum(np.searchsorted(ascending, values), ascending.size - 1)
    return np.where(ascending[indices] == values, indices, -1)


@tf.function(input_signature=[tf.TensorSpec([None], tf.string)], autograph=False)
def _words(texts: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """The word of each token, by fingerprint, and its text; the first n-gram is the word."""
    grams = ngrams(characters(texts))
    first = grams.token != previous(grams.token, fill=-1)
    return tf.boolean_mask(grams.fingerprint, first), grams.text


@tf.function(input_signature=[tf.TensorSpec([None], tf.string)], autograph=False)
def _alone(texts: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """The fingerprint of a word of each text, and whether the text is this word alone."""
    count = tf.size(texts)
    word, text = _words(texts)
    least = tf.math.unsorted_segment_min(word, text, count)
    most = tf.math.unsorted_segment_max(word, text, count)
    # All tokens are of one word, or of equal words: these stand apart, or are ideographs.
    chars = characters(texts)
    kind = look_up(unicode.kinds(), chars.code)
    spaces, ideographs = (
        tf.math.unsorted_segment_sum(tf.cast(kind == which, tf.int32), chars.text, count)
        for which in (unicode.SPACE, unicode.IDEOGRAPH)
    )
    return least, (least == most) & (spaces == 0) & (ideographs <= 1)
