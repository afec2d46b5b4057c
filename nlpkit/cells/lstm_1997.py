"""The long short-term memory of 1997, without a forget gate: Hochreiter & Schmidhuber.

With z = x + r, split into one block of columns for each gate:

    (1)  i  = sigmoid(z_i)        input gate: how much of the candidate is written
    (2)  g  = tanh(z_g)           candidate
    (3)  o  = sigmoid(z_o)        output gate: how much of the memory is shown
    (4)  c' = c + i * g           cell state, the memory
    (5)  k  = tanh(c')
    (6)  h' = o * k               output state

The derivatives of the loss by these, d in front of the letter, from those by h' and c':

    (7)  dc' += dh' * o * (1 - k²)                                      (6), (5)
    (8)  dz_i = dc' * g * i * (1 - i)     dz_g = dc' * i * (1 - g²)     (4), (1), (2)
         dz_o = dh' * k * o * (1 - o)                                   (6), (3)
    (9)  dc = dc'                                                       (4)

Equation (9) is why there is a cell state: along c the gradient neither vanishes nor explodes, the
constant error carousel. The price is that nothing is ever forgotten, so that c grows with the
length of the sequence until k no longer moves; the forget gate of 2000 (`nlpkit.cells.lstm`) is the
cure.

x  input projection, input · kernel + bias    [B, 3U]    h, c    state before the step  [B, U]
r  recurrent projection, h · recurrent_kernel [B, 3U]    h', c'  state after the step   [B, U]
*  elementwise product                                   all gates and k                [B, U]

Departures from the paper: tanh stands for its scaled logistic functions, a memory block holds one
cell, gates have biases, all gates see h alone, and the gradient is the whole one, not cut at the
gates. With `cell_clip` c' of (4) is kept within bounds.

Reference:
    S. Hochreiter, J. Schmidhuber: Long Short-Term Memory. Neural Computation 9(8), 1997.
"""

from collections.abc import Callable, Mapping
from typing import Any

import keras
from keras import ops

from nlpkit.cells.cell import Cell, Derivative, State
from nlpkit.cells.gates import SIGMOID_AND_TANH, clip, gates

__all__ = ["LSTM_1997", "adjoint", "local", "step"]


def step(
    x: Any,
    r: Any,
    state: tuple[Any, Any],
    weights: Mapping[str, Any],
    *,
    activation: Callable = keras.activations.tanh,
    recurrent_activation: Callable = keras.activations.sigmoid,
    cell_clip: float | None = None,
) -> tuple[tuple[Any, Any], Any]:
    """One step forward.

    Args:
        x: Input projection, bias included, [B, 3U], blocks in the order i, g, o.
        r: Recurrent projection, [B, 3U], blocks in the same order.
        state: `(h, c)` before the step, each [B, U].
        weights: Empty; a step reads none.
        activation: Function of the candidate (2) and of the memory (5). Default: tanh.
        recurrent_activation: Function of the gates (1), (3). Default: sigmoid.
        cell_clip: Bound of the size of c' (4). Default: none.

    Returns:
        `(h, c)` after the step, each [B, U], and the gates i, g, o, [B, 3U].
    """
    _, c = state  # h is in r already
    sigmoid, tanh = recurrent_activation, activation
    (i, g, o), a = gates(x + r, (sigmoid, tanh, sigmoid))  # (1), (2), (3)
    c = clip(c + i * g, cell_clip)  # (4)
    h = o * tanh(c)  # (5), (6)
    return (h, c), a


def local(kept: Any, state: tuple[Any, Any], weights: Mapping[str, Any]) -> tuple[Any, Any]:
    """The local derivatives of the equations, for tanh and sigmoid.

    Args:
        kept: i, g, o, as `step` left them, [..., 3U].
        state: `(h, c)` before the step, each [..., U].
        weights: Empty; a step reads none.

    Returns:
        What (8) multiplies dc' and dh' by, [..., 3U], and (7) dh', [..., U].
    """
    _, c = state
    i, g, o = ops.split(kept, 3, axis=-1)
    k = ops.tanh(c + i * g)  # (4), (5) again: it takes less time than to keep it
    dz_local = ops.concatenate([g * i * (1 - i), i * (1 - g * g), k * o * (1 - o)], axis=-1)  # (8)
    return dz_local, o * (1 - k * k)  # (7)


def adjoint(
    local: tuple[Any, Any], dstate: tuple[Any, Any], weights: Mapping[str, Any]
) -> tuple[Any, Any, tuple[Any, Any]]:
    """One step back.

    Args:
        local: As `local` gave them.
        dstate: Derivatives of the loss by `(h, c)` after the step, each [B, U].
        weights: Empty; a step reads none.

    Returns:
        `dx` and `dr`, each [B, 3U], and the derivatives by `(h, c)` before the step, each [B, U];
        that by h is zero, since h acts through r only.
    """
    (dz_local, dc_local), (dh, dc) = local, dstate
    dc = dc + dh * dc_local  # (7)
    dz = ops.concatenate([dc, dc, dh], axis=-1) * dz_local  # (8)
    return dz, dz, (ops.zeros_like(dh), dc)  # (9)


LSTM_1997 = Cell(
    name="lstm-1997",
    gates=("i", "g", "o"),
    states=(State(name="h"), State(name="c")),
    kept=("i", "g", "o"),
    options={**SIGMOID_AND_TANH, "cell_clip": None},
    step=step,
    derivative=Derivative(
        options={**SIGMOID_AND_TANH, "cell_clip": None},
        local=local,
        adjoint=adjoint,
        adds_projections=True,
    ),
)
