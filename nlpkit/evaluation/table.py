"""The short table at a recipe's end: a row for each model, a column for each figure."""

import re
from collections.abc import Mapping, Sequence
from typing import TextIO

from rich.cells import cell_len, chop_cells, set_cell_size

from nlpkit.run import PLAIN_WIDTH, terminal_width

__all__ = ["render", "results"]

# For each figure the two lines of its header, and its form.
_SENTIMENT = {
    "accuracy": ("", "accuracy", "{:.2%}"),
    "macro_f1": ("macro", "F1", "{:.4f}"),
    "log_loss": ("log", "loss", "{:.4f}"),
    "ece": ("", "ECE", "{:.4f}"),
}
_NEXT_WORD = {
    "perplexity": ("", "perplexity", "{:,.2f}"),
    "top1": ("recall", "top 1", "{:.2%}"),
    "top3": ("recall", "top 3", "{:.2%}"),
}
_NEXT_PIECE = {
    "perplexity": ("perplexity", "of pieces", "{:,.2f}"),
    "word_perplexity": ("perplexity", "of words", "{:,.2f}"),
    "top1": ("recall", "top 1", "{:.2%}"),
    "top3": ("recall", "top 3", "{:.2%}"),
}
_UNSPACED = {
    "perplexity": _NEXT_PIECE["perplexity"],
    "bits_per_character": ("bits per", "character", "{:.3f}"),
    "top1": ("piece in", "top 1", "{:.2%}"),
    "top3": ("piece in", "top 3", "{:.2%}"),
}
_TABLES = (_SENTIMENT, _NEXT_WORD, _NEXT_PIECE, _UNSPACED)
_MOST_LINES = 2
_LARGE = 1e9


def results(
    figures: Mapping[str, Mapping[str, float]], *, width: int = PLAIN_WIDTH, rule: bool = False
) -> list[str]:
    """The figures of several models beside each other.

    Names wrap at spaces and after hyphens. Where that takes more than two lines, or does not
    suffice, every name stands above its figures instead. Numbers are never cut.

    Args:
        figures: For each model's name, in the order of the rows, its figures, either as
            `metrics.classification` gives them or as `NextWordFigures.as_dict` does. The columns
            are those of the task; a missing figure shows as a dash.
        width: Columns to fill at most; the figures alone take some 30. Default 80.
        rule: Whether to draw a line below the header.

    Returns:
        The lines of the table, without line ends.

    Example:
        >>> print(*results({"tfidf-logistic": {"accuracy": 0.8726}}, width=30), sep="\\n")
                  macro  log
         accuracy    F1 loss ECE
        tfidf-logistic
           87.26%     –    –   –
    """
    columns = _columns(figures)
    rows = {
        name: [_cell(row[key], form) if key in row else "–" for key, (*_, form) in columns.items()]
        for name, row in figures.items()
    }
    above, header, _ = zip(*columns.values(), strict=True)
    widths = [max(map(len, column)) for column in zip(above, header, *rows.values(), strict=True)]
    room = width - sum(widths) - len(widths)  # a space before each figure
    wrapped = {name: _wrapped(name, room) for name in rows}
    beside = all(
        len(lines) <= _MOST_LINES and max(map(cell_len, lines)) <= room
        for lines in wrapped.values()
    )
    left = max((cell_len(line) for lines in wrapped.values() for line in lines), default=0)
    left = left if beside else 0
    table = [_line("", left, above, widths), _line("", left, header, widths)]
    if rule:
        table.append("─" * (left + sum(widths) + len(widths)))
    for name, cells in rows.items():
        if beside:
            first, *others = wrapped[name]
            table += [_line(first, left, cells, widths), *others]
        else:
            pieces = (chop_cells(line, width) for line in _wrapped(name, width))
            table += [*sum(pieces, []), _line("", left, cells, widths)]
    return table


def render(figures: Mapping[str, Mapping[str, float]], file: TextIO) -> None:
    """Writes the table of `results` to a stream.

    Args:
        figures: As in `results`.
        file: A terminal, which gets its own width and a rule below the header, or anything else,
            which gets text without a rule, 80 columns wide at most.

    Example:
        >>> import sys
        >>> ours = {"accuracy": 0.875, "macro_f1": 0.8749, "log_loss": 0.31, "ece": 0.012}
        >>> render({"ours": ours, "baseline": {"accuracy": 0.8726}}, sys.stdout)
                           macro    log
                 accuracy     F1   loss    ECE
        ours       87.50% 0.8749 0.3100 0.0120
        baseline   87.26%      –      –      –
        >>> render({"ours": {"perplexity": 61.5, "top1": 0.31, "top3": 0.46}}, sys.stdout)
                        recall recall
             perplexity  top 1  top 3
        ours      61.50 31.00% 46.00%
    """
    lines = results(figures, width=terminal_width(file), rule=file.isatty())
    file.writelines(f"{line}\n" for line in lines)


def _columns(figures: Mapping[str, Mapping[str, float]]) -> dict[str, tuple[str, str, str]]:
    """The table with the most figures that are there; of equals the first, which has no others."""
    there = set().union(*figures.values())
    return max(_TABLES, key=lambda columns: len(there & columns.keys()))


def _cell(figure: float, form: str) -> str:
    """A figure in its form, or in powers of ten where that would be too wide to read."""
    return form.format(figure) if figure < _LARGE else f"{figure:.2e}"


def _line(name: str, left: int, cells: Sequence[str], widths: Sequence[int]) -> str:
    """A row: the name in `left` columns, then the cells, each in its own, to the right."""
    numbers = (cell.rjust(width) for cell, width in zip(cells, widths, strict=True))
    return " ".join((set_cell_size(name, left), *numbers)).rstrip()


def _wrapped(name: str, room: int) -> list[str]:
    """The name in lines that fill the room, and overflow it only where a word alone does."""
    lines = [""]
    for piece in re.findall(r" ?(?:[^ -]+-*|-+)", " ".join(name.split())):
        if lines[-1] and cell_len(lines[-1] + piece) > room:
            lines.append(piece.lstrip())
        else:
            lines[-1] += piece
    return lines
