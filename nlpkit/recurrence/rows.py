"""Where the steps that count stand in each row of a batch."""

from typing import NamedTuple

import tensorflow as tf

__all__ = ["Rows"]


class Rows(NamedTuple):
    """The first step that counts of each row, and how many do.

    Attributes:
        mask: Booleans [B, T], true where a step counts.
        first: The first of these steps, int32 [B]; T where there is none.
        length: How many they are, int32 [B].
    """

    mask: tf.Tensor
    first: tf.Tensor
    length: tf.Tensor

    @classmethod
    def of(cls, mask: tf.Tensor) -> "Rows":
        """From a mask [B, T]."""
        time = tf.shape(mask)[1]
        first = tf.reduce_min(tf.where(mask, tf.range(time), time), axis=1)
        return cls(mask, first, tf.reduce_sum(tf.cast(mask, tf.int32), axis=1))

    @property
    def contiguous(self) -> tf.Tensor:
        """Whether no row has a gap among these steps; Boolean []."""
        steps = tf.range(tf.shape(self.mask)[1])
        inside = (steps >= self.first[:, None]) & (steps < (self.first + self.length)[:, None])
        return tf.reduce_all(tf.equal(inside, self.mask))

    def shifted(self, sequence: tf.Tensor, *, back: bool = False) -> tf.Tensor:
        """[B, T, N] with each row shifted until its first step comes first, or back again."""
        time = tf.shape(self.mask)[1]
        by = -self.first if back else self.first
        return tf.gather(sequence, (tf.range(time) + by[:, None]) % time, batch_dims=1)

    @property
    def ahead(self) -> tf.Tensor:
        """The padding ahead of the first step, Booleans [B, T, 1]."""
        return (tf.range(tf.shape(self.mask)[1]) < self.first[:, None])[:, :, None]
