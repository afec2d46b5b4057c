"""Lines of a text file, decoded and numbered, one at a time."""

import codecs
import contextlib
import functools
import gzip
import io
import zlib
from collections import deque
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any, BinaryIO, cast

from nlpkit.data.files import File, unreadable
from nlpkit.data.recognition import SAMPLE, encoding_of_head, format_of, likely_encodings
from nlpkit.errors import InputError

__all__ = ["LONGEST", "codec_of", "read_lines"]

LONGEST = 1 << 26
"""The most characters of one line or one quoted field: what is longer is no table of texts."""

_NOT_OF_FILES = frozenset(["idna", "punycode", "raw-unicode-escape", "undefined", "unicode-escape"])

# A lone surrogate cannot come out of a valid file, so one character in a line tells that its bytes
# were invalid. Decoding goes on after it, which is how the line's number is known.
_INVALID = "\udcff"
codecs.register_error(
    "nlpkit.mark-invalid", lambda error: (_INVALID, cast(UnicodeDecodeError, error).end)
)


def read_lines(
    source: File | Path | BinaryIO,
    *,
    encoding: str = "utf-8",
    name: str | None = None,
    piece: int | None = None,
) -> Generator[tuple[int, str], None, None]:
    r"""Yields the lines of a file, gzipped or not, each with its number.

    Only "\n" ends a line, so "\r", "\x85" and U+2028 inside a text stay inside it; but in a file
    that begins with "\r" and without "\n" for 64 kB, as old Macs wrote, "\r" does. A byte order
    mark is dropped. No more than one line is held in memory.

    Args:
        source: The file or its path; what a name that ends in .gz holds is decompressed. Or an
            open stream of bytes, which stays open.
        encoding: Name of a Python text encoding.
        name: What errors call it; None for the path.
        piece: Characters after which a line without end is yielded in pieces, all under its number;
            None refuses a line that is longer than `LONGEST`.

    Yields:
        `(number, line)`, counted from 1; the line keeps its "\n" and a "\r" before it.

    Raises:
        InputError: If the file cannot be read, is damaged, is of a format other than text, or
            holds bytes that are not text in `encoding`; or if the encoding is unknown, or a line
            is longer than `LONGEST`.

    Example:
        >>> list(read_lines(io.BytesIO(b"one\ntwo")))
        [(1, 'one\n'), (2, 'two')]
    """
    source = File.at(source) if isinstance(source, Path) else source
    name = name or str(getattr(source, "name", source))
    codec = codec_of(encoding)
    number, ended = 0, True
    try:
        with _open(source) as stream:
            head = _head(stream)
            _refuse_other_formats(name, head, encoding, codec)
            end = _line_end(head, codec) if isinstance(source, File) else "\n"
            watched = _Watched(stream)
            with _decoded(watched, codec, end) as text:
                for line in iter(functools.partial(text.readline, piece or LONGEST), ""):
                    number += ended
                    ended = line.endswith(end)
                    if _INVALID in line:
                        raise InputError(_complaint(name, number, encoding, codec, watched.sample))
                    if len(line) == LONGEST and piece is None:
                        raise InputError(
                            f"{name}, line {number}: the line is longer than {LONGEST:,} "
                            "characters."
                        )
                    if end == "\r" and ended:
                        line = line[:-1] + "\n"
                    yield number, line
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        file = cast(File, source)  # only files are unzipped
        raise InputError(_complaint_of_gzip(name, file, number, error)) from None
    except UnicodeError:  # No handler hears of a missing byte order mark.
        raise InputError(_complaint(name, number + 1, encoding, codec, watched.sample)) from None
    except OSError as error:
        raise unreadable(name, error) from None


def _open(source: File | BinaryIO) -> contextlib.AbstractContextManager[BinaryIO]:
    """The bytes of a file, which is closed at the end, or of a stream, which is not."""
    return source.open() if isinstance(source, File) else contextlib.nullcontext(source)


def _head(stream: BinaryIO) -> bytes:
    """The first bytes of a stream, which are read again; none of a stream that cannot do so."""
    return stream.peek(SAMPLE) if hasattr(stream, "peek") else b""


class _Watched:
    """A stream of bytes that remembers the last it gave, for the diagnosis of what is no text."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self._given = 0
        self._last: deque[bytes] = deque(maxlen=2)

    def read1(self, size: int) -> bytes:
        """Reads on."""
        self._last.append(self._stream.read1(size))
        self._given += 1
        return self._last[-1]

    @property
    def sample(self) -> tuple[bytes, bool]:
        """What was last read, and whether that is all that was read."""
        return b"".join(self._last), self._given <= len(self._last)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def _refuse_other_formats(name: str, head: bytes, encoding: str, codec: str) -> None:
    """Refuses what its first bytes show to be no text, or text in another encoding."""
    if other_format := format_of(head):
        what, cure = other_format
        raise InputError(f"{name}: this is not text but {what}; {cure}.")
    told = encoding_of_head(head)
    if told is not None and not codec.startswith(told[: len("utf-16")]):
        raise InputError(f"{name}: this is text in {told}, not in {encoding}; {_cure([told])}.")


def _line_end(head: bytes, codec: str) -> str:
    """What ends a line of the file that begins so: "\\r" only where there is no "\\n"."""
    try:
        text = codecs.getincrementaldecoder(codec)("replace").decode(head)
    except UnicodeError:  # A missing byte order mark is told when the file is read.
        text = ""
    return "\r" if "\r" in text[:-1] and "\n" not in text else "\n"


def _complaint_of_gzip(name: str, file: File, number: int, error: Exception) -> str:
    """The sentence about data that gzip does not take."""
    with file.raw() as stream:
        what, _ = format_of(stream.read(SAMPLE)) or ("not a gzip file", "")
    if what == "gzip data":
        return f"{name}: the gzip data are damaged after line {number} ({error})."
    return f"{name}: this is {what}; its name ends in .gz."


def codec_of(encoding: str) -> str:
    """The one name of an encoding that files are written in.

    Args:
        encoding: Any of its names.

    Returns:
        Python's name of it.

    Raises:
        InputError: If there is no such encoding, or files are not written in it.

    Example:
        >>> codec_of("Latin-1"), codec_of("uhc")
        ('iso8859-1', 'cp949')
    """
    try:
        codec = codecs.lookup(encoding).name
        if codec in _NOT_OF_FILES:
            raise LookupError(encoding)
        io.TextIOWrapper(io.BytesIO(), encoding=codec)  # refuses codecs of bytes, such as base64
    except (LookupError, ValueError):
        raise InputError(
            f"`--encoding` must name a text encoding such as utf-8 or cp949, got {encoding!r}."
        ) from None
    return codec


@contextlib.contextmanager
def _decoded(stream: _Watched, codec: str, end: str) -> Iterator[io.TextIOWrapper]:
    """The text in a stream: invalid bytes are marked, and no line end is translated."""
    text = io.TextIOWrapper(
        stream,
        encoding="utf-8-sig" if codec == "utf-8" else codec,
        errors="nlpkit.mark-invalid",
        newline=end,
    )
    try:
        yield text
    finally:
        text.detach()  # else it would close the stream


def _complaint(
    name: str, number: int, encoding: str, codec: str, sample: tuple[bytes, bool]
) -> str:
    """The sentence about bytes that are not text, with the encodings that may be right."""
    data, start = sample
    wrong = f"{name}, line {number}: the bytes are not valid {encoding}"
    used = codec.removesuffix("-sig")
    likely = likely_encodings(data, start=start)
    if used in likely:
        return f"{wrong}, though those around them are; mend or delete the line."
    if not likely:
        return f"{wrong}, nor text in any usual encoding; give plain text."
    return f"{wrong}; {_cure(likely)}."


def _cure(encodings: list[str]) -> str:
    """How to name an encoding."""
    examples = " or ".join(f"`--encoding {name}`" for name in encodings)
    return f"name the file's encoding with `--encoding`, for example {examples}"
