"""The results of `speed` as tables and as a picture."""

import math
from collections.abc import Iterator
from itertools import zip_longest
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from nlpkit.compare.contents import Content, Notes, Table, in_words
from nlpkit.compare.implementations import IMPLEMENTATIONS, OURS, column_heads
from nlpkit.reports.pictures import empty_figure

__all__ = ["conclusion", "contents", "picture"]

_TITLES = {
    "forward": "Forward, all outputs",
    "training": "Forward and gradients by inputs and weights",
    "fit": "A step of fit with Adam",
    "decode": "A step of decoding (T = 1, states passed in and returned)",
}
_ACROSS, _WIDTH, _HEIGHT = 4, 3.6, 3.8  # panels in a row, inches of each
_APART = 0.12  # the distance between the points of one shape, so that none covers another


def contents(results: dict[str, Any]) -> Iterator[Content]:
    """For each cell a table of each operation, the mean ratios, the first calls, and what ran.

    Args:
        results: The results of `speed`.

    Yields:
        The contents.
    """
    yield (
        f"Shapes are batch,time,features,units. Masked: {results['mask']}. ± is half the distance "
        "between the quartiles. The floor is the time that the cell's matrix products would take "
        "at this machine's rate, without masked steps; share is its part of nlpkit's time."
    )
    for cell, one in results["cells"].items():
        for operation in one["geometric_means"]:
            yield _operation(cell, one, operation)
        yield from (_means(cell, one), _first_calls(cell, one), _ran(cell, one))
    if results["absent"]:
        yield f"Not installed: {', '.join(results['absent'])}."


def conclusion(results: dict[str, Any]) -> str:
    """How long the others take for a training step, as a multiple of ours.

    Args:
        results: The results of `speed`.

    Returns:
        A sentence for each cell.
    """
    sentences = []
    for cell, one in results["cells"].items():
        others = [
            f"{mean:.2f} times as long with {IMPLEMENTATIONS[name].title}"
            for name, mean in one["geometric_means"]["training"].items()
            if name != OURS
        ]
        sentences.append(
            f"Compared with nlpkit's {cell}, outputs and gradients take {in_words(others)} "
            "(geometric means over the shapes)."
            if others
            else f"Nothing was timed beside nlpkit's {cell}."
        )
    return " ".join(sentences)


def picture(results: dict[str, Any]) -> Figure:
    """A panel for each cell and operation: times as a multiple of nlpkit's, on a logarithmic axis.

    Args:
        results: The results of `speed`.

    Returns:
        The figure. Bars span the quartiles; dashes are the floor.
    """
    cells = results["cells"]
    down = {cell: math.ceil(len(one["geometric_means"]) / _ACROSS) for cell, one in cells.items()}
    figure = empty_figure(_ACROSS * _WIDTH, sum(down.values()) * _HEIGHT)
    rows = iter(figure.subplots(sum(down.values()), _ACROSS, squeeze=False))
    legend: dict[str, Any] = {}
    for cell, one in cells.items():
        panels = [axes for _ in range(down[cell]) for axes in next(rows)]
        for axes, operation in zip_longest(panels, one["geometric_means"]):
            if operation is None:
                axes.set_axis_off()
                continue
            _panel(axes, one["shapes"], operation)
            axes.set_title(f"{cell}: {operation}")
            handles, labels = axes.get_legend_handles_labels()
            legend |= dict(zip(labels, handles, strict=True))
    figure.legend(legend.values(), legend.keys(), loc="outside lower center", ncols=len(legend))
    figure.suptitle("Time as a multiple of nlpkit's; shapes are batch,time,features,units")
    return figure


def _operation(cell: str, one: dict[str, Any], operation: str) -> Table:
    """The medians and spreads of one operation, a row for each shape."""
    name, _, masked = operation.partition(", ")
    title = ", ".join(filter(None, [f"{cell}: {_TITLES[name]}", masked, "ms:"]))
    names = list(one["geometric_means"][operation])
    rows = {}
    for shape in one["shapes"]:
        timed = shape["operations"][operation]
        times = [_time(timed["contestants"][name]) for name in names]
        floor, ours = timed["floor_ms"], timed["contestants"][OURS]["median_ms"]
        rows[shape["shape"]] = [*times, f"{floor:.3g}", f"{floor / ours:.0%}"]
    return Table(title, [*column_heads(cell, names), ("", "floor"), ("", "share")], rows)


def _means(cell: str, one: dict[str, Any]) -> Table:
    """The geometric means of the ratios, a row for each operation."""
    names = list(one["ran"])
    rows = {
        operation: [f"{means[name]:.2f}" if name in means else "–" for name in names]
        for operation, means in one["geometric_means"].items()
    }
    title = f"{cell}: times as a multiple of nlpkit's, geometric mean over the shapes:"
    return Table(title, column_heads(cell, names), rows)


def _first_calls(cell: str, one: dict[str, Any]) -> Table:
    """The longest first call of each operation."""
    names, rows = list(one["ran"]), {}
    for operation in one["geometric_means"]:
        timed = [shape["operations"][operation]["contestants"] for shape in one["shapes"]]
        rows[operation] = [
            f"{max(each[name]['first_seconds'] for each in timed):.2f}" if name in timed[0] else "–"
            for name in names
        ]
    title = f"{cell}: the first call, which traces and compiles, s, longest of the shapes:"
    return Table(title, column_heads(cell, names), rows)


def _ran(cell: str, one: dict[str, Any]) -> Notes:
    """What ran: each layer's own report, and what was observed."""
    items = []
    for name, ran in one["ran"].items():
        if name in one["says"]:
            items.append(f"{name} says: {one['says'][name]}")
        operations: dict[str, list[str]] = {}
        for operation, description in ran.items():
            operations.setdefault(description, []).append(operation)
        for description, names in operations.items():
            items.append(f"{name} ({'; '.join(names)}): {description}")
    return Notes(f"{cell}: what ran:", items)


def _time(timing: dict[str, Any]) -> str:
    """A median with its spread."""
    median = timing["median_ms"]
    spread = (timing["high_ms"] - timing["low_ms"]) / 2 / median
    return f"{median:.3g}±{spread:.0%}" if median < 1000 else f"{median:.0f}±{spread:.0%}"


def _panel(axes: Axes, shapes: list[dict[str, Any]], operation: str) -> None:
    """One operation: a column for each shape, a point for each implementation."""
    positions = range(len(shapes))
    timed = [shape["operations"][operation] for shape in shapes]
    ours = [each["contestants"][OURS]["median_ms"] for each in timed]
    names = list(timed[0]["contestants"])
    for number, name in enumerate(names):
        shift = _APART * (number - (len(names) - 1) / 2)
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
        axes.errorbar([column + shift for column in positions], medians, yerr=spread, **style)
    floors = [each["floor_ms"] / unit for each, unit in zip(timed, ours, strict=True)]
    axes.plot(positions, floors, "_", markersize=12, color="black", label="floor")
    axes.axhline(1.0, color=IMPLEMENTATIONS[OURS].colour, linewidth=0.8, linestyle=":")
    axes.set_yscale("log")
    axes.yaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.yaxis.set_minor_formatter(NullFormatter())
    sizes = [shape["shape"] for shape in shapes]
    axes.set_xticks(positions, labels=sizes, rotation=45, ha="right", rotation_mode="anchor")
