"""The vanilla recurrent network: Elman (1990), as Keras has it.

    (1)  h' = tanh(x + r)

The derivatives of the loss by these, d in front of the letter, from that by h':

    (2)  dz = dh' * (1 - h'²)                                           (1)
    (3)  dh = dz · Rᵀ, by way of r alone; whoever multiplied r adds it

Every step back multiplies by Rᵀ and by 1 - h'² once more. Where the product shrinks the gradient
vanishes over time, where it grows the gradient explodes (Bengio et al. 1994): what the LSTM is for.

x  input projection, input · kernel + bias    [B, U]    h   state before the step  [B, U]
r  recurrent projection, h · recurrent_kernel [B, U]    h'  state after the step   [B, U]
*  elementwise product

Departures from the paper: tanh stands for the logistic function, the whole gradient is propagated
through time instead of one step of it, and the output layer is left to the model.

References:
    J. Elman: Finding Structure in Time. Cognitive Science 14(2), 1990.
    Y. Bengio, P. Simard, P. Frasconi: Learning Long-Term Dependencies with Gradient Descent is
    Difficult. IEEE Transactions on Neural Networks 5(2), 1994.
"""

from collections.abc import Callable, Mapping
from typing import Any

import keras
from keras import ops

from nlpkit.cells.cell import Cell, Derivative, State

__all__ = ["SIMPLE_RNN", "adjoint", "local", "step"]


def step(
    x: Any,
    r: Any,
    state: tuple[Any],
    weights: Mapping[str, Any],
    *,
    activation: Callable = keras.activations.tanh,
) -> tuple[tuple[Any], Any]:
    """One step forward.

    Args:
        x: Input projection, bias included, [B, U].
        r: Recurrent projection, [B, U].
        state: `(h,)` before the step, [B, U].
        weights: Empty; a step reads none.
        activation: Function of the state (1). Default: tanh.

    Returns:
        `(h,)` after the step, and the same to be kept as g, [B, U].
    """
    g = activation(x + r)  # (1)
    return (g,), g


def local(kept: Any, state: tuple[Any], weights: Mapping[str, Any]) -> tuple[Any]:
    """What (2) multiplies dh' by, for tanh: [..., U].

    Args:
        kept: g, as `step` left it, [..., U].
        state: `(h,)` before the step; not needed.
        weights: Empty; a step reads none.

    Returns:
        `(dz_local,)`.
    """
    return (1 - kept * kept,)  # (2)


def adjoint(
    local: tuple[Any], dstate: tuple[Any], weights: Mapping[str, Any]
) -> tuple[Any, Any, tuple[Any]]:
    """One step back.

    Args:
        local: `(dz_local,)`, as `local` gave it.
        dstate: The derivative by h', [B, U].
        weights: Empty; a step reads none.

    Returns:
        `dx` and `dr`, [B, U], and the derivative by h apart from that by way of r: zero.
    """
    (dz_local,), (dh,) = local, dstate
    dz = dh * dz_local  # (2)
    return dz, dz, (ops.zeros_like(dh),)


SIMPLE_RNN = Cell(
    name="simple-rnn",
    gates=("g",),
    states=(State(name="h"),),
    kept=("g",),
    options={"activation": keras.activations.tanh},
    step=step,
    derivative=Derivative(
        options={"activation": keras.activations.tanh},
        local=local,
        adjoint=adjoint,
        adds_projections=True,
    ),
)
