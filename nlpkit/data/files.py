"""A file to be read, wherever it lies: in a folder or in an archive."""

import contextlib
import dataclasses
import gzip
import io
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath
from typing import BinaryIO, cast

from nlpkit.data.recognition import SAMPLE
from nlpkit.errors import InputError

__all__ = ["File", "ending", "unreadable"]


@dataclasses.dataclass(frozen=True)
class File:
    """A file that is not open yet.

    Attributes:
        name: What errors call it; a name that ends in .gz is that of compressed data.
        raw: Opens its bytes as they are.
    """

    name: str
    raw: Callable[[], BinaryIO]

    @classmethod
    def at(cls, path: Path) -> "File":
        """The file at a path.

        Args:
            path: Where it lies.

        Returns:
            The file, whether it exists or not.
        """
        return cls(str(path), lambda: path.open("rb", buffering=0))

    @property
    def packed(self) -> bool:
        """Whether its name says that it is compressed."""
        return self.name.lower().endswith(".gz")

    @property
    def ending(self) -> str:
        """See `ending`."""
        return ending(self.name)

    @contextlib.contextmanager
    def open(self) -> Iterator[io.BufferedReader]:
        """Opens what it holds, decompressed.

        Yields:
            A stream of bytes that can be peeked into.
        """
        with contextlib.ExitStack() as stack:
            stream = stack.enter_context(self.raw())
            if self.packed:
                stream = stack.enter_context(cast(BinaryIO, gzip.GzipFile(fileobj=stream)))
            yield io.BufferedReader(cast(io.RawIOBase, stream), SAMPLE)


def ending(name: str) -> str:
    """What the name of a file ends in.

    Args:
        name: The name, or a path.

    Returns:
        The ending in lower case, without its dot; that before .gz. "" if there is none.

    Example:
        >>> ending("data/Reviews.CSV.gz"), ending("csv")
        ('csv', '')
    """
    path = PurePosixPath(name.lower().removesuffix(".gz"))
    return path.suffix.removeprefix(".")


def unreadable(name: str, error: OSError) -> InputError:
    """Says that the system does not give what a file or a folder holds.

    Args:
        name: What errors call the file or folder.
        error: What the system says.

    Returns:
        The error to raise.

    Example:
        >>> unreadable("reviews.csv", FileNotFoundError())
        InputError('reviews.csv: there is no such file.')
    """
    match error:
        case FileNotFoundError():
            return InputError(f"{name}: there is no such file.")
        case IsADirectoryError():
            return InputError(f"{name}: this is a folder; give a file.")
    return InputError(f"{name}: this cannot be read ({error.strerror or error}).")
