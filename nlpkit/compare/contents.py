"""What a benchmark says of its results: paragraphs, tables and notes, for a terminal or a page."""

import textwrap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from rich.cells import cell_len

from nlpkit.reports.table import columns

__all__ = [
    "Content",
    "Notes",
    "Table",
    "counted",
    "in_words",
    "paragraph",
    "printed",
    "seeds_in_words",
]

_NARROWEST = 20


@dataclass(frozen=True)
class Table:
    """A table with a title.

    Attributes:
        title: A sentence above the table.
        heads: The head of each column, in two short lines.
        rows: The cells of each row as text, by the name of the row.

    Example:
        >>> heads, rows = [("Keras", "LSTM"), ("", "floor")], {"8,20,16,16": ["1.2", "0.3"]}
        >>> table = Table("Forward, ms:", heads, rows)
        >>> print(*table.lines(40), sep="\\n")
        Forward, ms:
                   Keras
                    LSTM floor
        8,20,16,16   1.2   0.3
        >>> print(*table.lines(20), sep="\\n")
        Forward, ms:
        8,20,16,16
          Keras LSTM: 1.2
          floor: 0.3
    """

    title: str
    heads: Sequence[tuple[str, str]]
    rows: Mapping[str, Sequence[str]]

    def lines(self, width: int) -> list[str]:
        """The table for a terminal.

        If it does not fit the width, each row becomes a list: its name, and below it a line for
        each cell. No cell is cut.

        Args:
            width: Columns of the terminal.

        Returns:
            The lines.
        """
        cells = [(name, *row) for name, row in self.rows.items()]
        table = columns(cells, heads=["", *map("\n".join, self.heads)])
        lines = paragraph(self.title, width=width)
        if max(map(cell_len, table)) <= width:
            return lines + table
        for name, row in self.rows.items():
            lines += paragraph(name, width=width)
            for head, cell in zip(self.heads, row, strict=True):
                line = f"{' '.join(filter(None, head))}: {cell}"
                lines += paragraph(line, width=width, indent="  ")
        return lines


@dataclass(frozen=True)
class Notes:
    """A list with a title.

    Attributes:
        title: A line above the list.
        items: Sentences.
    """

    title: str
    items: Sequence[str]

    def lines(self, width: int) -> list[str]:
        """The list for a terminal.

        Args:
            width: Columns of the terminal.

        Returns:
            The lines.

        Example:
            >>> Notes("What ran:", ["nlpkit: a while loop"]).lines(80)
            ['What ran:', '  nlpkit: a while loop']
        """
        lines = paragraph(self.title, width=width)
        for item in self.items:
            lines += paragraph(item, width=width, indent="  ")
        return lines


Content = str | Table | Notes
"""A paragraph, a table or a list."""


def printed(contents: Iterable[Content], width: int) -> list[str]:
    """Contents for a terminal, with an empty line between them.

    Args:
        contents: Paragraphs, tables and lists.
        width: Columns of the terminal.

    Returns:
        The lines.

    Example:
        >>> printed(["One.", "Two."], 80)
        ['One.', '', 'Two.']
    """
    lines: list[str] = []
    for each in contents:
        own = paragraph(each, width=width) if isinstance(each, str) else each.lines(width)
        lines += ["", *own] if lines else own
    return lines


def counted(count: int, noun: str) -> str:
    """A number of things.

    Args:
        count: How many.
        noun: What, in the singular; the plural has an s.

    Returns:
        The two, in agreement.

    Example:
        >>> counted(1, "core"), counted(2, "core")
        ('1 core', '2 cores')
    """
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def seeds_in_words(seeds: Sequence[int]) -> str:
    """The seeds of some trainings.

    Args:
        seeds: At least one.

    Returns:
        "seed" or "seeds" with the numbers.

    Example:
        >>> seeds_in_words([0]), seeds_in_words([0, 1])
        ('seed 0', 'seeds 0, 1')
    """
    return f"seed{'' if len(seeds) == 1 else 's'} {', '.join(map(str, seeds))}"


def in_words(items: Sequence[str]) -> str:
    """Joins the items of a list as a sentence does.

    Args:
        items: At least one.

    Returns:
        The items, with commas between them and "and" before the last.

    Example:
        >>> in_words(["a", "b", "c"])
        'a, b and c'
    """
    *first, last = items
    return f"{', '.join(first)} and {last}" if first else last


def paragraph(text: str, *, width: int, indent: str = "") -> list[str]:
    """Wraps text; a word that is longer than a line gets a line of its own.

    Args:
        text: The text.
        width: Columns of the terminal.
        indent: Spaces in front of each line; lines after the first get two more.

    Returns:
        The lines.

    Example:
        >>> paragraph("nlpkit: a while loop, XLA", width=20, indent="  ")
        ['  nlpkit: a while', '    loop, XLA']
    """
    return textwrap.wrap(
        text,
        max(width, _NARROWEST),
        initial_indent=indent,
        subsequent_indent=f"{indent}  " if indent else "",
        break_long_words=False,
        break_on_hyphens=False,
    )
