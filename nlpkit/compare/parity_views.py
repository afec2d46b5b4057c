"""What `parity` found, for a terminal and in a picture."""

from typing import Any

from matplotlib.figure import Figure

from nlpkit.compare.implementations import IMPLEMENTATIONS
from nlpkit.compare.report import grid
from nlpkit.evaluation.pictures import empty_figure

__all__ = ["picture", "table"]

_LEAST = 1e-4  # where the logarithmic axis ends: equal to the last bit is drawn here


def table(found: dict[str, Any], width: int) -> list[str]:
    """The worst error of each kind of numbers, a table for each cell and library.

    Args:
        found: What `measure` gave.
        width: Columns of the terminal.

    Returns:
        The lines.
    """
    lines, drawn = [], [entry["configuration"] for entry in found["configurations"]]
    pairs = list(dict.fromkeys((worst["cell"], worst["library"]) for worst in found["worst"]))
    for pair in pairs:
        rows = {
            f"{worst['what']}, {worst['dtype']}": [
                f"{worst['error']:.1e}",
                f"{worst['allowed']:.0e}",
                str(worst["configuration"]),
            ]
            for worst in found["worst"]
            if (worst["cell"], worst["library"]) == pair
        }
        cell, library = pair
        count = sum((one["cell"], one["library"]) == pair for one in drawn)
        title = (
            f"nlpkit's {cell} beside {IMPLEMENTATIONS[library].title}'s, {found['reference']}, on "
            f"{found['backend']}: the worst error in {count} drawn configurations, as a fraction "
            "of the largest entry:"
        )
        heads = [("worst", "error"), ("", "allowed"), ("found", "in")]
        lines += [*([""] if lines else []), *grid(title, heads, rows, width=width)]
    return lines


def picture(found: dict[str, Any]) -> Figure:
    """The errors of all configurations as fractions of what is allowed, sorted.

    Args:
        found: What `measure` gave.

    Returns:
        The figure, with a line for each kind of numbers; at 1 an error is too large.
    """
    drawn = empty_figure(6.0, 4.0)
    axes = drawn.subplots()
    fractions: dict[str, list[float]] = {}
    for entry in found["configurations"]:
        for difference in entry["differences"]:
            fraction = difference["error"] / difference["allowed"]
            fractions.setdefault(difference["what"], []).append(max(fraction, _LEAST))
    for what, values in fractions.items():
        places = [100 * (place + 1) / len(values) for place in range(len(values))]
        axes.plot(places, sorted(values), marker=".", label=what)
    axes.axhline(1.0, color="black", linestyle="--", label="allowed")
    axes.set(
        title="nlpkit's layers beside Keras's and torch's, equal weights",
        xlabel="% of the drawn configurations",
        ylabel="largest error / allowed error",
        yscale="log",
    )
    axes.legend()
    return drawn
