"""Lines of a text file, decoded and numbered, one at a time."""

import codecs
import contextlib
import functools
import gzip
import io
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from nlpkit.errors import InputError

__all__ = ["LONGEST", "read_lines"]

LONGEST = 1 << 26
"""The most characters of one line or one quoted field: what is longer is no table of texts."""

_GZIP = b"\x1f\x8b"
_NOT_OF_FILES = frozenset(["idna", "punycode", "raw-unicode-escape", "undefined", "unicode-escape"])

# A lone surrogate cannot come out of a sound file, so one character in a line tells that its bytes
# were invalid. Decoding goes on after it, which is how the line's number is known.
_INVALID = "\udcff"


def _marked(invalid: bytes) -> str:
    """What stands in a line for bytes that are not text: the mark, and what each byte was."""
    return _INVALID + "".join(chr(0xDC00 + byte) for byte in invalid)


codecs.register_error(
    "nlpkit.mark-invalid",
    lambda error: (_marked(error.object[error.start : error.end]), error.end),
)
_UTF_16_MARKS = tuple(
    _marked(mark[:1]) + _marked(mark[1:]) for mark in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
)


def read_lines(
    source: Path | BinaryIO,
    *,
    encoding: str = "utf-8",
    name: str | None = None,
    piece: int | None = None,
) -> Iterator[tuple[int, str]]:
    r"""Yields the lines of a file, gzipped or not, each with its number.

    Only "\n" ends a line, so "\r", "\x85" and U+2028 inside a text stay inside it. A byte order
    mark is dropped. No more than one line is held in memory.

    Args:
        source: The file; a name that ends in .gz is decompressed. Or an open stream of bytes, which
            stays open.
        encoding: Name of a Python text encoding.
        name: What errors call it; None for the path.
        piece: Characters after which a line without end is yielded in pieces, all under its number;
            None refuses a line that is longer than `LONGEST`.

    Yields:
        `(number, line)`, counted from 1; the line keeps its "\n" and a "\r" before it.

    Raises:
        InputError: If the file cannot be read, is damaged, or holds bytes that are not text in
            `encoding`; or if the encoding is unknown, or a line is longer than `LONGEST`.

    Example:
        >>> list(read_lines(io.BytesIO(b"one\ntwo")))
        [(1, 'one\n'), (2, 'two')]
    """
    name = str(source) if name is None else name
    number, ended = 0, True
    try:
        with _open(source) as stream, _decoded(stream, encoding) as text:
            for line in iter(functools.partial(text.readline, piece or LONGEST), ""):
                number += ended
                ended = line.endswith("\n")
                if _INVALID in line:
                    raise InputError(_complaint(name, number, line, encoding))
                if len(line) == LONGEST and piece is None:
                    raise InputError(
                        f"{name}, line {number}: the line is longer than {LONGEST:,} characters."
                    )
                yield number, line
    except FileNotFoundError:
        raise InputError(f"{name}: there is no such file.") from None
    except IsADirectoryError:
        raise InputError(f"{name}: this is a folder; give a file.") from None
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        if not _is_gzip(source):
            raise InputError(f"{name}: this is not a gzip file; its name ends in .gz.") from None
        raise InputError(
            f"{name}: the gzip data are damaged after line {number} ({error})."
        ) from None
    except UnicodeError:  # No handler hears of a missing byte order mark.
        raise InputError(_complaint(name, number + 1, "", encoding)) from None
    except OSError as error:
        raise InputError(f"{name}: the file cannot be read ({error.strerror}).") from None


def _open(source: Path | BinaryIO) -> contextlib.AbstractContextManager[BinaryIO]:
    """The bytes of a file, which is closed at the end, or of a stream, which is not."""
    if not isinstance(source, Path):
        return contextlib.nullcontext(source)
    return gzip.open(source) if source.suffix.lower() == ".gz" else source.open("rb")


def _is_gzip(source: Path) -> bool:
    """Whether a file begins as those of gzip do."""
    with source.open("rb") as stream:
        return stream.read(len(_GZIP)) == _GZIP


def _codec(encoding: str) -> str:
    """The one name of an encoding that files are written in; a LookupError at any other."""
    codec = codecs.lookup(encoding).name
    if codec in _NOT_OF_FILES:
        raise LookupError(encoding)
    return codec


@contextlib.contextmanager
def _decoded(stream: BinaryIO, encoding: str) -> Iterator[io.TextIOWrapper]:
    """The text in a stream: invalid bytes are marked, and no line end is translated."""
    try:
        codec = _codec(encoding)
        text = io.TextIOWrapper(
            stream,
            encoding="utf-8-sig" if codec == "utf-8" else codec,
            errors="nlpkit.mark-invalid",
            newline="\n",
        )
    except (LookupError, ValueError):
        raise InputError(
            f"`--encoding` must name a text encoding such as utf-8 or cp949, got {encoding!r}."
        ) from None
    try:
        yield text
    finally:
        text.detach()  # else it would close the stream


def _complaint(name: str, number: int, line: str, encoding: str) -> str:
    """The sentence about bytes that are not text, with the encodings that may be right."""
    if number == 1 and line.startswith(_UTF_16_MARKS):
        likely = ["utf-16"]
    else:
        used = _codec(encoding).removesuffix("-sig")
        likely = [other for other in ("utf-8", "cp949") if other != used]
    examples = " or ".join(f"`--encoding {other}`" for other in likely)
    return (
        f"{name}, line {number}: the bytes are not valid {encoding}; "
        f"name the file's encoding with `--encoding`, for example {examples}."
    )
