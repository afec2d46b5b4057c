"""Text split into passages: one line each, and short enough to be read in one go."""

import itertools
from collections.abc import Iterable, Iterator

__all__ = ["LONGEST_PASSAGE", "cut", "one_line", "paragraphs"]

LONGEST_PASSAGE = 4000
"""The most characters of a passage; longer ones are cut at white space."""


def one_line(text: str) -> str:
    r"""Makes each run of white space one space, and drops it at both ends.

    Args:
        text: Any text.

    Returns:
        The text on one line.

    Example:
        >>> one_line("  It was\n\ta day. ")
        'It was a day.'
    """
    return " ".join(text.split())


def paragraphs(lines: Iterable[str], *, longest: int = LONGEST_PASSAGE) -> Iterator[str]:
    """Joins the lines between blank lines.

    Args:
        lines: Lines, with or without their line ends.
        longest: The most characters of a paragraph; a longer one is cut.

    Yields:
        Each paragraph on one line.

    Example:
        >>> list(paragraphs(["It was", "a day.", "", "", "It rained."]))
        ['It was a day.', 'It rained.']
    """
    text = ""
    for line in itertools.chain(lines, [""]):
        words = one_line(line)
        if words:
            *pieces, text = cut(f"{text} {words}" if text else words, longest=longest)
            yield from pieces
        elif text:
            yield text
            text = ""


def cut(text: str, *, longest: int = LONGEST_PASSAGE) -> list[str]:
    """Cuts a long text at white space, or anywhere where there is none.

    Args:
        text: A text on one line.
        longest: The most characters of a piece, at least 1.

    Returns:
        The pieces, at least one; what they were cut at is left out.

    Example:
        >>> cut("It was a bright cold day.", longest=12)
        ['It was a', 'bright cold', 'day.']
    """
    pieces, at = [], 0
    while len(text) - at > longest:
        space = text.rfind(" ", at + 1, at + longest + 1)
        end = space if space > 0 else at + longest
        pieces.append(text[at:end])
        at = end + (space > 0)
    return [*pieces, text[at:]]
