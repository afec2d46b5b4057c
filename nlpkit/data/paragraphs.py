"""Text split into passages: one line each, and short enough to be read in one go."""

import itertools
from collections.abc import Iterable, Iterator

__all__ = ["FEWEST_PARTS", "LONGEST_PASSAGE", "cut", "longest_in", "one_line", "paragraphs"]

LONGEST_PASSAGE = 4000
"""The most characters of a passage; longer ones are cut at white space."""
FEWEST_PARTS = 40
"""The passages that a text should give, so that a twentieth of them is one at least."""
_SHORTEST = 80


def longest_in(characters: int) -> int:
    """The most characters of a passage of a text; in a short one, no split stays empty.

    Args:
        characters: Those of the whole text.

    Returns:
        The length at which passages are cut.

    Example:
        >>> longest_in(300), longest_in(8_000), longest_in(1_000_000)
        (80, 200, 4000)
    """
    return max(_SHORTEST, min(LONGEST_PASSAGE, characters // FEWEST_PARTS))


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
