"""Long short-term memory: Hochreiter & Schmidhuber (1997), with Gers et al.'s forget gate (2000).

With z = x + r, split into one block of columns for each gate:

    (1)  i  = sigmoid(z_i)        input gate: how much of the candidate is written
    (2)  f  = sigmoid(z_f)        forget gate: how much of the memory is kept
    (3)  g  = tanh(z_g)           candidate; Keras names it c
    (4)  o  = sigmoid(z_o)        output gate: how much of the memory is shown
    (5)  c' = f * c + i * g       cell state, the memory
    (6)  k  = tanh(c')
    (7)  h' = o * k               output state

The derivatives of the loss by these, d in front of the letter, from those by h' and c':

    (8)  dc' += dh' * o * (1 - k²)                                      (7), (6)
    (9)  dz_i = dc' * g * i * (1 - i)     dz_f = dc' * c * f * (1 - f)  (5), (1), (2)
         dz_g = dc' * i * (1 - g²)        dz_o = dh' * k * o * (1 - o)  (5), (3), (7), (4)
    (10) dc = dc' * f                                                   (5)

x  input projection, input · kernel + bias    [B, 4U]    h, c    state before the step  [B, U]
r  recurrent projection, h · recurrent_kernel [B, 4U]    h', c'  state after the step   [B, U]
*  elementwise product                                   all gates and k                [B, U]
a  the four gates side by side, in this order [B, 4U]

Whose equation is whose: c' = c + i * g is the LSTM of 1997 (`nlpkit.cells.lstm_1997`), c' = f * c +
i * g that of 2000, this one. h' = o * tanh(c) with the cell state *before* the step, which some
teaching texts print, is a misprint: the output gate reads the new one, as (6) and (7) say.

Departures from the papers: tanh stands for the scaled logistic functions of 1997, a memory block
holds one cell, gates have biases, and the gradient is the whole one, not cut at the gates. With
`cell_clip` c' of (5) is kept within bounds, as Sak et al. (2014) do. There are no peepholes
(`nlpkit.cells.peephole_lstm`).

References:
    S. Hochreiter, J. Schmidhuber: Long Short-Term Memory. Neural Computation 9(8), 1997.
    F. Gers, J. Schmidhuber, F. Cummins: Learning to Forget: Continual Prediction with LSTM.
    Neural Computation 12(10), 2000.
"""

from collections.abc import Callable, Mapping
from typing import Any

import keras
from keras import ops

from nlpkit.cells.cell import Cell, Derivative, State
from nlpkit.cells.gates import SIGMOID_AND_TANH, clip, gates

__all__ = ["LSTM", "adjoint", "local", "step"]


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
        x: Input projection, bias included, [B, 4U], blocks in the order i, f, g, o.
        r: Recurrent projection, [B, 4U], blocks in the same order.
        state: `(h, c)` before the step, each [B, U].
        weights: Empty; a step reads none.
        activation: Function of the candidate (3) and of the memory (6). Default: tanh.
        recurrent_activation: Function of the three gates (1), (2), (4). Default: sigmoid.
        cell_clip: Bound of the size of c' (5). Default: none.

    Returns:
        `(h, c)` after the step, each [B, U], and the gates i, f, g, o, [B, 4U].
    """
    _, c = state  # h is in r already
    sigmoid, tanh = recurrent_activation, activation
    (i, f, g, o), a = gates(x + r, (sigmoid, sigmoid, tanh, sigmoid))  # (1), (2), (3), (4)
    c = clip(f * c + i * g, cell_clip)  # (5)
    k = tanh(c)  # (6)
    h = o * k  # (7)
    return (h, c), a


def local(kept: Any, state: tuple[Any, Any], weights: Mapping[str, Any]) -> tuple[Any, Any, Any]:
    """The local derivatives of the equations, for tanh and sigmoid.

    These two have derivatives that need their values alone, 1 - a² and a·(1 - a).

    Args:
        kept: a, as `step` left it, [..., 4U].
        state: `(h, c)` before the step, each [..., U].
        weights: Empty; a step reads none.

    Returns:
        `(dz_local, dc_local, f)`: what (9) multiplies dc' and dh' by, [..., 4U]; what (8)
        multiplies dh' by, and (10) dc', [..., U] each.
    """
    _, c = state
    i, f, g, o = ops.split(kept, 4, axis=-1)
    k = ops.tanh(f * c + i * g)  # (5), (6) again: it takes less time than to keep it
    dz_local = ops.concatenate(
        [g * i * (1 - i), c * f * (1 - f), i * (1 - g * g), k * o * (1 - o)], axis=-1
    )  # (9)
    return dz_local, o * (1 - k * k), f  # (8), (10)


def adjoint(
    local: tuple[Any, Any, Any], dstate: tuple[Any, Any], weights: Mapping[str, Any]
) -> tuple[Any, Any, tuple[Any, Any]]:
    """One step back: the chain rule with the local derivatives of the step.

    Args:
        local: `(dz_local, dc_local, f)` as `local` gave them.
        dstate: Derivatives of the loss by `(h, c)` after the step, each [B, U].
        weights: Empty; a step reads none.

    Returns:
        `dx` and `dr`, each [B, 4U], and the derivatives by `(h, c)` before the step, each [B, U];
        that by h is zero, since h acts through r only.
    """
    dz_local, dc_local, f = local
    dh, dc = dstate
    dc = dc + dh * dc_local  # (8)
    dz = ops.concatenate([dc, dc, dc, dh], axis=-1) * dz_local  # (9)
    return dz, dz, (ops.zeros_like(dh), dc * f)  # (10)


LSTM = Cell(
    name="lstm",
    gates=("i", "f", "g", "o"),
    states=(State(name="h"), State(name="c")),
    kept=("i", "f", "g", "o"),
    options={**SIGMOID_AND_TANH, "cell_clip": None},
    step=step,
    derivative=Derivative(
        options={**SIGMOID_AND_TANH, "cell_clip": None},
        local=local,
        adjoint=adjoint,
        adds_projections=True,
    ),
)
