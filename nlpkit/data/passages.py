"""Passages on disk: one line of UTF-8 each, read as a stream and never held as a whole."""

import contextlib
import dataclasses
import itertools
from collections.abc import Iterator
from pathlib import Path

import tensorflow as tf

from nlpkit.data.surrogates import mend_surrogates

__all__ = ["PassageWriter", "Passages"]

_BYTES_AT_ONCE = 1 << 21  # encoding takes some 100 bytes of memory for each byte of text


@dataclasses.dataclass(frozen=True)
class Passages:
    """The passages of one split: lines, paragraphs or sentences, in order.

    Attributes:
        path: The file.
        size: Number of passages.
        characters: Number of characters in all of them.
    """

    path: Path
    size: int
    characters: int

    def __iter__(self) -> Iterator[str]:
        """Yields each passage as plain Python."""
        with self.path.open("rb") as stream:
            for line in stream:
                yield line[:-1].decode()

    def texts(self, batch: int = 1024) -> Iterator[tf.Tensor]:
        """Yields the passages, many at a time.

        Args:
            batch: The most passages in one tensor; fewer where they are long.

        Yields:
            String tensors of rank 1, in order.
        """
        mean_bytes = -(-self.path.stat().st_size // max(1, self.size)) or 1
        at_once = max(1, min(batch, _BYTES_AT_ONCE // mean_bytes))
        with self.path.open("rb") as stream:
            while lines := list(itertools.islice(stream, at_once)):
                yield tf.constant([line[:-1] for line in lines], tf.string)


class PassageWriter(contextlib.AbstractContextManager):
    """Writes the passages of one split; a context manager.

    Args:
        path: The file, which is written anew.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     with PassageWriter(Path(folder) / "train") as writer:
        ...         writer.write("It was a bright cold day.")
        ...         passages = writer.finish()
        ...     list(passages)
        ['It was a bright cold day.']
    """

    def __init__(self, path: Path) -> None:
        self._file = path.open("wb")
        self._path = path
        self._size = 0
        self._characters = 0

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def write(self, passage: str) -> None:
        """Appends one passage.

        Args:
            passage: Any text; a line feed in it becomes a space, half a surrogate pair U+FFFD.
        """
        self._file.write(mend_surrogates(passage).replace("\n", " ").encode() + b"\n")
        self._size += 1
        self._characters += len(passage)

    def finish(self) -> Passages:
        """Closes the file.

        Returns:
            What was written.
        """
        self._file.close()
        return Passages(self._path, self._size, self._characters)
