"""The loss of the next word: the softmax over all words, or an estimate from a sample.

With features h [D], the table E [V, D] and the bias b [V], the score of word w is
s_w = h · E_w + b_w, and the loss of the true word t is

    log Z - s_t        Z = Σ_w exp(s_w)                                                          (1)

Two thirds of a step can go into (1) where V is large. Words are numbered by frequency, and the H
most frequent ones, the head, hold most of Z. So the head is summed exactly, and the tail is
estimated from K words drawn from it with the probability q (the same for all rows of a window):

    Z ≈ Σ_(w < H) exp(s_w) + [t ≥ H] exp(s_t)
        + Σ_(k=1…K, w_k ≠ t) exp(s_(w_k)) / (K q_(w_k))                                          (2)

Each term is unbiased, so the estimate of Z is; that of log Z is in the limit of large K. Words of
the tail follow Zipf's law, so q falls with the rank: the logarithm of the rank is drawn uniformly,

    q_w = log((w + 1) / w) / log(V / H)        H ≤ w < V                                         (3)

References: Bengio & Senécal 2003, "Quick training of probabilistic neural nets by importance
sampling"; Jean et al. 2015, "On using very large target vocabulary for neural machine translation".
"""

import abc
import math
from typing import Any

import tensorflow as tf

from nlpkit.checks import check_positive_integer

__all__ = ["FullSoftmax", "SampledSoftmax", "next_word_loss"]

_FULL = 4_096
_HEAD = 1_024
_SAMPLES = 1_024


class NextWordLoss(abc.ABC):
    """A loss of next words, traced into the training step."""

    @abc.abstractmethod
    def __call__(
        self, features: tf.Tensor, targets: tf.Tensor, table: tf.Tensor, bias: tf.Tensor, seed: Any
    ) -> tf.Tensor:
        """The loss of each row.

        Args:
            features: [R, D].
            targets: The true words, int32 [R].
            table: [V, D].
            bias: [V].
            seed: The seed of the sample, int32 [2]; not used by a full softmax.

        Returns:
            [R], in nats.
        """


class FullSoftmax(NextWordLoss):
    """The loss over all words, equation (1)."""

    def __call__(self, features, targets, table, bias, seed):
        scores = tf.matmul(features, table, transpose_b=True) + bias
        return tf.nn.sparse_softmax_cross_entropy_with_logits(targets, scores)


class SampledSoftmax(NextWordLoss):
    """The loss with an exact head and a sampled tail, equation (2).

    Args:
        vocabulary: Number of words, V, numbered by frequency.
        head: Words that are always summed, H < V. Default 1,024.
        samples: Words drawn from the others for each window, K. Default 1,024.

    Raises:
        InputError: If an argument is not a positive integer.

    Example:
        >>> loss = SampledSoftmax(5_000, head=100, samples=50)
        >>> h, table, bias = tf.ones([3, 4]), tf.zeros([5_000, 4]), tf.zeros([5_000])
        >>> loss(h, tf.constant([0, 150, 4_999]), table, bias, seed=[1, 2]).shape
        TensorShape([3])
    """

    def __init__(self, vocabulary: int, *, head: int = _HEAD, samples: int = _SAMPLES) -> None:
        for name, size in {"vocabulary": vocabulary, "head": head, "samples": samples}.items():
            check_positive_integer(name, size)
        self.vocabulary = vocabulary
        self.head = min(head, vocabulary - 1)
        self.samples = samples

    def __call__(self, features, targets, table, bias, seed):
        drawn, log_rate = self._draw(seed)
        rows = tf.concat([tf.range(self.head), drawn], 0)
        scores = tf.matmul(features, tf.gather(table, rows), transpose_b=True)
        scores += tf.gather(bias, rows)
        head, tail = tf.split(scores, [self.head, self.samples], axis=1)
        true = tf.einsum("rd,rd->r", features, tf.gather(table, targets)) + tf.gather(bias, targets)
        # A true word of the tail has the first column to itself, and counts once.
        in_tail, never = targets >= self.head, scores.dtype.min
        own = tf.where(in_tail, true, never)[:, None]
        tail = tf.where(drawn == targets[:, None], never, tail - log_rate)
        column = tf.where(in_tail, 0, 1 + targets)
        return tf.nn.sparse_softmax_cross_entropy_with_logits(
            column, tf.concat([own, head, tail], 1)
        )

    def _draw(self, seed) -> tuple[tf.Tensor, tf.Tensor]:
        """K words of the tail, and the logarithm of the expected count of each, K·q."""
        spread = math.log(self.vocabulary / self.head)
        uniform = tf.random.stateless_uniform([self.samples], seed, alg="philox")
        rank = tf.cast(self.head * tf.exp(spread * uniform), tf.int32)
        rank = tf.clip_by_value(rank, self.head, self.vocabulary - 1)
        q = tf.math.log1p(1.0 / tf.cast(rank, tf.float32)) / spread
        return rank, tf.math.log(self.samples * q)


def next_word_loss(vocabulary: int) -> NextWordLoss:
    """The loss for a vocabulary: over all words up to 4,096 of them, else sampled.

    Args:
        vocabulary: Number of words, V.

    Returns:
        A function of features, targets, table, bias and seed.

    Example:
        >>> type(next_word_loss(1_000)).__name__, type(next_word_loss(10_000)).__name__
        ('FullSoftmax', 'SampledSoftmax')
    """
    return FullSoftmax() if vocabulary <= _FULL else SampledSoftmax(vocabulary)
