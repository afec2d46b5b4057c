"""Passages as one long stream of ids on disk, read in consecutive windows."""

import dataclasses
import functools
from pathlib import Path
from typing import Protocol

import numpy as np
import tensorflow as tf

from nlpkit.checks import check_positive_integer
from nlpkit.data.passages import Passages
from nlpkit.errors import InputError
from nlpkit.text.words.vocabulary import END

__all__ = ["TokenStream", "encode_passages"]

_BLOCK = 1 << 20


class _Encoder(Protocol):
    """What makes ids of texts."""

    def ragged(self, texts: tf.Tensor) -> tf.RaggedTensor:
        """Encodes texts, string [N], as int32 [N, None]."""


@dataclasses.dataclass(frozen=True)
class TokenStream:
    """The ids of one split, each passage's followed by END (0).

    Attributes:
        path: The file: int32, and one END more in front of the first passage.
        size: Number of ids, the one in front left out.
    """

    path: Path
    size: int

    @property
    def ids(self) -> np.ndarray:
        """The ids, int32 [size], mapped from the disk."""
        return self._stored[1:]

    def counts(self, vocabulary: int) -> np.ndarray:
        """Counts each id, a block of the file at a time.

        Args:
            vocabulary: V, greater than every id.

        Returns:
            int64 [V].
        """
        counts = np.zeros(vocabulary, np.int64)
        for start in range(0, self.size, _BLOCK):
            counts += np.bincount(self.ids[start : start + _BLOCK], minlength=vocabulary)
        return counts

    def windows(self, batch_size: int, steps: int) -> tf.data.Dataset:
        """Cuts the stream into windows for truncated back-propagation through time.

        Row b of every batch carries on where row b of the batch before it stopped, so states may
        be carried from one batch to the next. With a stream of 14 ids, B = 3 and T = 2:

            stream     a b c d  e f g h  i j k l  m n
            row 0      a b c d                              windows   a b │ c d
            row 1               e f g h                               e f │ g h
            row 2                        i j k l                      i j │ k l
            left out                              m n

        These are targets; the inputs are one step earlier, END before a, d before e, h before i.
        The last window may be shorter than T. With B = 1 every id is a target exactly once;
        otherwise fewer than B ids at the end are left out.

        Args:
            batch_size: Rows of a batch, B.
            steps: Ids of a row, T.

        Returns:
            A dataset of `(inputs: int32 [B, T], targets: int32 [B, T])` of known cardinality.

        Raises:
            InputError: If the stream has fewer than `batch_size` ids.
        """
        check_positive_integer("batch_size", batch_size)
        check_positive_integer("steps", steps)
        length = self.size // batch_size
        if length == 0:
            raise InputError(
                f"`batch_size` must be at most the number of tokens, {self.size:,}, "
                f"got {batch_size}."
            )
        inputs = self._stored[: batch_size * length].reshape(batch_size, length)
        targets = self.ids[: batch_size * length].reshape(batch_size, length)

        def read(start: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
            window = slice(start, start + steps)
            return np.array(inputs[:, window]), np.array(targets[:, window])

        def window(start: tf.Tensor) -> tuple[tf.Tensor, ...]:
            pair = tf.numpy_function(read, [start], [tf.int32, tf.int32], stateful=False)
            return tuple(tf.ensure_shape(ids, [batch_size, None]) for ids in pair)

        return tf.data.Dataset.range(0, length, steps).map(window).prefetch(4)

    @functools.cached_property
    def _stored(self) -> np.ndarray:
        """The file."""
        return np.memmap(self.path, np.int32, mode="r", shape=(1 + self.size,))


def encode_passages(passages: Passages, encoder: _Encoder, path: str | Path) -> TokenStream:
    """Encodes passages one after the other, with END after each.

    Args:
        passages: The passages.
        encoder: Its `ragged` makes texts string [N] ids int32 [N, None], as `WordEncoder`'s does.
        path: The file to write.

    Returns:
        The stream. No more than a batch of passages is in memory.
    """
    path = Path(path)
    size = 0
    with path.open("wb") as stream:
        stream.write(np.array([END], np.int32).tobytes())
        for texts in passages.texts():
            rows = encoder.ragged(texts)
            ids = np.insert(rows.flat_values.numpy(), rows.row_splits[1:].numpy(), END)
            stream.write(ids.astype(np.int32, copy=False).tobytes())
            size += len(ids)
    return TokenStream(path, size)
