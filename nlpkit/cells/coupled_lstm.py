"""The LSTM with coupled input and forget gates: Greff et al. (2017), their CIFG.

With z = x + r, split into one block of columns for each gate:

    (1)  i  = sigmoid(z_i)             input gate: how much of the memory is replaced
    (2)  g  = tanh(z_g)                candidate
    (3)  o  = sigmoid(z_o)             output gate: how much of the memory is shown
    (4)  c' = (1 - i) * c + i * g      cell state, the memory; 1 - i stands for the forget gate
    (5)  k  = tanh(c')
    (6)  h' = o * k                    output state

The derivatives of the loss by these, d in front of the letter, from those by h' and c':

    (7)  dc' += dh' * o * (1 - k²)                                          (6), (5)
    (8)  dz_i = dc' * (g - c) * i * (1 - i)     dz_g = dc' * i * (1 - g²)   (4), (1), (2)
         dz_o = dh' * k * o * (1 - o)                                       (6), (3)
    (9)  dc = dc' * (1 - i)                                                 (4)

By (4) c' lies between c and g, so that the memory never leaves [-1, 1], as the state of a GRU. A
kernel has three blocks of columns instead of the LSTM's four.

x  input projection, input · kernel + bias    [B, 3U]    h, c    state before the step  [B, U]
r  recurrent projection, h · recurrent_kernel [B, 3U]    h', c'  state after the step   [B, U]
*  elementwise product                                   all gates and k                [B, U]

Departure from the paper: there are no peepholes, which the paper finds to do little and leaves out
in another variant, NP. With `cell_clip` c' of (4) is kept within bounds.

Reference:
    K. Greff, R. K. Srivastava, J. Koutník, B. R. Steunebrink, J. Schmidhuber: LSTM: A Search Space
    Odyssey. IEEE Transactions on Neural Networks and Learning Systems 28(10), 2017;
    https://arxiv.org/abs/1503.04069.
"""

from collections.abc import Callable, Mapping
from typing import Any

import keras
from keras import ops

from nlpkit.cells.cell import Cell, Derivative, State
from nlpkit.cells.gates import SIGMOID_AND_TANH, clip, gates

__all__ = ["COUPLED_LSTM", "adjoint", "local", "step"]


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
    c = clip((1 - i) * c + i * g, cell_clip)  # (4)
    h = o * tanh(c)  # (5), (6)
    return (h, c), a


def local(kept: Any, state: tuple[Any, Any], weights: Mapping[str, Any]) -> tuple[Any, Any, Any]:
    """The local derivatives of the equations, for tanh and sigmoid.

    Args:
        kept: i, g, o, as `step` left them, [..., 3U].
        state: `(h, c)` before the step, each [..., U].
        weights: Empty; a step reads none.

    Returns:
        What (8) multiplies dc' and dh' by, [..., 3U]; what (7) multiplies dh' by, and (9) dc',
        [..., U] each.
    """
    _, c = state
    i, g, o = ops.split(kept, 3, axis=-1)
    f = 1 - i
    k = ops.tanh(f * c + i * g)  # (4), (5) again: it takes less time than to keep it
    dz_local = ops.concatenate([(g - c) * i * f, i * (1 - g * g), k * o * (1 - o)], axis=-1)  # (8)
    return dz_local, o * (1 - k * k), f  # (7), (9)


def adjoint(
    local: tuple[Any, Any, Any], dstate: tuple[Any, Any], weights: Mapping[str, Any]
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
    (dz_local, dc_local, f), (dh, dc) = local, dstate
    dc = dc + dh * dc_local  # (7)
    dz = ops.concatenate([dc, dc, dh], axis=-1) * dz_local  # (8)
    return dz, dz, (ops.zeros_like(dh), dc * f)  # (9)


COUPLED_LSTM = Cell(
    name="coupled-lstm",
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
