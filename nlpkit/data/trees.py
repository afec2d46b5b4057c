"""The files below a folder or in a .zip, which is read in place: nothing is unpacked to disk."""

import contextlib
import dataclasses
import errno
import functools
import io
import lzma
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO, cast

from nlpkit.data.files import File, unreadable
from nlpkit.data.recognition import likely_encodings
from nlpkit.errors import InputError

__all__ = ["Tree", "open_tree"]

_SMALL = 1 << 28
_DENSEST = 100
_UTF_8_NAME = 0x800  # the flag of a member whose name is in UTF-8
_ENCRYPTED = 0x1

# What zipfile raises where the tables of an archive are damaged.
_NO_ARCHIVE = (zipfile.BadZipFile, NotImplementedError, ValueError, EOFError, struct.error)


@dataclasses.dataclass(frozen=True)
class Tree:
    """Files by their path below a common root.

    Attributes:
        name: The folder or archive, as errors call it.
        paths: Paths of its files, parts joined by "/", sorted; hidden ones are left out.
        opener: Opens the file of a path.
    """

    name: str
    paths: tuple[str, ...]
    opener: Callable[[str], BinaryIO]

    def file(self, path: str) -> File:
        """One of its files.

        Args:
            path: One of `paths`.

        Returns:
            The file.
        """
        return File(f"{self.name}/{path}", functools.partial(self.opener, path))


def open_tree(path: Path, name: str | None = None) -> Tree:
    """Lists what is below a folder, or in a .zip.

    Args:
        path: The folder or the archive.
        name: What errors call it; None for the path.

    Returns:
        The tree.

    Raises:
        InputError: If a file or folder cannot be read or is not a valid .zip, a member is encrypted
            or its path leads out of the archive, or the archive unpacks to far more than text does.
    """
    name = str(path).rstrip("/") if name is None else name.rstrip("/")
    try:
        if path.is_dir():
            paths = (entry.relative_to(path).as_posix() for entry in _below(path))
            return Tree(name, _visible(paths), lambda part: (path / part).open("rb", buffering=0))
        archive = zipfile.ZipFile(path)
    except OSError as error:
        raise unreadable(str(error.filename or name), error) from None
    except _NO_ARCHIVE as error:
        raise InputError(f"{name}: this is not a valid .zip file ({error}).") from None
    members = [member for member in archive.infolist() if not member.is_dir()]
    _refuse_unsafe(name, path, members)
    by_path = dict(zip(_spelt(name, members), members, strict=True))
    return Tree(
        name, _visible(by_path), lambda part: cast(BinaryIO, _Member(archive, by_path[part]))
    )


class _Member(io.RawIOBase):
    """A member of an archive; damage raises OSError, as it does in other files."""

    def __init__(self, archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> None:
        try:
            self._stream = archive.open(member)
        except _NO_ARCHIVE as error:
            raise InputError(
                f"{archive.filename}: {member.filename!r} cannot be unpacked ({error}); unpack the "
                "archive, and give the folder."
            ) from None

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        with _damage():
            data = self._stream.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        with _damage():
            return self._stream.seek(offset, whence)

    def tell(self) -> int:
        return self._stream.tell()

    def close(self) -> None:
        if not self.closed:
            self._stream.close()
        super().close()


@contextlib.contextmanager
def _damage() -> Iterator[None]:
    """Raises damage as OSError."""
    try:
        yield
    except (zlib.error, lzma.LZMAError, zipfile.BadZipFile, EOFError) as error:
        raise OSError(errno.EIO, f"the archive is damaged: {error}") from None


def _below(folder: Path, around: frozenset[Path] = frozenset()) -> Iterator[Path]:
    """The files below a folder; links are followed, but not back into a folder around them."""
    here = folder.resolve()
    if here in around:
        return
    for entry in folder.iterdir():
        if entry.name.startswith("."):
            continue
        if entry.is_dir():
            yield from _below(entry, around | {here})
        elif entry.is_file():
            yield entry


def _visible(paths: Iterable[str]) -> tuple[str, ...]:
    """The paths, sorted, without hidden files."""
    return tuple(
        sorted(
            path
            for path in paths
            if not any(part[0] == "." or part == "__MACOSX" for part in path.split("/"))
        )
    )


def _refuse_unsafe(name: str, path: Path, members: list[zipfile.ZipInfo]) -> None:
    """Refuses encrypted members, and archives that unpack to far more than text does."""
    for member in members:
        if member.flag_bits & _ENCRYPTED:
            raise InputError(f"{name}: {member.filename!r} is encrypted; unpack the archive first.")
    size, packed = sum(member.file_size for member in members), path.stat().st_size
    if size > max(_SMALL, _DENSEST * packed):
        raise InputError(
            f"{name}: an archive must unpack to at most {_DENSEST} times its size, got "
            f"{size:,} bytes from {packed:,}; unpack it yourself if you trust it."
        )


def _spelt(name: str, members: list[zipfile.ZipInfo]) -> Iterator[str]:
    """The members' paths; names not marked as UTF-8 are decoded in their likely encoding."""
    marked = [member.flag_bits & _UTF_8_NAME for member in members]
    raw = [member.filename.encode("utf-8" if mark else "cp437", "replace")
           for member, mark in zip(members, marked, strict=True)]  # fmt: skip
    unmarked = b"\n".join(data for data, mark in zip(raw, marked, strict=True) if not mark)
    likely = [*likely_encodings(unmarked, start=True), "cp437"]
    encoding = next(each for each in likely if _decodes(unmarked, each))
    for data, mark in zip(raw, marked, strict=True):
        path = data.decode("utf-8" if mark else encoding).replace("\\", "/")
        parts = PurePosixPath(path).parts
        if not parts or parts[0] == "/" or ".." in parts or ":" in parts[0]:
            raise InputError(
                f"{name}: the archive holds {path!r}, which leads out of it; do not trust it."
            )
        yield "/".join(parts)


def _decodes(data: bytes, encoding: str) -> bool:
    """Whether bytes are text in an encoding."""
    try:
        data.decode(encoding)
    except UnicodeError:
        return False
    return True
