"""Pictures of an evaluation: confusion matrix, training curve, reliability diagram.

Each function returns a `matplotlib.figure.Figure` outside the global state of pyplot, so pictures
can be drawn in any thread and without a display; `png` turns one into bytes.
"""

import io
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from nlpkit.errors import InputError
from nlpkit.evaluation.confidence import reliability
from nlpkit.reports import fonts

__all__ = [
    "COLOURS",
    "confusion_picture",
    "empty_figure",
    "png",
    "reliability_diagram",
    "training_curve",
]

COLOURS = ("#0072b2", "#e69f00", "#009e73", "#d55e00", "#cc79a7", "#56b4e9", "#000000")
"""Colours that the colour-blind can tell apart, of Okabe and Ito."""

_MOST_COUNTS, _MOST_NAMES = 15, 60

# Inches: a cell of the matrix, and the smallest and largest side of the matrix.
_CELL, _SMALLEST, _LARGEST = 0.5, 3.0, 7.5
_MARGIN = 1.5
_POINTS = 72  # in an inch


def confusion_picture(matrix: np.ndarray, names: Sequence[str]) -> Figure:
    """The confusion matrix: true classes down, predicted classes across.

    Colours are fractions of the true class, so that rare classes are visible; the numbers in the
    cells are counts, shown for up to 15 classes. Names are shown for up to 60 classes, long ones
    shortened. If there are more classes, if the installed fonts lack a character, or if two
    shortened names are the same, the classes are numbered from 1 instead, and a note says so. The
    size of the matrix depends on K alone.

    Args:
        matrix: int[K, K], from `metrics.confusion`.
        names: K names in any script.

    Returns:
        The figure.

    Raises:
        InputError: If there is not one name for each class.

    Example:
        >>> figure = confusion_picture(np.array([[8, 2], [1, 9]]), ["negative", "긍정"])
        >>> png(figure)[:4]
        b'\\x89PNG'
    """
    matrix = np.asarray(matrix)
    classes = len(names)
    if matrix.shape != (classes, classes):
        raise InputError(
            f"`names` must be one for each class of `matrix` {list(matrix.shape)}, got {classes}."
        )
    fractions = matrix / np.maximum(matrix.sum(axis=1, keepdims=True), 1)
    side = min(max(_CELL * classes, _SMALLEST), _LARGEST)
    figure, axes, beside = _square(side)
    image = axes.imshow(fractions, cmap="Blues", vmin=0.0, vmax=1.0)
    figure.colorbar(image, cax=beside, label="fraction of the true class")
    axes.set(title="Confusion matrix", xlabel="predicted", ylabel="true")
    if classes <= _MOST_COUNTS:
        digits = len(str(matrix.max()))
        size = min(10.0, 1.2 * _POINTS * side / classes / digits)  # a digit: 0.64 em
        for (true, predicted), count in np.ndenumerate(matrix):
            colour = "white" if fractions[true, predicted] > 0.5 else "black"
            axes.text(
                predicted, true, f"{count}", ha="center", va="center", color=colour, fontsize=size
            )
    _label_classes(axes, names, size=min(10.0, 0.8 * _POINTS * side / classes))
    return figure


def training_curve(rows: Iterable[Mapping[str, Any]], *, validation: str = "validation") -> Figure:
    """Loss, and every other metric measured on both splits, over the epochs.

    Args:
        rows: The rows of training.csv in order, one for each epoch: any number of columns NAME
            (training) and val_NAME (validation), as numbers or as text; other columns and empty
            cells are ignored. At least one row.
        validation: The label of the validation metrics in the legend.

    Returns:
        The figure, with a panel for each pair of columns. Epochs count from 1; a line marks the
        epoch with the lowest validation loss, whose weights were kept.

    Raises:
        InputError: If there is no row, or no pair of columns.

    Example:
        >>> rows = [{"epoch": "1", "loss": "0.6", "val_loss": "0.5"}]
        >>> [axes.get_ylabel() for axes in training_curve(rows).axes]
        ['loss']
    """
    rows = list(rows)
    pairs = [name for name in (rows[0] if rows else ()) if f"val_{name}" in rows[0]]
    if not pairs:
        raise InputError(
            "A training curve needs an epoch with a column and its val_ twin, such as loss and "
            f"val_loss, got {list(rows[0]) if rows else 'no epoch'}."
        )
    pairs.sort(key=lambda name: (name != "loss", name))
    figure = empty_figure(4.5 * len(pairs), 3.5)
    figure.suptitle("Training")
    epochs, kept = range(1, len(rows) + 1), _kept(rows)
    for axes, name in zip(figure.subplots(1, len(pairs), squeeze=False)[0], pairs, strict=True):
        for column, label in ((name, "training"), (f"val_{name}", validation)):
            axes.plot(epochs, [_number(row[column]) for row in rows], marker="o", label=label)
        if kept is not None:
            axes.axvline(kept, linestyle=":", color="grey", label=f"kept: epoch {kept}")
        axes.set(xlabel="epoch", ylabel=name.replace("_", " "), xlim=(0.5, len(rows) + 0.5))
        axes.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
        axes.legend()
    return figure


def reliability_diagram(probabilities: Any, labels: Any) -> Figure:
    """Accuracy over confidence in 15 bins, with the diagonal of perfect calibration.

    Args:
        probabilities: float[N, K], as in `metrics.classification`.
        labels: int[N], as in `metrics.classification`.

    Returns:
        The figure; its lower panel shows the number of predictions in each bin.

    Raises:
        InputError: As `metrics.classification`.

    Reference:
        Guo et al., "On Calibration of Modern Neural Networks", ICML 2017, figure 1.
    """
    bins = reliability(probabilities, labels)
    width = 1.0 / len(bins.counts)
    left = np.arange(len(bins.counts)) * width
    figure = empty_figure(4.5, 5.0)
    above, below = figure.subplots(2, 1, sharex=True, height_ratios=[3, 1])
    above.bar(left, bins.accuracy, width, align="edge", edgecolor="black", label="accuracy")
    above.plot([0, 1], [0, 1], linestyle="--", color="grey", label="perfect calibration")
    filled = bins.counts > 0
    above.plot(bins.confidence[filled], bins.accuracy[filled], "k.", label="bin's mean confidence")
    above.set(
        title=f"Reliability (ECE {bins.error:.4f})", ylabel="accuracy", xlim=(0, 1), ylim=(0, 1)
    )
    above.legend(loc="upper left")
    below.bar(left, bins.counts, width, align="edge", edgecolor="black")
    below.set(xlabel="confidence", ylabel="predictions")
    return figure


def png(figure: Figure) -> bytes:
    """A figure as the bytes of a PNG file, which are reproducible.

    Args:
        figure: A figure of this module.

    Returns:
        The bytes.
    """
    buffer = io.BytesIO()
    # A tight box grows with what stands beside the axes; the axes keep their size.
    figure.savefig(buffer, format="png", dpi=120, bbox_inches="tight", metadata={"Software": None})
    return buffer.getvalue()


def empty_figure(width: float, height: float, *, layout: Any = "constrained") -> Figure:
    """An empty figure with a canvas of its own.

    Args:
        width: Inches.
        height: Inches.
        layout: As for `Figure`. Default "constrained".

    Returns:
        The figure.
    """
    figure = Figure(figsize=(width, height), layout=layout)
    FigureCanvasAgg(figure)
    return figure


def _square(side: float) -> tuple[Figure, Axes, Axes]:
    """A figure with square axes of a fixed size in inches, and narrow ones for the colour bar."""
    width, height = side + 2 * _MARGIN, side + 2 * _MARGIN
    figure = Figure(figsize=(width, height))
    FigureCanvasAgg(figure)
    bottom, tall = _MARGIN / height, side / height
    axes = figure.add_axes((_MARGIN / width, bottom, side / width, tall))
    beside = figure.add_axes(((_MARGIN + side + 0.15) / width, bottom, 0.15 / width, tall))
    return figure, axes, beside


def _label_classes(axes: Axes, names: Sequence[str], *, size: float) -> None:
    """Labels the classes on both axes: by name if all names are readable, else by number."""
    shown = [fonts.shortened(name) for name in names]
    distinct = len(set(shown)) == len(shown)
    if len(names) <= _MOST_NAMES and distinct and all(map(fonts.legible, shown)):
        style: dict[str, Any] = {"fontsize": size, **fonts.literal()}
        axes.set_yticks(range(len(names)), labels=shown, **style)
        slant: dict[str, Any] = {"rotation": 45, "ha": "right", "rotation_mode": "anchor"}
        axes.set_xticks(range(len(names)), labels=shown, **slant, **style)
        return
    step = math.ceil(len(names) / _MOST_NAMES)
    ticks = range(0, len(names), step)
    numbers, size = [str(tick + 1) for tick in ticks], min(10.0, size * step)
    axes.set_yticks(ticks, labels=numbers, fontsize=size)
    upright = len(names) <= _MOST_COUNTS
    axes.set_xticks(ticks, labels=numbers, fontsize=size, rotation=0 if upright else 90)
    axes.set_xlabel("predicted\n(classes in the order of metrics.json)")


def _kept(rows: Sequence[Mapping[str, Any]]) -> int | None:
    """The first epoch, from 1, with the lowest validation loss; None where there is no loss."""
    losses = np.array([_number(row.get("val_loss")) for row in rows])
    return None if np.isnan(losses).all() else int(np.nanargmin(losses)) + 1


def _number(value: Any) -> float:
    """A cell of training.csv; NaN, which is not drawn, where it is empty."""
    return float(value) if value not in (None, "") else math.nan
