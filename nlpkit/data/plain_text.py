"""A .txt: which of three forms its text has, and the text as passages.

    running text    blank lines between paragraphs, as in a book: each paragraph is a passage
    lines           one text a line: each line that is not blank is a passage
    pre-tokenised   it has been cut into words, with <unk> for rare ones, as the Penn Treebank's
                    language model corpus (see `nlpkit.text.words.detection`): each line, blank or
                    not, is a passage, unchanged

Which one is found out by reading the whole file once; the passages come from a second reading.
What Project Gutenberg puts around a book is no part of the text (`nlpkit.data.gutenberg`).
"""

import dataclasses
from collections.abc import Iterator

from nlpkit.data.gutenberg import Wrapping
from nlpkit.data.lines import read_lines
from nlpkit.data.paragraphs import LONGEST_PASSAGE, cut, one_line, paragraphs
from nlpkit.data.spec import Spec
from nlpkit.errors import InputError
from nlpkit.text.words.detection import PretokenizedDetector

__all__ = ["Survey", "read_passages", "survey"]

_BREAKS = 0.02
_LONG_LINE = 2000
_PIECE = 1 << 18


@dataclasses.dataclass(frozen=True)
class Survey:
    """What one look at a whole file tells.

    Attributes:
        form: "running text", "lines" or "pre-tokenised".
        size: Characters of all its passages, and one more for each.
    """

    form: str
    size: int


def survey(spec: Spec, *, encoding: str = "utf-8") -> Survey:
    """Looks a .txt through.

    It is running text if blank lines stand before one in fifty of its lines or more, or if its
    lines have thousands of characters.

    Args:
        spec: A parsed SPEC of a .txt.
        encoding: Name of a Python text encoding.

    Returns:
        Its form and its size.

    Raises:
        InputError: If the file cannot be read, is no text, or holds white space alone.
    """
    detector = PretokenizedDetector()
    lines = breaks = raw = joined = 0
    blank = False
    for line in Wrapping().stripped(_lines(spec, encoding)):
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
    spec: Spec,
    form: str,
    *,
    encoding: str = "utf-8",
    longest: int = LONGEST_PASSAGE,
    wrapping: Wrapping | None = None,
) -> Iterator[tuple[str, str]]:
    """Yields the passages of a .txt.

    Args:
        spec: A parsed SPEC of a .txt.
        form: "running text", "lines" or "pre-tokenised".
        encoding: Name of a Python text encoding.
        longest: The most characters of a passage; a longer one is cut, unless it is pre-tokenised.
        wrapping: Counts what is left out; None if nobody asks.

    Yields:
        `(unit, passage)`: the unit is the text that the passage is a part of.

    Raises:
        InputError: As `survey` does.
    """
    lines = (wrapping or Wrapping()).stripped(_lines(spec, encoding))
    if form == "pre-tokenised":
        yield from ((line, line) for line in lines)
    elif form == "running text":
        yield from ((passage, passage) for passage in paragraphs(lines, longest=longest))
    else:
        for line in filter(None, map(one_line, lines)):
            yield from ((line, passage) for passage in cut(line, longest=longest))


def _lines(spec: Spec, encoding: str) -> Iterator[str]:
    """The lines without their ends; one that does not end soon is cut at white space."""
    number, rest, blank = 0, "", True
    for number, piece in read_lines(spec.file, encoding=encoding, piece=_PIECE):
        if "\0" in piece:
            raise InputError(
                f"{spec.text}, line {number}: there is a NUL character, so the file is no text in "
                f"{encoding}; give plain text, or name its encoding with `--encoding`."
            )
        line = rest + piece.removesuffix("\n").removesuffix("\r")
        goes_on = len(piece) == _PIECE and not piece.endswith("\n")
        space = line.rfind(" ") if goes_on else -1
        line, rest = (line[:space], line[space:]) if space > 0 else (line, "")
        blank = blank and not line.strip()
        yield line
    if rest:
        yield rest
    if number == 0:
        raise InputError(f"{spec.text}: the file is empty.")
    if blank:
        raise InputError(f"{spec.text}: there is nothing but white space in the file.")
