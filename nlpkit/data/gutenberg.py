"""What Project Gutenberg puts around a book: a header before it, and a licence after it.

*** START OF THE PROJECT GUTENBERG EBOOK WAR AND PEACE ***
… the book …
*** END OF THE PROJECT GUTENBERG EBOOK WAR AND PEACE ***
"""

import re
from collections.abc import Iterable, Iterator

__all__ = ["Wrapping"]

_MARKER = re.compile(r"\*\*\* ?(START|END) OF TH(?:E|IS) PROJECT GUTENBERG EBOOK\b", re.IGNORECASE)
# What is held back at most, since a header may end after it.
_LINES, _CHARACTERS = 1_000, 1 << 17


class Wrapping:
    """Leaves out what lies outside the markers; a text without them stays whole.

    Several books may follow one another. A text of which only the end is marked begins at once.

    Attributes:
        characters: How many were left out so far, line ends included.

    Example:
        >>> wrapping = Wrapping()
        >>> start = "*** START OF THE PROJECT GUTENBERG EBOOK EMMA ***"
        >>> list(wrapping.stripped(["Title: Emma", start, "Emma Woodhouse, handsome, clever,"]))
        ['Emma Woodhouse, handsome, clever,']
        >>> wrapping.characters
        62
    """

    def __init__(self) -> None:
        self.characters = 0

    def stripped(self, lines: Iterable[str]) -> Iterator[str]:
        """Reads lines.

        Args:
            lines: Lines without their ends.

        Yields:
            Those of the book.
        """
        held: list[str] = []
        room, inside = _CHARACTERS, True
        header = True  # whether the lines so far may be a header
        for line in lines:
            marker = _MARKER.match(line)
            if marker is None:
                if header:
                    held.append(line)
                    room -= len(line)
                    header = len(held) < _LINES and room > 0
                    if not header:
                        yield from held
                elif inside:
                    yield line
                else:
                    self._leave_out(line)
                continue
            inside = marker[1].upper() == "START"
            if header and inside:
                self._leave_out(*held)
            elif header:
                yield from held
            header = False
            self._leave_out(line)
        if header:
            yield from held

    def _leave_out(self, *lines: str) -> None:
        """Counts lines that are left out."""
        self.characters += sum(len(line) + 1 for line in lines)
