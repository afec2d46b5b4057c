"""What `speed` found, in a picture."""

import math
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from nlpkit.compare.contestants import CONTESTANTS, OURS
from nlpkit.compare.drawing import figure

__all__ = ["picture"]

_ACROSS, _WIDTH, _HEIGHT = 4, 3.6, 3.8  # panels in a row, inches of each
_APART = 0.12  # how far the points of one shape stand apart, so that none covers another


def picture(found: dict[str, Any]) -> Figure:
    """A panel for each operation: times as a multiple of nlpkit's, on a logarithmic axis.

    Args:
        found: What `measure` gave.

    Returns:
        The figure. Bars span the quartiles; dashes are the floor of an LSTM.
    """
    operations = list(found["geometric_means"])
    down = math.ceil(len(operations) / _ACROSS)
    drawn = figure(_ACROSS * _WIDTH, down * _HEIGHT)
    panels = drawn.subplots(down, _ACROSS, squeeze=False).flat
    for axes, operation in zip(panels, operations, strict=False):
        _panel(axes, found["shapes"], operation)
    for axes in drawn.axes[len(operations) :]:
        axes.set_axis_off()
    handles, labels = drawn.axes[0].get_legend_handles_labels()
    drawn.legend(handles, labels, loc="outside lower center", ncols=len(labels))
    drawn.suptitle("Time as a multiple of nlpkit's; shapes are batch,time,features,units")
    return drawn


def _panel(axes: Axes, shapes: list[dict[str, Any]], operation: str) -> None:
    """One operation: a column for each shape, a point for each contestant."""
    places = range(len(shapes))
    raced = [shape["operations"][operation] for shape in shapes]
    ours = [each["contestants"][OURS]["median_ms"] for each in raced]
    names = list(raced[0]["contestants"])
    for number, name in enumerate(names):
        beside = [place + _APART * (number - (len(names) - 1) / 2) for place in places]
        times = [each["contestants"][name] for each in raced]
        medians, lows, highs = (
            [time[key] / unit for time, unit in zip(times, ours, strict=True)]
            for key in ("median_ms", "low_ms", "high_ms")
        )
        spread = [
            [middle - low for middle, low in zip(medians, lows, strict=True)],
            [high - middle for middle, high in zip(medians, highs, strict=True)],
        ]
        style = {"fmt": "o", "capsize": 3, "color": CONTESTANTS[name].colour, "label": name}
        axes.errorbar(beside, medians, yerr=spread, **style)
    floors = [each["floor_ms"] / unit for each, unit in zip(raced, ours, strict=True)]
    axes.plot(places, floors, "_", markersize=12, color="black", label="floor")
    axes.axhline(1.0, color=CONTESTANTS[OURS].colour, linewidth=0.8, linestyle=":")
    axes.set(title=operation, yscale="log")
    axes.yaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.yaxis.set_minor_formatter(NullFormatter())
    sizes = [shape["shape"] for shape in shapes]
    axes.set_xticks(places, labels=sizes, rotation=45, ha="right", rotation_mode="anchor")
