"""Pictures of an explanation: the answer along the text, what each word adds, gates and states."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from nlpkit.explain.explanation import Explanation
from nlpkit.explain.gates import gate_label, movement, value_range
from nlpkit.layers.tracing import Trace
from nlpkit.reports import fonts
from nlpkit.reports.pictures import COLOURS, empty_figure

if TYPE_CHECKING:
    from nlpkit.explain.probes import Probe

__all__ = ["answer_picture", "layer_picture", "probe_picture"]

_NAMED = 60  # tokens whose names fit below a picture
_UNITS = 8
_FINDINGS = 40
_HIGH, _LOW = COLOURS[3], COLOURS[0]  # vermilion and blue
_STYLES = ("-", "--", "-.", ":")


def answer_picture(explanation: Explanation) -> Figure:
    """The running answer, the attributions, and the mean of each gate and state.

    Args:
        explanation: The explanation of T tokens.

    Returns:
        The figure, with a panel for each layer below the first two.
    """
    layers = explanation.traces
    figure, (above, added, *others) = _panels(explanation, 2 + len(layers))
    positions = 1 + np.arange(len(explanation.tokens))
    curve, attribution = explanation.curve, explanation.attribution
    above.plot(positions, curve.values, color=_LOW, marker="o", markersize=3)
    above.set_title("Running answer", loc="left")
    above.set_ylabel(_readable(curve.label, "running answer"), **fonts.literal())
    for part, colour in (
        (attribution.values.clip(min=0), _HIGH),
        (attribution.values.clip(max=0), _LOW),
    ):
        edges = np.arange(len(part) + 1) + 0.5
        added.stairs(part, edges, fill=True, color=colour)
    added.axhline(0, color="grey", linewidth=0.8)
    title = "What each token adds to the log-odds of "
    title += _readable(attribution.answer, "the answer")
    added.set_title(title, loc="left", **fonts.literal())
    added.set_ylabel("log-odds")
    for axes, (layer, trace) in zip(others, layers.items(), strict=True):
        _draw_means(axes, layer, trace)
    _label_tokens(figure.axes[-1], explanation.tokens)
    return figure


def _draw_means(axes: Axes, layer: str, trace: Trace) -> None:
    """The mean over the units of each gate and state of a layer, around its own average."""
    for number, (name, values) in enumerate(trace.items()):
        colour, style = COLOURS[number % len(COLOURS)], _STYLES[number % len(_STYLES)]
        mean = values.mean(axis=1)
        label = f"{name}, on average {mean.mean():.2f}"
        positions = 1 + np.arange(len(mean))
        axes.plot(positions, mean - mean.mean(), color=colour, linestyle=style, label=label)
    axes.set_title(f"{layer}: means over its units, around their averages", loc="left")
    axes.legend(loc="center left", bbox_to_anchor=(1.0, 0.5), fontsize="small")


def layer_picture(explanation: Explanation, layer: str) -> Figure:
    """For each gate and state of a layer the units that move most along the text.

    Args:
        explanation: The explanation of T tokens.
        layer: The path of the layer.

    Returns:
        The figure, a heat map for each gate and state. What has a sign is coloured from blue by
        white to red.
    """
    trace = explanation.traces[layer]
    figure, panels = _panels(explanation, len(trace))
    figure.suptitle(f"{layer}: the units that move most")
    for axes, (name, values) in zip(panels, trace.items(), strict=True):
        units = np.argsort(-movement(values), kind="stable")[:_UNITS]
        low, high = value_range(values[:, units])
        colours = "RdBu_r" if low < 0 else "cividis"
        image = axes.imshow(
            values[:, units].T,
            aspect="auto",
            cmap=colours,
            vmin=low,
            vmax=high,
            interpolation="nearest",
            extent=(0.5, len(values) + 0.5, len(units) - 0.5, -0.5),
        )
        figure.colorbar(image, ax=axes, pad=0.01, ticks=[low, high], format="%.2g")
        axes.set_title(gate_label(name, trace), loc="left")
        axes.set_yticks(range(len(units)), labels=[str(unit) for unit in units], fontsize=7)
        axes.set_ylabel("unit")
    _label_tokens(panels[-1], explanation.tokens)
    return figure


def probe_picture(probe: "Probe") -> Figure:
    """The strongest correlations that were found, on both halves of the texts.

    Args:
        probe: The result, with at least one finding; forty are drawn.

    Returns:
        The figure.
    """
    findings = probe.findings[:_FINDINGS]
    names = [
        f"{_readable(finding.feature, f'finding {number}')}: {' '.join(map(str, finding.unit))}"
        for number, finding in enumerate(findings, 1)
    ]
    figure = empty_figure(9.0, 1.5 + 0.3 * len(names))
    axes = figure.subplots()
    rows = np.arange(len(names))
    axes.barh(
        rows, [finding.correlation for finding in findings], color=_LOW, label="held-out half"
    )
    axes.plot(
        [finding.selection for finding in findings], rows, "D", color=_HIGH, label="selection half"
    )
    axes.set_yticks(rows, labels=names, fontsize=8, **fonts.literal())
    axes.set_ylim(len(names) - 0.4, -0.6)
    axes.axvline(0, color="grey", linewidth=0.8)
    axes.set(xlabel="correlation", xlim=(-1, 1), title="Units that correlate with features")
    axes.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))
    return figure


def _panels(explanation: Explanation, count: int) -> tuple[Figure, list[Axes]]:
    """A figure with panels one below the other; a longer text gets a wider one, up to a limit.

    Their places are fixed: of many panels the layouts of matplotlib take longer than the drawing.
    """
    width = float(np.clip(3.0 + 0.45 * len(explanation.tokens), 7.0, 14.0))
    top, each, gap, bottom = 0.8, 1.4, 0.6, 0.5
    height = top + count * each + (count - 1) * gap + bottom
    figure = empty_figure(width, height, layout=None)
    figure.subplots_adjust(
        left=0.8 / width,
        right=1 - 0.3 / width,
        bottom=bottom / height,
        top=1 - top / height,
        hspace=gap / each,
    )
    panels = figure.subplots(count, 1, sharex=True, squeeze=False)[:, 0]
    panels[0].set_xlim(0.5, len(explanation.tokens) + 0.5)
    return figure, list(panels)


def _readable(text: str, otherwise: str) -> str:
    """A text on one line; something else where the fonts lack a character of it."""
    text = fonts.shortened(text, longest=32)
    return text if fonts.legible(text) else otherwise


def _label_tokens(axes: Axes, tokens: Sequence[str]) -> None:
    """Names the tokens below the last panel; those of a long text are counted from 1."""
    if len(tokens) > _NAMED:
        axes.set_xlabel("tokens, counted from 1")
        return
    shown = [_readable(token, str(at)) for at, token in enumerate(tokens, 1)]
    slant: dict[str, Any] = {"rotation": 45, "ha": "right", "rotation_mode": "anchor"}
    axes.set_xticks(range(1, len(shown) + 1), labels=shown, **slant, **fonts.literal())
