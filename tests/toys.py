"""Cells that nothing but the tests knows, each with what no cell of a paper has alone.

`TOY` has one state, two gates, projections that are multiplied, and a derivative by hand;
`TOY_BY_AUTODIFF` has none, but a weight that each step reads and states of two widths;
`TOY_LINEAR` is linear in its state and has no recurrent kernel.
"""

from typing import Any

import keras
from keras import ops

from nlpkit.cells import Cell, Derivative, State, Weight
from nlpkit.cells.cell import COMMON_WEIGHTS
from nlpkit.cells.linear import linear_cell
from nlpkit.layers import Recurrent
from nlpkit.layers.cell_layer import cell_layer
from nlpkit.layers.signature import argument

SCALE = Weight(name="scale", shape=("U",), roles=("step",), arguments="bias", option="use_bias")


def _scaled(tensor, weights):
    return tensor / 2 if weights["scale"] is None else tensor * weights["scale"]


def _step(x, r, state, weights):
    """h' = h / 2 + x_a * r_a + x_b - r_b."""
    x_a, x_b = ops.split(x, 2, axis=-1)
    r_a, r_b = ops.split(r, 2, axis=-1)
    return (state[0] / 2 + x_a * r_a + x_b - r_b,), ops.concatenate([x_a, r_a], axis=-1)


def _adjoint(local, dstate, weights):
    (kept,), (dh,) = local, dstate
    x_a, r_a = ops.split(kept, 2, axis=-1)
    dx, dr = ops.concatenate([dh * r_a, dh], axis=-1), ops.concatenate([dh * x_a, -dh], axis=-1)
    return dx, dr, (dh / 2,)


TOY = Cell(
    name="toy",
    gates=("a", "b"),
    states=(State(name="h"),),
    kept=("x_a", "r_a"),
    step=_step,
    derivative=Derivative(options={}, local=lambda kept, state, weights: (kept,), adjoint=_adjoint),
)


def _step_by_autodiff(x, r, state, weights):
    """m' = tanh(scale * m + x_a * r_a), and h' = m' * x_b + r_b with the mean of m' beside it."""
    x_a, x_b = ops.split(x, 2, axis=-1)
    r_a, r_b = ops.split(r, 2, axis=-1)
    a = x_a * r_a
    m = ops.tanh(_scaled(state[1], weights) + a)
    mean = ops.mean(m, axis=-1, keepdims=True)
    return (ops.concatenate([m * x_b + r_b, mean], axis=-1), m), ops.concatenate([a, x_b], axis=-1)


TOY_BY_AUTODIFF = Cell(
    name="toy-by-autodiff",
    gates=("a", "b"),
    states=(State(name="h", width="P"), State(name="m", initial=0.5)),
    kept=("a", "b"),
    weights=(*COMMON_WEIGHTS, SCALE),
    step=_step_by_autodiff,
    sizes_of=lambda units, **_: {"P": units + 1},
)


def _coefficients(x, weights):
    """a = sigmoid(x_a) and b = scale * x_b of h' = a * h + b, and the same side by side."""
    x_a, x_b = ops.split(x, 2, axis=-1)
    a, b = ops.sigmoid(x_a), _scaled(x_b, weights)
    return (a, b), ops.concatenate([a, b], axis=-1)


TOY_LINEAR = linear_cell("toy-linear", ("a", "b"), _coefficients, SCALE)


TOYS = {cell.name: cell for cell in (TOY, TOY_BY_AUTODIFF, TOY_LINEAR)}


@keras.saving.register_keras_serializable(package="tests")
class Toy(Recurrent):
    """One of the toy cells along time: a layer in ten lines."""

    recurrent_initializer: Any = argument("random_uniform")
    bias_initializer: Any = argument("ones")
    toy: str = argument("toy")

    @staticmethod
    def declared(*, toy: str, **_: Any) -> Cell:
        return TOYS[toy]


ToyCell = cell_layer(Toy)
