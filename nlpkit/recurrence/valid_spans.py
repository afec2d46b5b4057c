"""The span of valid steps, those that a mask leaves, in each row of a batch."""

from typing import NamedTuple

import tensorflow as tf

__all__ = ["ValidSpans"]


class ValidSpans(NamedTuple):
    """The first valid step of each row, and how many there are.

    Attributes:
        mask: Booleans [B, T], true where a step is valid.
        first: The first valid step, int32 [B]; T where there is none.
        length: The number of valid steps, int32 [B].
    """

    mask: tf.Tensor
    first: tf.Tensor
    length: tf.Tensor

    @classmethod
    def of(cls, mask: tf.Tensor) -> "ValidSpans":
        """From a mask [B, T]."""
        time = tf.shape(mask)[1]
        first = tf.reduce_min(tf.where(mask, tf.range(time), time), axis=1)
        return cls(mask, first, tf.reduce_sum(tf.cast(mask, tf.int32), axis=1))

    @property
    def contiguous(self) -> tf.Tensor:
        """Whether the valid steps of every row follow one another without a gap; Boolean []."""
        steps = tf.range(tf.shape(self.mask)[1])
        inside = (steps >= self.first[:, None]) & (steps < (self.first + self.length)[:, None])
        return tf.reduce_all(tf.equal(inside, self.mask))

    def align_left(self, sequence: tf.Tensor, *, undo: bool = False) -> tf.Tensor:
        """A sequence [B, T, N], each row rolled until its first valid step is step 0; or undone."""
        time = tf.shape(self.mask)[1]
        by = -self.first if undo else self.first
        return tf.gather(sequence, (tf.range(time) + by[:, None]) % time, batch_dims=1)

    @property
    def ahead(self) -> tf.Tensor:
        """The padding ahead of the first valid step, Booleans [B, T, 1]."""
        return (tf.range(tf.shape(self.mask)[1]) < self.first[:, None])[:, :, None]
