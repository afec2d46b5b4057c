"""Plain text: which of three forms it has, and the text as passages.

    running text    blank lines between paragraphs, as in a book: each paragraph is a passage
    lines           one text per line: each line that is not blank is a passage
    pre-tokenised   it has been cut into words, with <unk> for rare ones, as the Penn Treebank's
                    language model corpus (see `nlpkit.text.words.detection`): each line, blank or
                    not, is a passage, unchanged

The whole file is read once to tell which form it has; the passages come from a second reading.
Several files are read one after the other, a blank line between them.
What Project Gutenberg puts around a book is no part of the text (`nlpkit.data.gutenberg`).
"""

import dataclasses
from collections.abc import Iterator

from nlpkit.data.files import File
from nlpkit.data.gutenberg import Wrapping
from nlpkit.data.lines import read_lines
from nlpkit.data.paragraphs import LONGEST_PASSAGE, cut, one_line, paragraphs
from nlpkit.errors import InputError
from nlpkit.text.words.detection import PretokenizedDetector

__all__ = ["PlainText", "Survey", "read_passages", "survey"]

_BREAKS = 0.02
_LONG_LINE = 2000
_PIECE = 1 << 18


@dataclasses.dataclass(frozen=True)
class PlainText:
    """Files of plain text that are read as one.

    Attributes:
        name: What errors call them.
        files: The files, in order.
        encoding: Their encoding.
        guesses: What was guessed to read them, in a few words each.
    """

    name: str
    files: tuple[File, ...]
    encoding: str = "utf-8"
    guesses: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True)
class Survey:
    """What one look at all of a text tells.

    Attributes:
        form: "running text", "lines" or "pre-tokenised".
        size: Characters of all its passages, and one more for each.
    """

    form: str
    size: int


def survey(text: PlainText) -> Survey:
    """Looks a text through.

    It is running text if blank lines stand before one in fifty of its lines or more, or if its
    lines have thousands of characters.

    Args:
        text: The text.

    Returns:
        Its form and its size.

    Raises:
        InputError: If the file cannot be read, is no text, or holds white space alone.
    """
    detector = PretokenizedDetector()
    lines = breaks = raw = joined = 0
    blank = False
    for line in Wrapping().stripped(_lines(text, between=True)):
        raw += len(line) + 1
        words = line.split()
        if words:
            breaks += blank and lines > 0
            lines += 1
            joined += len(" ".join(words)) + 1
            detector.add(line)
        blank = not words
    if detector.detected:
        return Survey("pre-tokenised", raw)
    running = breaks >= _BREAKS * lines or joined >= _LONG_LINE * lines
    return Survey("running text" if running else "lines", joined)


def read_passages(
    text: PlainText,
    form: str,
    *,
    longest: int = LONGEST_PASSAGE,
    wrapping: Wrapping | None = None,
) -> Iterator[tuple[str, str]]:
    """Yields the passages of a text.

    Args:
        text: The text.
        form: "running text", "lines" or "pre-tokenised".
        longest: The most characters of a passage; a longer one is cut, unless it is pre-tokenised.
        wrapping: Counts what is left out; None to discard the count.

    Yields:
        `(unit, passage)`: the unit is the text that the passage is a part of.

    Raises:
        InputError: As `survey` does.
    """
    # There, a blank line is a passage.
    parts = _lines(text, between=form != "pre-tokenised")
    lines = (wrapping or Wrapping()).stripped(parts)
    if form == "pre-tokenised":
        yield from ((line, line) for line in lines)
    elif form == "running text":
        yield from ((passage, passage) for passage in paragraphs(lines, longest=longest))
    else:
        for line in filter(None, map(one_line, lines)):
            yield from ((line, passage) for passage in cut(line, longest=longest))


def _lines(text: PlainText, *, between: bool) -> Iterator[str]:
    """The lines of all files without their ends, a blank one between two files or not."""
    blank, seen = True, 0
    for index, file in enumerate(text.files):
        if index and between:
            yield ""
        for line in _lines_of(file, text.encoding):
            blank, seen = blank and not line.strip(), seen + 1
            yield line
    if not seen:
        raise InputError(f"{text.name}: the file is empty.")
    if blank:
        raise InputError(f"{text.name}: there is nothing but white space in the file.")


def _lines_of(file: File, encoding: str) -> Iterator[str]:
    """The lines of a file; one that does not end soon is cut at white space."""
    rest = ""
    for number, piece in read_lines(file, encoding=encoding, piece=_PIECE):
        if "\0" in piece:
            raise InputError(
                f"{file.name}, line {number}: there is a NUL character, so the file is no text in "
                f"{encoding}; give plain text, or name its encoding with `--encoding`."
            )
        line = rest + piece.removesuffix("\n").removesuffix("\r")
        goes_on = len(piece) == _PIECE and not piece.endswith("\n")
        space = line.rfind(" ") if goes_on else -1
        line, rest = (line[:space], line[space:]) if space > 0 else (line, "")
        yield line
    if rest:
        yield rest
