r"""Finds out in which encoding files of text are written.

    a byte order mark           decides
    every other byte is zero    UTF-16 without a mark
    all of it is valid UTF-8    UTF-8
    else                        cp949 if the bytes around the first fault decode to Hangul, cp1252
                                (or latin-1, its part) if they decode to what Western European texts
                                hold; and if the whole of it decodes

A text in which one byte is wrong stays UTF-8, and so does what looks like nothing or like several
encodings: reading it fails at the line, and the error says which encodings may be meant.
"""

import codecs
import re
import zlib
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from nlpkit.data.files import File
from nlpkit.data.recognition import SAMPLE, encoding_of_head, format_of, likely_encodings

__all__ = ["DetectedEncoding", "find_encoding"]

_UTF_8 = "utf-8"
_KOREAN, _LATIN = "cp949", "cp1252"
# What Western European texts hold beyond ASCII, as far as others do not hold it more often.
_WESTERN = re.compile("[àâäãåáæçéèêëíìîïñóòôöõøœßúùûüÀÂÄÃÅÁÆÇÉÈÊËÍÌÎÏÑÓÒÔÖÕØŒÚÙÛÜ"
                      "ªº‘’‚“”„–—…•€£«»‹›¿¡°©®™·½¼¾²³§´\xa0]")  # fmt: skip
# Symbols amid a word are letters of another encoding.
_AMID_WORD = re.compile(r"[^\W\d_][¡¿³²¼½¾£§°©®][^\W\d_]")
_SHARE = 0.9
_CONTROLS = re.compile(rb"[\x80-\x9f]")  # of latin-1; letters and marks of cp1252


class DetectedEncoding(NamedTuple):
    """The encoding of files.

    Attributes:
        name: Its name.
        guessed: Whether it is a guess: neither a mark nor valid UTF-8 tells it.
    """

    name: str = _UTF_8
    guessed: bool = False


def find_encoding(files: Iterable[File]) -> DetectedEncoding:
    """Reads files through, as far as is needed to tell the one encoding that they have.

    Args:
        files: The files; they are opened one after the other.

    Returns:
        The encoding; UTF-8 where a file cannot be read or is no text, which reading will tell.
    """
    files = tuple(files)
    try:
        return _find(files)
    except (OSError, EOFError, zlib.error):
        return DetectedEncoding()


def _find(files: tuple[File, ...]) -> DetectedEncoding:
    """The encoding of files that can be read."""
    fault: _Fault | None = None
    for file in files:
        with file.open() as stream:
            head = stream.peek(SAMPLE)
        if format_of(head):
            return DetectedEncoding()
        if told := encoding_of_head(head):
            return DetectedEncoding(told, guessed=not told.endswith(("16", "32")))
        sure, here = _first_fault(file)
        if sure:
            return DetectedEncoding()
        fault = fault or here
    return _beyond_utf_8(files, fault) if fault else DetectedEncoding()


class _Fault(NamedTuple):
    """What stands around bytes that are not UTF-8, and whether the file begins with it."""

    sample: bytes
    start: bool


def _first_fault(file: File) -> tuple[bool, _Fault | None]:
    """Whether a block is UTF-8 beyond ASCII, which settles it; else the first bytes that are not.

    Reading ends with either of them.
    """
    decoder = codecs.getincrementaldecoder(_UTF_8)()
    before, start = b"", True
    with file.open() as stream:
        while block := stream.read(SAMPLE):
            try:
                if not decoder.decode(block).isascii():
                    return True, None
            except UnicodeError:
                return False, _Fault(before + block + stream.read(SAMPLE), start)
            before, start = block, not before and start
    try:
        decoder.decode(b"", final=True)
    except UnicodeError:
        return False, _Fault(before, start)
    return False, None


def _beyond_utf_8(files: tuple[File, ...], fault: _Fault) -> DetectedEncoding:
    """The one encoding that the text around a fault looks like, if all files decode."""
    encoding, *others = [*likely_encodings(fault.sample, start=fault.start), ""]
    sure = encoding == _KOREAN or (encoding == _LATIN and _is_western(fault.sample))
    if others != [""] or not sure:
        return DetectedEncoding()
    controls = False
    for file in files:
        decoder = codecs.getincrementaldecoder(encoding)()
        for block in _blocks(file):
            controls = controls or bool(_CONTROLS.search(block))
            try:
                decoder.decode(block, final=not block)
            except UnicodeError:
                return DetectedEncoding()
    return DetectedEncoding(
        "latin-1" if encoding == _LATIN and not controls else encoding, guessed=True
    )


def _blocks(file: File) -> Iterator[bytes]:
    """The bytes of a file, and an empty block at its end."""
    with file.open() as stream:
        while block := stream.read(SAMPLE):
            yield block
    yield b""


def _is_western(sample: bytes) -> bool:
    """Whether what a sample holds beyond ASCII is what Western European texts hold."""
    text = sample.decode(_LATIN, "replace")
    beyond = [c for c in text if not c.isascii()]
    western = sum(map(bool, map(_WESTERN.match, beyond))) - len(_AMID_WORD.findall(text))
    return western >= _SHARE * len(beyond)
