"""The short table at a recipe's end: a row for each model, a column for each figure."""

import io
from collections.abc import Mapping
from typing import TextIO

import rich.box
import rich.console
import rich.table
import rich.text

__all__ = ["render", "results"]

_COLUMNS = {
    "accuracy": ("accuracy", "{:.2%}"),
    "macro_f1": ("macro\nF1", "{:.4f}"),
    "log_loss": ("log\nloss", "{:.4f}"),
    "ece": ("ECE", "{:.4f}"),
}


def results(figures: Mapping[str, Mapping[str, float]]) -> rich.table.Table:
    """The figures of several models beside each other.

    Args:
        figures: For each model's name, in the order of the rows, its figures as
            `metrics.classification` gives them; a missing one shows as a dash.

    Returns:
        A table 40 columns wide or wider. Names wrap where room is scarce; numbers never do.
    """
    table = rich.table.Table(box=rich.box.SIMPLE_HEAD, show_edge=False, padding=0)
    table.add_column("", overflow="fold")
    for title, _ in _COLUMNS.values():
        table.add_column(title, justify="right", vertical="bottom", no_wrap=True)
    for name, row in figures.items():
        cells = (
            form.format(row[key]) if key in row else "–" for key, (_, form) in _COLUMNS.items()
        )
        table.add_row(rich.text.Text(name), *cells)
    return table


def render(figures: Mapping[str, Mapping[str, float]], file: TextIO) -> None:
    """Writes the table of `results` to a stream.

    Args:
        figures: As in `results`.
        file: A terminal, which gets its own width and rules, or anything else, which gets plain
            text without rules or colours, 80 columns wide at most.

    Example:
        >>> import sys
        >>> ours = {"accuracy": 0.875, "macro_f1": 0.8749, "log_loss": 0.31, "ece": 0.012}
        >>> render({"ours": ours, "baseline": {"accuracy": 0.8726}}, sys.stdout)
                           macro    log
                 accuracy     F1   loss    ECE
        ours       87.50% 0.8749 0.3100 0.0120
        baseline   87.26%      –      –      –
    """
    table = results(figures)
    if file.isatty():
        rich.console.Console(file=file, highlight=False, force_jupyter=False).print(table)
        return
    table.box, table.padding = None, (0, 1, 0, 0)  # without rules, padding keeps columns apart
    plain = io.StringIO()
    console = rich.console.Console(file=plain, width=80, color_system=None, force_jupyter=False)
    console.print(table)
    file.writelines(f"{line.rstrip()}\n" for line in plain.getvalue().splitlines())
