"""Tables as text: what a recipe and `nlpkit evaluate` print, on a terminal and elsewhere."""

import io
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple, TextIO

from rich.cells import cell_len, chop_cells
from rich.console import Console
from rich.table import Table
from rich.text import Text

from nlpkit.run import PLAIN_WIDTH, terminal_width

__all__ = ["Column", "columns", "render", "results"]

_MOST_LINES = 2
_LARGE = 1e9


class Column(NamedTuple):
    """How a figure is shown.

    Attributes:
        head: Its title, in one line or more.
        form: Its format, as `str.format` takes it.
    """

    head: str
    form: str


def columns(
    rows: Iterable[Sequence[str]],
    *,
    heads: Sequence[str],
    left: int = 1,
    gap: int = 1,
    rule: bool = False,
) -> list[str]:
    """Cells below each other, each column as wide as its widest cell; nothing wraps or is cut.

    Args:
        rows: The cells of each row.
        heads: The titles of the columns, each in one line or more.
        left: How many columns, the first ones, are flush left; the others are flush right.
        gap: Spaces between columns.
        rule: Whether to draw a line below the titles.

    Returns:
        The lines, without line ends and without spaces in front of these.

    Example:
        >>> print(*columns([("영화", "1.5"), ("film", "12")], heads=("", "in\\nms")), sep="\\n")
              in
              ms
        영화 1.5
        film  12
    """
    table = Table(box=None, padding=(0, gap, 0, 0), pad_edge=False)
    for place, head in enumerate(heads):
        table.add_column(Text(head), justify="left" if place < left else "right")
    count = max(1 + head.count("\n") for head in heads)
    cells = [tuple(row) for row in rows]
    for row in cells:
        table.add_row(*map(Text, row))
    width = sum(
        gap + max(cell_len(line) for cell in column for line in cell.split("\n"))
        for column in zip(heads, *cells, strict=True)
    )
    text = io.StringIO()
    console = Console(
        file=text, width=width, color_system=None, force_terminal=False,
        force_jupyter=False,
    )  # fmt: skip
    console.print(table)
    lines = [line.rstrip() for line in text.getvalue().splitlines()]
    return [*lines[:count], *(["─" * (width - gap)] if rule else []), *lines[count:]]


def results(
    metrics: Mapping[str, Mapping[str, float]],
    shown: Mapping[str, Column] | None = None,
    *,
    width: int = PLAIN_WIDTH,
    rule: bool = False,
) -> list[str]:
    """The metrics of several models beside each other.

    Names wrap at spaces and after hyphens. Where that takes more than two lines, or does not
    suffice, every name stands above its metrics instead. Numbers are never cut.

    Args:
        metrics: For each model's name, in the order of the rows, its metrics by name.
        shown: For each figure to show, in the order of the columns, its column, as the `columns`
            of a `nlpkit.tasks.Task` gives them; a missing figure shows as a dash. Default: all that
            there are.
        width: Columns to fill at most; the metrics alone take some 30. Default 80.
        rule: Whether to draw a line below the header.

    Returns:
        The lines of the table, without line ends.

    Example:
        >>> shown = {"accuracy": Column("accuracy", "{:.2%}"), "ece": Column("ECE", "{:.4f}")}
        >>> print(*results({"tfidf-logistic": {"accuracy": 0.8726}}, shown, width=30), sep="\\n")
                       accuracy ECE
        tfidf-logistic   87.26%   –
        >>> print(*results({"tfidf-logistic": {"accuracy": 0.8726}}, shown, width=20), sep="\\n")
         accuracy ECE
        tfidf-logistic
           87.26%   –
    """
    shown = _all(metrics) if shown is None else shown
    heads = ["", *(column.head for column in shown.values())]
    rows = {
        name: [_cell(row[key], form) if key in row else "–" for key, (_, form) in shown.items()]
        for name, row in metrics.items()
    }
    numbers = columns([("", *cells) for cells in rows.values()], heads=heads, rule=rule)
    room = width - max(map(cell_len, numbers))
    wrapped = {name: _wrapped(name, room) for name in rows}
    if all(
        len(lines) <= _MOST_LINES and max(map(cell_len, lines)) <= room
        for lines in wrapped.values()
    ):
        beside = [("\n".join(wrapped[name]), *cells) for name, cells in rows.items()]
        return columns(beside, heads=heads, rule=rule)
    lines = numbers[: len(numbers) - len(rows)]
    for name, row in zip(rows, numbers[len(lines) :], strict=True):
        lines += [*sum((chop_cells(line, width) for line in _wrapped(name, width)), []), row]
    return lines


def render(
    metrics: Mapping[str, Mapping[str, float]],
    file: TextIO,
    shown: Mapping[str, Column] | None = None,
) -> None:
    """Writes the table of `results` to a stream.

    Args:
        metrics: As in `results`.
        file: A terminal, which gets its own width and a rule below the header, or anything else,
            which gets text without a rule, 80 columns wide at most.
        shown: As in `results`.

    Example:
        >>> import sys
        >>> ours = {"accuracy": 0.875, "macro_f1": 0.8749}
        >>> render({"ours": ours, "baseline": {"accuracy": 0.8726}}, sys.stdout)
                 accuracy macro f1
        ours        0.875   0.8749
        baseline   0.8726        –
    """
    lines = results(metrics, shown, width=terminal_width(file), rule=file.isatty())
    file.writelines(f"{line}\n" for line in lines)


def _all(metrics: Mapping[str, Mapping[str, float]]) -> dict[str, Column]:
    """A column for each figure that is there, with its own name."""
    names = dict.fromkeys(name for row in metrics.values() for name in row)
    return {name: Column(name.replace("_", " "), "{:,.4g}") for name in names}


def _cell(figure: float, form: str) -> str:
    """A figure in its form, or in powers of ten where that would be too wide to read."""
    return form.format(figure) if figure < _LARGE else f"{figure:.2e}"


def _wrapped(name: str, room: int) -> list[str]:
    """The name in lines that fill the room, and overflow it only where a word alone does."""
    lines = [""]
    for piece in re.findall(r" ?(?:[^ -]+-*|-+)", " ".join(name.split())):
        if lines[-1] and cell_len(lines[-1] + piece) > room:
            lines.append(piece.lstrip())
        else:
            lines[-1] += piece
    return lines
