"""Tables as text, as recipes and `nlpkit evaluate` print them, on a terminal or not."""

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
    """How a metric is shown.

    Attributes:
        head: Its title, in one line or more.
        form: Its format, for `str.format`.
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
    """Aligns cells in columns, each as wide as its widest cell; nothing wraps or is cut.

    Args:
        rows: The cells of each row.
        heads: The titles of the columns, each in one line or more.
        left: The number of leading columns that are flush left; the others are flush right.
        gap: Spaces between columns.
        rule: Whether to draw a line below the titles.

    Returns:
        The lines, without line ends or trailing spaces.

    Example:
        >>> print(*columns([("영화", "1.5"), ("film", "12")], heads=("", "in\\nms")), sep="\\n")
              in
              ms
        영화 1.5
        film  12
    """
    table = Table(box=None, padding=(0, gap, 0, 0), pad_edge=False)
    for index, head in enumerate(heads):
        table.add_column(Text(head), justify="left" if index < left else "right")
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
    """A table of the metrics of several models.

    Names wrap at spaces and after hyphens. If that takes more than two lines or is not enough, each
    name is put on a line above its metrics instead. Numbers are never cut.

    Args:
        metrics: The metrics of each model, by the model's name, in the order of the rows.
        shown: The columns by the name of their metric, in order, as `nlpkit.tasks.Task.columns`
            returns them; a missing metric shows as a dash. Default: all metrics there are.
        width: The most characters in a line; the metrics alone take about 30. Default 80.
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
        file: A terminal, for which the table fits its width and has a rule below the header, or
            any other file, for which it has no rule and at most 80 characters in a line.
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
    """A column for each metric there is, under its own name."""
    names = dict.fromkeys(name for row in metrics.values() for name in row)
    return {name: Column(name.replace("_", " "), "{:,.4g}") for name in names}


def _cell(figure: float, form: str) -> str:
    """A metric in its format, or in scientific notation where that would be too wide to read."""
    return form.format(figure) if figure < _LARGE else f"{figure:.2e}"


def _wrapped(name: str, room: int) -> list[str]:
    """The name in lines of limited width, which only a single long word exceeds."""
    lines = [""]
    for piece in re.findall(r" ?(?:[^ -]+-*|-+)", " ".join(name.split())):
        if lines[-1] and cell_len(lines[-1] + piece) > room:
            lines.append(piece.lstrip())
        else:
            lines[-1] += piece
    return lines
