"""Long short-term memory: Hochreiter & Schmidhuber (1997), with Gers et al.'s forget gate (2000).

With z = x + r, split into one block of columns for each gate:

    (1)  i  = sigmoid(z_i)        input gate: how much of the candidate is written
    (2)  f  = sigmoid(z_f)        forget gate: how much of the memory is kept
    (3)  g  = tanh(z_g)           candidate; Keras names it c
    (4)  o  = sigmoid(z_o)        output gate: how much of the memory is shown
    (5)  c' = f * c + i * g       cell state, the memory
    (6)  k  = tanh(c')
    (7)  h' = o * k               output state

x  input projection, input · kernel + bias    [B, 4U]    h, c    state before the step  [B, U]
r  recurrent projection, h · recurrent_kernel [B, 4U]    h', c'  state after the step   [B, U]
*  elementwise product                                   all gates and k                [B, U]

Departures from the papers: tanh stands for the scaled logistic functions of 1997, a memory block
holds one cell, gates have biases, and the gradient is the whole one, not cut at the gates. There
are no peepholes (Gers & Schmidhuber 2000).

References:
    S. Hochreiter, J. Schmidhuber: Long Short-Term Memory. Neural Computation 9(8), 1997.
    F. Gers, J. Schmidhuber, F. Cummins: Learning to Forget: Continual Prediction with LSTM.
    Neural Computation 12(10), 2000.
"""

from collections.abc import Callable
from typing import Any

import keras
from keras import ops

from nlpkit.cells.cell import Cell

__all__ = ["LSTM", "adjoint", "step"]


def step(
    x: Any,
    r: Any,
    state: tuple[Any, Any],
    *,
    activation: Callable = keras.activations.tanh,
    recurrent_activation: Callable = keras.activations.sigmoid,
) -> tuple[tuple[Any, Any], tuple[Any, ...]]:
    """One step forward.

    Args:
        x: Input projection, bias included, [B, 4U], blocks in the order i, f, g, o.
        r: Recurrent projection, [B, 4U], blocks in the same order.
        state: `(h, c)` before the step, each [B, U].
        activation: Function of the candidate (3) and of the memory (6). Default: tanh.
        recurrent_activation: Function of the three gates (1), (2), (4). Default: sigmoid.

    Returns:
        `(h, c)` after the step, and the residuals `(i, f, g, o, k)`, each [B, U].
    """
    _, c = state  # h is in r already
    z_i, z_f, z_g, z_o = ops.split(x + r, 4, axis=-1)
    i = recurrent_activation(z_i)  # (1)
    f = recurrent_activation(z_f)  # (2)
    g = activation(z_g)  # (3)
    o = recurrent_activation(z_o)  # (4)
    c = f * c + i * g  # (5)
    k = activation(c)  # (6)
    h = o * k  # (7)
    return (h, c), (i, f, g, o, k)


def adjoint(
    residuals: tuple[Any, ...], state: tuple[Any, Any], dstate: tuple[Any, Any]
) -> tuple[Any, Any, tuple[Any, Any]]:
    """One step back: the derivative of `step`, for tanh and sigmoid.

    These two have derivatives that need their values alone, 1 - a² and a·(1 - a), so nothing is
    computed twice. For any other pair of activations differentiate `step` itself.

    Args:
        residuals: `(i, f, g, o, k)` as `step` gave them, each [B, U].
        state: `(h, c)` before the step, each [B, U].
        dstate: Derivatives of the loss by `(h, c)` after the step, each [B, U].

    Returns:
        `dx` and `dr`, each [B, 4U], and the derivatives by `(h, c)` before the step, each [B, U];
        that by h is zero, since h acts through r only.
    """
    i, f, g, o, k = residuals
    _, c = state
    dh, dc = dstate
    do = dh * k  # (7)
    dc = dc + dh * o * (1 - k * k)  # (7), (6)
    di, df, dg = dc * g, dc * c, dc * i  # (5)
    dz = ops.concatenate(
        [
            di * i * (1 - i),  # (1)
            df * f * (1 - f),  # (2)
            dg * (1 - g * g),  # (3)
            do * o * (1 - o),  # (4)
        ],
        axis=-1,
    )
    return dz, dz, (ops.zeros_like(dh), dc * f)


LSTM = Cell(
    name="lstm",
    gates=("i", "f", "g", "o"),
    states=("h", "c"),
    step=step,
    adjoint=adjoint,
)
