"""What `speed` found, in a picture."""

import math
from itertools import zip_longest
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from nlpkit.compare.implementations import IMPLEMENTATIONS, OURS
from nlpkit.evaluation.pictures import empty_figure

__all__ = ["picture"]

_ACROSS, _WIDTH, _HEIGHT = 4, 3.6, 3.8  # panels in a row, inches of each
_APART = 0.12  # how far the points of one shape stand apart, so that none covers another


def picture(found: dict[str, Any]) -> Figure:
    """For each cell and operation a panel: times as a multiple of nlpkit's, on a logarithmic axis.

    Args:
        found: What `measure` gave.

    Returns:
        The figure. Bars span the quartiles; dashes are the floor.
    """
    cells = found["cells"]
    down = {cell: math.ceil(len(one["geometric_means"]) / _ACROSS) for cell, one in cells.items()}
    drawn = empty_figure(_ACROSS * _WIDTH, sum(down.values()) * _HEIGHT)
    rows = iter(drawn.subplots(sum(down.values()), _ACROSS, squeeze=False))
    labelled = {}
    for cell, one in cells.items():
        panels = [axes for _ in range(down[cell]) for axes in next(rows)]
        for axes, operation in zip_longest(panels, one["geometric_means"]):
            if operation is None:
                axes.set_axis_off()
                continue
            _panel(axes, one["shapes"], operation)
            axes.set_title(f"{cell}: {operation}")
            handles, labels = axes.get_legend_handles_labels()
            labelled |= dict(zip(labels, handles, strict=True))
    drawn.legend(
        labelled.values(), labelled.keys(), loc="outside lower center", ncols=len(labelled)
    )
    drawn.suptitle("Time as a multiple of nlpkit's; shapes are batch,time,features,units")
    return drawn


def _panel(axes: Axes, shapes: list[dict[str, Any]], operation: str) -> None:
    """One operation: a column for each shape, a point for each implementation."""
    places = range(len(shapes))
    timed = [shape["operations"][operation] for shape in shapes]
    ours = [each["contestants"][OURS]["median_ms"] for each in timed]
    names = list(timed[0]["contestants"])
    for number, name in enumerate(names):
        beside = [place + _APART * (number - (len(names) - 1) / 2) for place in places]
        times = [each["contestants"][name] for each in timed]
        medians, lows, highs = (
            [time[key] / unit for time, unit in zip(times, ours, strict=True)]
            for key in ("median_ms", "low_ms", "high_ms")
        )
        spread = [
            [middle - low for middle, low in zip(medians, lows, strict=True)],
            [high - middle for middle, high in zip(medians, highs, strict=True)],
        ]
        style = {"fmt": "o", "capsize": 3, "color": IMPLEMENTATIONS[name].colour, "label": name}
        axes.errorbar(beside, medians, yerr=spread, **style)
    floors = [each["floor_ms"] / unit for each, unit in zip(timed, ours, strict=True)]
    axes.plot(places, floors, "_", markersize=12, color="black", label="floor")
    axes.axhline(1.0, color=IMPLEMENTATIONS[OURS].colour, linewidth=0.8, linestyle=":")
    axes.set_yscale("log")
    axes.yaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.yaxis.set_minor_formatter(NullFormatter())
    sizes = [shape["shape"] for shape in shapes]
    axes.set_xticks(places, labels=sizes, rotation=45, ha="right", rotation_mode="anchor")
