"""How much of a gradient is left some steps back: vanishing and exploding, measured.

A loss L, the mean of v · h_T over the rows, with the last output h_T and a random v of length 1, is
differentiated by the states after every step t, by the very recurrence that layers train with:

    ‖∂L/∂s_t‖ / ‖∂L/∂h_T‖    s = h, c, …, over the distance T - t

Clipping multiplies all of these by the same factor, min(1, 1 / ‖∂L/∂θ‖), with the gradient by all
weights: what exploded becomes a step of length 1, and what vanished stays as far behind.

The recurrent kernel of a vanilla RNN is the initial one, orthogonal, times a radius, its spectral
radius. A step back multiplies the gradient by at most σ_max · γ, the largest singular value of the
kernel times the largest slope of the activation: the radius times 1 for tanh. In a cell with a
forget gate f the gradient goes back through c' = f * c + …, so what decides is the bias of f.

The last setting of a cell is that of a layer that has learnt to add two numbers of a sequence as
long as T, or has failed to (`nlpkit.compare.long_lag`); its inputs are such sequences.

References:
    R. Pascanu, T. Mikolov, Y. Bengio: On the Difficulty of Training Recurrent Neural Networks.
    ICML 2013, sections 2.1 and 3.2 (clipping).
    R. Jozefowicz, W. Zaremba, I. Sutskever: An Empirical Exploration of Recurrent Network
    Architectures. ICML 2015, section 3.2 (the forget bias).
"""

import dataclasses
import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

import keras
import numpy as np
import tensorflow as tf
from matplotlib.figure import Figure
from scipy.stats import gmean

from nlpkit.cells import Cell
from nlpkit.compare.benchmark import Benchmark, Plan, Size
from nlpkit.compare.contents import Content, Table, in_words
from nlpkit.compare.implementations import require_tensorflow
from nlpkit.compare.long_lag import Learner
from nlpkit.compare.workload import Shape
from nlpkit.data.long_lag import LONG_LAG_TASKS
from nlpkit.layers import FAMILY
from nlpkit.recurrence import Operands, recur
from nlpkit.reports.pictures import COLOURS, empty_figure

__all__ = ["BENCHMARK"]

_SHAPE, _TINY = Shape(8, 100, 32, 32), Shape(2, 10, 3, 4)
_SEQUENCES, _FEW = 74_000, 40  # to learn to add from: those of the paper
_CELLS = ("simple-rnn", "lstm-1997", "lstm", "gru")
_RADII, _FORGET_BIASES = (0.5, 1.0, 2.0), (0.0, 1.0, 2.0, 4.0)
_AMPLITUDE = 0.1  # of the inputs: small, so that tanh is nearly linear
_VANILLA = "simple-rnn"
_STYLES = ("-", "--", "-.", ":")  # one for each setting of a cell before training
_LIMITS = (1e-12, 1e12)  # of the picture
_CLIP = 1.0  # as in `nlpkit.compare.long_lag`
_DRAWN_CLIPPING = 1e-2  # a gradient that is clipped less than that is not drawn twice


class _Followed(NamedTuple):
    """The gradients of a loss.

    Attributes:
        norms: For each state the norms at the distances 0, 1, …, T - 1, that of h first: geometric
            means over the rows, relative to that of h at the distance 0.
        by_weights: The norm of the gradient by all weights.
    """

    norms: dict[str, list[float]]
    by_weights: float


class _Setting(NamedTuple):
    """What is changed in an initial cell."""

    radius: float | None = None
    forget_bias: float | None = None
    trained: bool = False

    def __str__(self) -> str:
        if self.trained:
            return "after training"
        changes = {"radius": self.radius, "forget bias": self.forget_bias}
        made = [f"{name} {value:g}" for name, value in changes.items() if value is not None]
        return ", ".join(made) or "as it begins"


def measure(plan: Plan, say: Callable[[str], None]) -> dict[str, Any]:
    """Follows the gradients of some cells back through time; see `Benchmark`."""
    shape = dataclasses.replace(_TINY if plan.quick else _SHAPE, time=plan.lag)
    cells: dict[str, dict[str, Any]] = {}
    for cell in plan.cells or _CELLS:
        cells[cell] = {}
        for setting in _settings(FAMILY[cell].cell):
            if setting.trained:
                operands, inputs = _trained(cell, shape, plan)
            else:
                operands, inputs = _initial(cell, setting, shape, plan.seed)
            followed = _follow(FAMILY[cell].cell, operands, inputs, plan.seed)
            rate = _rate(followed.norms["h"])
            cells[cell][str(setting)] = {
                "norms": followed.norms,
                "rate": rate,
                "bound": setting.radius,
                "by_weights": followed.by_weights,
                "clipped": float(np.minimum(_CLIP, followed.by_weights)),  # NaN stays
            }
            say(f"gradients: {cell}, {setting}: {_shown(rate, 'times {:.3f} a step')}")
    return {"shape": str(shape), "distance": shape.time - 1, "cells": cells}


def _settings(cell: Cell) -> Iterator[_Setting]:
    """A vanilla RNN has its radius, a forget gate its bias; other cells are as they begin."""
    if cell.forget_gate:
        yield from (_Setting(forget_bias=bias) for bias in _FORGET_BIASES)
    elif cell.name == _VANILLA:
        yield from map(_Setting, _RADII)
    else:
        yield _Setting()
    yield _Setting(trained=True)


def _follow(cell: Cell, operands: Operands, inputs: tf.Tensor, seed: int) -> _Followed:
    """Runs a recurrence step by step, and its loss back."""
    (rng,) = np.random.default_rng(seed).spawn(1)  # independent of the inputs'
    states, weights = [], list(operands.weights.values())
    with tf.GradientTape() as tape:
        tape.watch([operands.state, weights])
        for step in inputs:
            _, state = recur(cell, operands._replace(inputs=step))
            operands = operands._replace(state=state)
            states.append(state)
        h = states[-1][0]
        v = rng.normal(size=h.shape)
        v /= np.linalg.norm(v, axis=1, keepdims=True)
        loss = tf.reduce_mean(tf.reduce_sum(v * h, axis=1))
    gradients, by_weights = tape.gradient(loss, [states, weights], unconnected_gradients="zero")
    # 0 where all of it vanished, and NaN where it diverged.
    with np.errstate(divide="ignore", invalid="ignore"):
        norms = {
            state: gmean([np.linalg.norm(each[index], axis=1) for each in gradients[::-1]], axis=1)
            for index, state in enumerate(cell.state_names)
        }
        relative = {state: (each / norms["h"][0]).tolist() for state, each in norms.items()}
    return _Followed(relative, float(tf.linalg.global_norm(by_weights)))


def _initial(name: str, setting: _Setting, shape: Shape, seed: int) -> tuple[Operands, tf.Tensor]:
    """A layer as it begins, but for the setting, and small random inputs, [T, B, 1, I]."""
    keras.utils.set_random_seed(seed)
    rng = np.random.default_rng(seed)
    layer = FAMILY[name].make_width(shape.units)
    layer.build((None, None, shape.features))
    cell, weights = layer.declaration, dict(layer.cell.weights_by_name("float64"))
    for weight in cell.weights:
        if "recurrent" in weight.roles and setting.radius is not None:
            weights[weight.name] *= setting.radius
    if setting.forget_bias is not None:
        bias = weights["bias"]
        forget = np.repeat(
            [gate == cell.forget_gate for gate in cell.gates], len(bias) // len(cell.gates)
        )
        weights["bias"] = tf.where(forget, setting.forget_bias, bias)
    size = (shape.time, shape.batch, 1, shape.features)
    inputs = tf.constant(_AMPLITUDE * rng.normal(size=size))
    return _operands(layer, weights, inputs), inputs


def _trained(name: str, shape: Shape, plan: Plan) -> tuple[Operands, tf.Tensor]:
    """A layer after its training, and sequences of its task, of which T steps are read."""
    learner = Learner(LONG_LAG_TASKS["adding"], name, shape.time, plan.seed)
    learner.learn(_FEW if plan.quick else _SEQUENCES)
    sequences = learner.sequences(shape.batch).inputs[:, : shape.time]
    inputs = tf.constant(sequences.swapaxes(0, 1)[:, :, None], "float64")
    return _operands(learner.layer, learner.layer.cell.weights_by_name("float64"), inputs), inputs


def _operands(
    layer: keras.layers.RNN, weights: Mapping[str, tf.Tensor], inputs: tf.Tensor
) -> Operands:
    """What a recurrence needs before the first of some inputs."""
    state = layer.get_initial_state(inputs.shape[1])
    return Operands(inputs[0], weights, tuple(tf.cast(each, "float64") for each in state))


def _rate(norms: list[float]) -> float:
    """The factor of a step back, by least squares: 0 if nothing is left, NaN if it diverged."""
    if not np.isfinite(norms).all():
        return math.nan
    there = np.flatnonzero(norms)
    if len(there) < 2:
        return 0.0
    return float(np.exp(np.polyfit(there, np.log(np.array(norms)[there]), 1)[0]))


def contents(results: dict[str, Any]) -> Iterator[Content]:
    """The rates, and what is left at the largest distance; see `Benchmark`."""
    far = results["distance"]
    rows = {
        f"{cell}, {setting}": [
            _shown(row["rate"], "{:.3f}"),
            "" if row["bound"] is None else f"{row['bound']:.3f}",
            _shown(row["norms"]["h"][far]),
            _shown(row["norms"]["c"][far]) if "c" in row["norms"] else "",
            _shown(row["by_weights"]),
            _shown(row["clipped"]),
        ]
        for cell, settings in results["cells"].items()
        for setting, row in settings.items()
    }
    title = (
        f"Gradients {far} steps back, relative to that of the last output; rates a step; and the "
        f"norm of the gradient by all weights, before and after clipping to {_CLIP:g}:"
    )
    heads = [
        ("", "rate"),
        ("at most", "in theory"),
        ("left", "of h"),
        ("left", "of c"),
        ("by the", "weights"),
        ("", "clipped"),
    ]
    yield Table(title, heads, rows)


def _shown(number: float, form: str = "{:.1e}") -> str:
    """A number; 0 for what underflowed, and a word for what is none."""
    if not math.isfinite(number):
        return "diverged"
    return form.format(number) if number else "0"


def conclusion(results: dict[str, Any]) -> str:
    """How much more an LSTM keeps than a vanilla RNN, or what each cell keeps; see `Benchmark`."""
    cells, far = results["cells"], results["distance"]
    if not {"lstm", _VANILLA} <= cells.keys():
        rates = [
            f"{_shown(settings[str(_Setting(trained=True))]['rate'], '{:.3f}')} with {cell}"
            for cell, settings in cells.items()
        ]
        return f"After training a step back multiplies the gradient by {in_words(rates)}."
    begun, trained = _Setting(forget_bias=1.0), _Setting(trained=True)

    def kept(cell: str, setting: _Setting) -> float:
        return max(norms[far] for norms in cells[cell][str(setting)]["norms"].values())

    before = _compared(kept("lstm", begun), kept(_VANILLA, _Setting(radius=1.0)))
    after = _compared(kept("lstm", trained), kept(_VANILLA, trained))
    return (
        f"What is left in the state that keeps most of it, {far} steps back: as both begin (forget "
        f"bias 1, radius 1) {before}, and after training {after}."
    )


def _compared(lstm: float, vanilla: float) -> str:
    """What the LSTM has beside the vanilla RNN, where both have something."""
    if math.isfinite(lstm) and math.isfinite(vanilla) and vanilla:
        return f"the LSTM has {lstm / vanilla:.1e} times what the vanilla RNN has"
    return f"the LSTM has {_shown(lstm)} and the vanilla RNN {_shown(vanilla)}"


def picture(results: dict[str, Any]) -> Figure:
    """The norms of h and c over the distance; what exploded also clipped; see `Benchmark`."""
    figure = empty_figure(11.0, 4.5)
    names = {"h": "output h", "c": "cell state c"}
    for axes, (state, title) in zip(figure.subplots(1, 2, sharey=True), names.items(), strict=True):
        for number, (cell, settings) in enumerate(results["cells"].items()):
            colour = COLOURS[number % len(COLOURS)]
            shown = {s: row["norms"][state] for s, row in settings.items() if state in row["norms"]}
            styles = iter(_STYLES)
            for setting, norms in shown.items():
                trained = setting == str(_Setting(trained=True))
                line = {"ls": "-", "linewidth": 3} if trained else {"ls": next(styles)}
                there = np.flatnonzero(norms)  # the last c has no part in the last output's loss
                label = f"{cell}, {setting}"
                axes.plot(there, np.take(norms, there), color=colour, label=label, **line)
                clipping = settings[setting]["clipped"] / (settings[setting]["by_weights"] or 1.0)
                if clipping < _DRAWN_CLIPPING and settings[setting]["by_weights"]:
                    line = {"ls": "", "marker": ".", "markersize": 2, "label": f"{label}, clipped"}
                    axes.plot(there, clipping * np.take(norms, there), color=colour, **line)
        axes.set(title=f"Gradient by the {title}", xlabel="steps back", yscale="log", ylim=_LIMITS)
        axes.axhline(1.0, color="gray", linewidth=0.5)
    lines, labels = figure.axes[0].get_legend_handles_labels()  # every cell has an h
    figure.legend(lines, labels, loc="outside right upper", fontsize="x-small")
    return figure


BENCHMARK = Benchmark(
    title="Gradients",
    question="How much of a gradient is left some steps back: where does it vanish or explode?",
    shows="The norm of the gradient over the steps back, a line for each cell and setting",
    sizes=(Size(0.7, {"lag": 30}), Size(1.2, {"lag": 50}), Size(2.5, {})),
    require=require_tensorflow,
    measure=measure,
    contents=contents,
    conclusion=conclusion,
    picture=picture,
)
