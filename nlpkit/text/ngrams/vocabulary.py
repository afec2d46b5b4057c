"""The n-grams and phrases that get an id: those that occur often enough."""

import dataclasses
from collections.abc import Iterable

import numpy as np
import tensorflow as tf

from nlpkit.checks import check_positive_integer
from nlpkit.text.characters import characters
from nlpkit.text.ngrams.ngrams import ngrams

__all__ = ["NgramVocabulary"]

_NGRAMS_AT_ONCE = 1 << 22
_MAX_COUNTED = 1 << 23


@dataclasses.dataclass(frozen=True, eq=False)
class NgramVocabulary:
    """The n-grams and phrases that have an id; `nlpkit.text.ngrams.ngrams` says what they are.

    Attributes:
        fingerprints: int64 [V], ascending. The n-gram `fingerprints[k]` has id `k + 2`; id 0 is
            padding, id 1 a token without a known n-gram.
        phrases: int64 [W], ascending. The phrase `phrases[k]` has id `V + 2 + k`. Default: none.
    """

    fingerprints: np.ndarray
    phrases: np.ndarray = dataclasses.field(default_factory=lambda: np.empty(0, np.int64))

    def __len__(self) -> int:
        """Number of ids, padding and unknown included: V + 2 + W."""
        return self.ngrams + len(self.phrases)

    @property
    def ngrams(self) -> int:
        """Number of ids that are not phrases: V + 2."""
        return len(self.fingerprints) + 2

    @classmethod
    def learn(
        cls,
        batches: Iterable[tf.Tensor],
        *,
        size: int = 200_000,
        min_count: int = 2,
        phrases: int = 0,
    ) -> "NgramVocabulary":
        """Counts the n-grams and phrases of a stream of texts.

        Args:
            batches: string tensors [N], in any order; the result does not depend on it (unless the
                stream holds more than 8 million different n-grams: then those seen once are
                forgotten now and then).
            size: The most n-grams to keep, the most frequent first; ties go to the smaller
                fingerprint. At least 1.
            min_count: How often an n-gram or phrase must occur. At least 1.
            phrases: The most phrases to keep, chosen as n-grams are; 0, the default, for none.

        Returns:
            The vocabulary.

        Raises:
            InputError: If `size`, `min_count` or `phrases`, unless 0, is not a positive integer.

        Example:
            >>> texts = [tf.constant(["good good film", "good film"])]
            >>> len(NgramVocabulary.learn(texts, min_count=3)) < len(NgramVocabulary.learn(texts))
            True
        """
        check_positive_integer("size", size)
        check_positive_integer("min_count", min_count)
        if phrases:
            check_positive_integer("phrases", phrases)
        ngram_counts, phrase_counts = _Counts(), _Counts()
        for batch in batches:
            of_ngrams, of_phrases = _fingerprints(batch)
            ngram_counts.add(of_ngrams.numpy())
            if phrases:
                phrase_counts.add(of_phrases.numpy())
        return cls(
            ngram_counts.most_frequent(size, min_count),
            phrase_counts.most_frequent(phrases, min_count),
        )


@tf.function(input_signature=[tf.TensorSpec([None], tf.string)], autograph=False)
def _fingerprints(texts: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """All n-grams of a batch, and all phrases."""
    grams = ngrams(characters(texts))
    phrases = tf.reshape(grams.phrases, [-1])
    return grams.fingerprint, tf.boolean_mask(phrases, phrases != 0)


class _Counts:
    """Counts of int64 values, merged whenever enough have come together."""

    def __init__(self) -> None:
        self._values = np.empty(0, np.int64)
        self._counts = np.empty(0, np.int64)
        self._pending: list[np.ndarray] = []
        self._waiting = 0

    def add(self, values: np.ndarray) -> None:
        """Counts each value once more."""
        self._pending.append(values)
        self._waiting += len(values)
        if self._waiting >= _NGRAMS_AT_ONCE:
            self.merged()

    def merged(self) -> tuple[np.ndarray, np.ndarray]:
        """The distinct values, ascending, and how often each came."""
        fresh, counts = np.unique(
            np.concatenate([np.empty(0, np.int64), *self._pending]), return_counts=True
        )
        self._values, inverse = np.unique(
            np.concatenate([self._values, fresh]), return_inverse=True
        )
        weights = np.concatenate([self._counts, counts])
        self._counts = np.bincount(inverse, weights, len(self._values)).astype(np.int64)
        if len(self._values) > _MAX_COUNTED:
            self._values, self._counts = (
                array[self._counts > 1] for array in (self._values, self._counts)
            )
        self._pending, self._waiting = [], 0
        return self._values, self._counts

    def most_frequent(self, size: int, min_count: int) -> np.ndarray:
        """The most frequent values, at most `size`, ascending."""
        values, counts = self.merged()
        frequent = counts >= min_count
        values, counts = values[frequent], counts[frequent]
        best = np.argsort(-counts, kind="stable")[:size]
        return np.sort(values[best])
