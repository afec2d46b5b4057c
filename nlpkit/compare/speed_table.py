"""What `speed` found, for a terminal."""

from typing import Any

from nlpkit.compare.implementations import column_heads
from nlpkit.compare.report import grid, paragraph

__all__ = ["table"]

_TITLES = {
    "forward": "Forward, all outputs",
    "training": "Forward and gradients by inputs and weights",
    "fit": "A step of fit with Adam",
    "decode": "A step of decoding (T = 1, states handed in and out)",
}


def table(found: dict[str, Any], width: int) -> list[str]:
    """For each cell a table for each operation, the mean ratios, the first calls, and what ran.

    Args:
        found: What `measure` gave.
        width: Columns of the terminal.

    Returns:
        The lines.
    """
    lines = paragraph(
        f"Shapes are batch,time,features,units. Masked: {found['mask']}. ± is half the distance of "
        "the quartiles. The floor is what the cell's matrix products would take at this machine's "
        "rate.",
        width=width,
    )
    for cell, one in found["cells"].items():
        for operation in one["geometric_means"]:
            lines += ["", *_operation(cell, one, operation, width)]
        lines += ["", *_means(cell, one, width), "", *_firsts(cell, one, width)]
        lines += ["", *_ran(cell, one, width)]
    for name in found["absent"]:
        lines += paragraph(f"{name}: not installed", width=width, indent="  ")
    return lines


def _operation(cell: str, one: dict[str, Any], operation: str, width: int) -> list[str]:
    """The medians and spreads of one operation, a row for each shape."""
    name, _, masked = operation.partition(", ")
    title = ", ".join(filter(None, [f"{cell}: {_TITLES[name]}", masked, "ms:"]))
    names = list(one["geometric_means"][operation])
    rows = {}
    for shape in one["shapes"]:
        timed = shape["operations"][operation]
        times = [_time(timed["contestants"][name]) for name in names]
        rows[shape["shape"]] = [*times, f"{timed['floor_ms']:.3g}"]
    return grid(title, [*column_heads(cell, names), ("", "floor")], rows, width=width)


def _means(cell: str, one: dict[str, Any], width: int) -> list[str]:
    """The geometric means of the ratios, a row for each operation."""
    names = list(one["ran"])
    rows = {
        operation: [f"{means[name]:.2f}" if name in means else "–" for name in names]
        for operation, means in one["geometric_means"].items()
    }
    title = f"{cell}: times as a multiple of nlpkit's, geometric mean over the shapes:"
    return grid(title, column_heads(cell, names), rows, width=width)


def _firsts(cell: str, one: dict[str, Any], width: int) -> list[str]:
    """The longest first call of each operation."""
    names, rows = list(one["ran"]), {}
    for operation in one["geometric_means"]:
        timed = [shape["operations"][operation]["contestants"] for shape in one["shapes"]]
        rows[operation] = [
            f"{max(each[name]['first_seconds'] for each in timed):.2f}" if name in timed[0] else "–"
            for name in names
        ]
    title = f"{cell}: the first call, which traces and compiles, s, longest of the shapes:"
    return grid(title, column_heads(cell, names), rows, width=width)


def _ran(cell: str, one: dict[str, Any], width: int) -> list[str]:
    """What ran: what each layer says of itself, and a paragraph for each thing that was seen."""
    lines = [f"{cell}: what ran:"]
    for name, ran in one["ran"].items():
        if name in one["says"]:
            words = f"{name} says: {one['says'][name]}"
            lines += paragraph(words, width=width, indent="  ")
        operations: dict[str, list[str]] = {}
        for operation, words in ran.items():
            operations.setdefault(words, []).append(operation)
        for words, where in operations.items():
            lines += paragraph(f"{name} ({'; '.join(where)}): {words}", width=width, indent="  ")
    return lines


def _time(timing: dict[str, Any]) -> str:
    """A median with its spread."""
    median = timing["median_ms"]
    spread = (timing["high_ms"] - timing["low_ms"]) / 2 / median
    return f"{median:.3g}±{spread:.0%}" if median < 1000 else f"{median:.0f}±{spread:.0%}"
