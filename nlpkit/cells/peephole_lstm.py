"""The LSTM whose gates see the memory: Gers & Schmidhuber (2000), Gers et al. (2002).

With z = x + r, split into one block of columns for each gate:

    (1)  i  = sigmoid(z_i + p_i * c)     input gate: how much of the candidate is written
    (2)  f  = sigmoid(z_f + p_f * c)     forget gate: how much of the memory is kept
    (3)  g  = tanh(z_g)                  candidate
    (4)  c' = f * c + i * g              cell state, the memory
    (5)  o  = sigmoid(z_o + p_o * c')    output gate, which sees the new memory
    (6)  k  = tanh(c')
    (7)  h' = o * k                      output state

The derivatives of the loss by these, d in front of the letter, dz by what an activation receives,
from those by h' and c':

    (8)  dz_o = dh' * k * o * (1 - o)                                   (7), (5)
    (9)  dc' += dh' * o * (1 - k²) + dz_o * p_o                         (7), (6), (5)
    (10) dz_i = dc' * g * i * (1 - i)     dz_f = dc' * c * f * (1 - f)  (4), (1), (2)
         dz_g = dc' * i * (1 - g²)                                      (4), (3)
    (11) dc = dc' * f + dz_i * p_i + dz_f * p_f                         (4), (1), (2)
    (12) dp_i = Σ dz_i * c     dp_f = Σ dz_f * c     dp_o = Σ dz_o * c' over all rows and steps

Without peepholes a gate knows of the memory only what the output gate shows in h, nothing while
that one is shut; with them the cell learns to count steps.

x  input projection, input · kernel + bias    [B, 4U]    h, c    state before the step  [B, U]
r  recurrent projection, h · recurrent_kernel [B, 4U]    h', c'  state after the step   [B, U]
p  peephole weights                           [U]        all gates and k                [B, U]
*  elementwise product

Departures from the papers: as those of `nlpkit.cells.lstm`. Weights and numbers are those of
TensorFlow Addons' PeepholeLSTMCell, which names Sak et al. (2014). With `cell_clip` c' of (4) is
kept within bounds.

References:
    F. Gers, J. Schmidhuber: Recurrent Nets that Time and Count. IJCNN 2000.
    F. Gers, N. Schraudolph, J. Schmidhuber: Learning Precise Timing with LSTM Recurrent Networks.
    Journal of Machine Learning Research 3, 2002.
"""

from collections.abc import Callable, Mapping
from typing import Any

import keras
from keras import ops

from nlpkit.cells.cell import BIAS, KERNEL, RECURRENT_KERNEL, Cell, Derivative, State, Weight
from nlpkit.cells.gates import SIGMOID_AND_TANH, clip

__all__ = ["PEEPHOLE_LSTM", "adjoint", "local", "step"]

_PEEPHOLES = tuple(f"{gate}_gate_peephole_weights" for gate in ("input", "forget", "output"))


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
        weights: p_i, p_f and p_o, [U] each: `input_gate_peephole_weights`,
            `forget_gate_peephole_weights` and `output_gate_peephole_weights`.
        activation: Function of the candidate (3) and of the memory (6). Default: tanh.
        recurrent_activation: Function of the gates (1), (2), (5). Default: sigmoid.
        cell_clip: Bound of the size of c' (4). Default: none.

    Returns:
        `(h, c)` after the step, each [B, U], and the gates i, f, g, o, [B, 4U].
    """
    _, c = state  # h is in r already
    p_i, p_f, p_o = (weights[name] for name in _PEEPHOLES)
    z_i, z_f, z_g, z_o = ops.split(x + r, 4, axis=-1)
    i = recurrent_activation(z_i + p_i * c)  # (1)
    f = recurrent_activation(z_f + p_f * c)  # (2)
    g = activation(z_g)  # (3)
    c = clip(f * c + i * g, cell_clip)  # (4)
    o = recurrent_activation(z_o + p_o * c)  # (5)
    h = o * activation(c)  # (6), (7)
    return (h, c), ops.concatenate([i, f, g, o], axis=-1)


def local(kept: Any, state: tuple[Any, Any], weights: Mapping[str, Any]) -> tuple[Any, Any, Any]:
    """The local derivatives of the equations, for tanh and sigmoid.

    Args:
        kept: i, f, g, o, as `step` left them, [..., 4U].
        state: `(h, c)` before the step, each [..., U].
        weights: p_i, p_f and p_o, as `step` got them.

    Returns:
        What (10) multiplies dc' by and (8) dh', [..., 4U]; what (9) multiplies dh' by, and (11)
        dc', [..., U] each.
    """
    _, c = state
    p_i, p_f, p_o = (weights[name] for name in _PEEPHOLES)
    i, f, g, o = ops.split(kept, 4, axis=-1)
    k = ops.tanh(f * c + i * g)  # (4), (6) again: it takes less time than to keep it
    dz_i, dz_f, dz_o = g * i * (1 - i), c * f * (1 - f), k * o * (1 - o)  # (10), (8)
    dz_local = ops.concatenate([dz_i, dz_f, i * (1 - g * g), dz_o], axis=-1)
    return dz_local, o * (1 - k * k) + dz_o * p_o, f + dz_i * p_i + dz_f * p_f  # (9), (11)


def adjoint(
    local: tuple[Any, Any, Any], dstate: tuple[Any, Any], weights: Mapping[str, Any]
) -> tuple[Any, Any, tuple[Any, Any]]:
    """One step back.

    Args:
        local: As `local` gave them, which have the peepholes in them.
        dstate: Derivatives of the loss by `(h, c)` after the step, each [B, U].
        weights: p_i, p_f and p_o; not needed.

    Returns:
        `dx` and `dr`, each [B, 4U], and the derivatives by `(h, c)` before the step, each [B, U];
        that by h is zero, since h acts through r only.
    """
    (dz_local, dc_local, back), (dh, dc) = local, dstate
    dc = dc + dh * dc_local  # (9)
    dz = ops.concatenate([dc, dc, dc, dh], axis=-1) * dz_local  # (10), (8)
    return dz, dz, (ops.zeros_like(dh), dc * back)  # (11)


def _weights(kept, state, dx, dr):
    """The derivatives by the peepholes."""
    _, c = state
    i, f, g, _ = ops.split(kept, 4, axis=-1)
    dz_i, dz_f, _, dz_o = ops.split(dx, 4, axis=-1)
    products = (dz_i * c, dz_f * c, dz_o * (f * c + i * g))
    return {
        name: ops.sum(each, axis=(0, 1)) for name, each in zip(_PEEPHOLES, products, strict=True)
    }  # (12)


PEEPHOLE_LSTM = Cell(
    name="peephole-lstm",
    gates=("i", "f", "g", "o"),
    states=(State(name="h"), State(name="c")),
    kept=("i", "f", "g", "o"),
    weights=(
        KERNEL,
        RECURRENT_KERNEL,
        BIAS,
        *(
            Weight(name=name, shape=("U",), roles=("step",), arguments="peephole")
            for name in _PEEPHOLES
        ),
    ),
    options={**SIGMOID_AND_TANH, "cell_clip": None},
    step=step,
    derivative=Derivative(
        options={**SIGMOID_AND_TANH, "cell_clip": None},
        local=local,
        adjoint=adjoint,
        weights=_weights,
        adds_projections=True,
    ),
)
