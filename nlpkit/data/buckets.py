"""A reproducible shuffle: examples sorted by a hash of their text.

The sort is external. Examples are distributed over files by the first bits of their hash; then each
file is read, sorted in memory and deleted. So a file that was sorted by label is mixed well, the
order of the input leaves no trace, copies of a text are neighbours, and memory holds one part in
`_BUCKETS` of the data.
"""

import contextlib
import hashlib
import itertools
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

from nlpkit.data.shards import encode_class

__all__ = ["HashSorter"]

_BUCKETS = 64
_HASH_BYTES = 8
_CLASS_BYTES = 4
_LENGTH_BYTES = 4


class HashSorter:
    """Takes examples in any order and gives them back in the order of their hashes.

    A context manager; its files are gone when it is left.

    Args:
        directory: An existing folder for the files.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder, HashSorter(Path(folder)) as sorter:
        ...     for text in (b"good", b"bad", b"good"):
        ...         sorter.add(text, 0)
        ...     [text for _, text, _ in sorter.sorted([7])]
        [b'good', b'good', b'bad']
    """

    def __init__(self, directory: Path) -> None:
        self._paths = [directory / f"bucket-{number:02d}" for number in range(_BUCKETS)]
        self._stack = contextlib.ExitStack()
        self._files: list[BinaryIO] = []

    def __enter__(self) -> "HashSorter":
        self._files = [self._stack.enter_context(path.open("wb")) for path in self._paths]
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()
        for path in self._paths:
            path.unlink(missing_ok=True)

    def add(self, text: bytes, mark: int) -> None:
        """Takes one example.

        Args:
            text: A text in UTF-8.
            mark: A number that stands for its label, from 0.
        """
        digest = hashlib.blake2b(text, digest_size=_HASH_BYTES).digest()
        size = len(text).to_bytes(_LENGTH_BYTES, "big")
        bucket = digest[0] * _BUCKETS // 256
        self._files[bucket].write(size + digest + encode_class(mark) + text)

    def groups(self, classes: Sequence[int]) -> Iterator[Counter[int]]:
        """Yields the copies of each text, counted, by hash; to be called before `sorted`.

        Args:
            classes: The class index that each mark stands for.

        Yields:
            How many examples of each class the text has.
        """
        for file in self._files:
            file.flush()
        for path in self._paths:
            heads = sorted((digest, mark) for digest, _, mark in _records(path.read_bytes()))
            for _, copies in itertools.groupby(heads, key=lambda head: head[0]):
                yield Counter(classes[mark] for _, mark in copies)

    def sorted(self, classes: Sequence[int]) -> Iterator[tuple[bytes, bytes, int]]:
        """Yields the examples by hash, then class, and deletes each file once it is used up.

        Args:
            classes: The class index that each mark stands for.

        Yields:
            `(hash, text, class index)`.
        """
        self._stack.close()
        for path in self._paths:
            yield from sorted(
                (digest, text, classes[mark]) for digest, text, mark in _records(path.read_bytes())
            )
            path.unlink()


def _records(data: bytes) -> Iterator[tuple[bytes, bytes, int]]:
    """Takes a file apart into `(hash, text, mark)`."""
    at = 0
    while at < len(data):
        digest = at + _LENGTH_BYTES
        mark = digest + _HASH_BYTES
        text = mark + _CLASS_BYTES
        end = text + int.from_bytes(data[at:digest], "big")
        yield data[digest:mark], data[text:end], int.from_bytes(data[mark:text], "big")
        at = end
