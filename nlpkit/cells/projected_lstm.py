"""The LSTM whose output is projected: Sak et al. (2014), their LSTMP.

With z = x + r, split into one block of columns for each gate:

    (1)  i  = sigmoid(z_i)     f = sigmoid(z_f)     g = tanh(z_g)     o = sigmoid(z_o)
    (2)  c' = f * c + i * g       cell state, the memory, U wide
    (3)  k  = tanh(c')
    (4)  h' = (o * k) · P         output state, fewer entries than the memory has

The derivative is autodiff's.

Most weights of an LSTM multiply h. With h of width H, R has 4·U·H entries instead of 4·U², so the
memory can be wide at little cost.

x  input projection, input · kernel + bias    [B, 4U]    h, h'   output state  [B, H]
r  recurrent projection, h · recurrent_kernel [B, 4U]    c, c'   cell state    [B, U]
P  projection kernel                          [U, H]     all gates and k       [B, U]
*  elementwise product

Departures from the paper, as torch's `proj_size`: there are no peepholes, and no second projection
that goes to the output but not back into the cell. With `cell_clip` c' of (2) is kept within
bounds.

Reference:
    H. Sak, A. Senior, F. Beaufays: Long Short-Term Memory Based Recurrent Neural Network
    Architectures for Large Vocabulary Speech Recognition. 2014; https://arxiv.org/abs/1402.1128.
"""

from collections.abc import Callable, Mapping
from typing import Any

import keras
from keras import ops

from nlpkit.cells.cell import BIAS, KERNEL, RECURRENT_KERNEL, Cell, State, Weight
from nlpkit.cells.gates import SIGMOID_AND_TANH, clip, gates

__all__ = ["PROJECTED_LSTM", "step"]


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
        state: `(h, c)` before the step, [B, H] and [B, U].
        weights: `projection_kernel`, [U, H].
        activation: Function of the candidate (1) and of the memory (3). Default: tanh.
        recurrent_activation: Function of the gates i, f and o (1). Default: sigmoid.
        cell_clip: Bound of the size of c' (2). Default: none.

    Returns:
        `(h, c)` after the step, [B, H] and [B, U], and the gates i, f, g, o, [B, 4U].
    """
    _, c = state  # h is in r already
    sigmoid, tanh = recurrent_activation, activation
    (i, f, g, o), a = gates(x + r, (sigmoid, sigmoid, tanh, sigmoid))  # (1)
    c = clip(f * c + i * g, cell_clip)  # (2)
    h = ops.matmul(o * tanh(c), weights["projection_kernel"])  # (3), (4)
    return (h, c), a


def _sizes(*, units, projection_units=None, **arguments):
    """The width of h; half of the memory's where none is given."""
    return {"P": max(1, units // 2) if projection_units is None else projection_units}


PROJECTED_LSTM = Cell(
    name="projected-lstm",
    gates=("i", "f", "g", "o"),
    states=(State(name="h", width="P"), State(name="c")),
    kept=("i", "f", "g", "o"),
    weights=(
        KERNEL,
        RECURRENT_KERNEL,
        BIAS,
        Weight(name="projection_kernel", shape=("U", "P"), roles=("step",), arguments="projection"),
    ),
    options={**SIGMOID_AND_TANH, "cell_clip": None},
    step=step,
    sizes_of=_sizes,
)
