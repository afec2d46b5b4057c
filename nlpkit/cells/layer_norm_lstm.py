"""The LSTM with layer normalisation: Ba et al. (2016), as TensorFlow Addons has it.

    (1)  LN(v; γ, β) = γ * (v - mean(v)) / √(var(v) + ε) + β    over the entries of a row
    (2)  x  = LN(input · W; γ_x, β_x) + b     for all steps at once
    (3)  z  = x + LN(h · R; γ_r, β_r)         split into one block of columns for each gate:
    (4)  i  = sigmoid(z_i)     f = sigmoid(z_f)     g = tanh(z_g)     o = sigmoid(z_o)
    (5)  c' = LN(f * c + i * g; γ_c, β_c)     cell state, the memory
    (6)  h' = o * tanh(c')                    output state

The derivative is autodiff's.

Mean and variance are of one row at one step, over all 4U columns in (2) and (3) and over U in (5),
so that nothing depends on the batch or on the other steps, as it would with batch normalisation.

W, R, b  kernel, recurrent kernel and bias    [I, 4U], [U, 4U], [4U]
γ, β     gain and shift; of x and r [4U] each, of c [U] each; they begin with 1 and 0
h, c     state before the step      [B, U]    h', c'  state after the step   [B, U]
*        elementwise product                  all gates [B, U]

Departures from the paper: it carries f * c + i * g on to the next step and normalises it in (6)
alone; Addons, and so this cell, carries the normalised c' of (5). ε is 1e-3 and inside of the root.
With `cell_clip` f * c + i * g is kept within bounds ahead of (5).

Reference:
    J. L. Ba, J. R. Kiros, G. E. Hinton: Layer Normalization. 2016, supplementary material;
    https://arxiv.org/abs/1607.06450.
"""

from collections.abc import Callable, Mapping
from typing import Any

import keras
from keras import ops

from nlpkit.cells.cell import (
    BIAS,
    KERNEL,
    RECURRENT_KERNEL,
    Cell,
    State,
    add_bias,
    gain_and_shift,
)
from nlpkit.cells.gates import SIGMOID_AND_TANH, clip, gates

__all__ = ["LAYER_NORM_LSTM", "prepare", "step"]


def prepare(product: Any, weights: Mapping[str, Any], *, norm_epsilon: float = 1e-3) -> Any:
    """x of all steps at once (2).

    Args:
        product: input · kernel, [..., 4U].
        weights: `bias`, [4U] or None; `kernel_norm_gamma` and `kernel_norm_beta`, [4U] each.
        norm_epsilon: ε. Default: 1e-3.

    Returns:
        x, [..., 4U].
    """
    gamma, beta = weights["kernel_norm_gamma"], weights["kernel_norm_beta"]
    x = ops.layer_normalization(product, gamma, beta, epsilon=norm_epsilon)
    return add_bias(x, weights)


def step(
    x: Any,
    r: Any,
    state: tuple[Any, Any],
    weights: Mapping[str, Any],
    *,
    activation: Callable = keras.activations.tanh,
    recurrent_activation: Callable = keras.activations.sigmoid,
    cell_clip: float | None = None,
    norm_epsilon: float = 1e-3,
) -> tuple[tuple[Any, Any], Any]:
    """One step forward.

    Args:
        x: Input projection, normalised, [B, 4U], blocks in the order i, f, g, o.
        r: Recurrent projection, h · R, [B, 4U], blocks in the same order.
        state: `(h, c)` before the step, each [B, U].
        weights: `recurrent_norm_gamma` and `recurrent_norm_beta`, [4U] each; `state_norm_gamma`
            and `state_norm_beta`, [U] each.
        activation: Function of the candidate (4) and of the memory (6). Default: tanh.
        recurrent_activation: Function of the gates i, f and o (4). Default: sigmoid.
        cell_clip: Bound of the size of f * c + i * g. Default: none.
        norm_epsilon: ε. Default: 1e-3.

    Returns:
        `(h, c)` after the step, each [B, U], and the gates i, f, g, o, [B, 4U].
    """
    _, c = state  # h is in r already
    sigmoid, tanh = recurrent_activation, activation
    gamma, beta = weights["recurrent_norm_gamma"], weights["recurrent_norm_beta"]
    z = x + ops.layer_normalization(r, gamma, beta, epsilon=norm_epsilon)  # (3)
    (i, f, g, o), a = gates(z, (sigmoid, sigmoid, tanh, sigmoid))  # (4)
    c = clip(f * c + i * g, cell_clip)
    gamma, beta = weights["state_norm_gamma"], weights["state_norm_beta"]
    c = ops.layer_normalization(c, gamma, beta, epsilon=norm_epsilon)  # (5)
    h = o * tanh(c)  # (6)
    return (h, c), a


LAYER_NORM_LSTM = Cell(
    name="layer-norm-lstm",
    gates=("i", "f", "g", "o"),
    states=(State(name="h"), State(name="c")),
    kept=("i", "f", "g", "o"),
    weights=(
        KERNEL,
        RECURRENT_KERNEL,
        BIAS,
        *gain_and_shift("kernel_norm", "GU", "prepare"),
        *gain_and_shift("recurrent_norm", "GU", "step"),
        *gain_and_shift("state_norm", "U", "step"),
    ),
    options={**SIGMOID_AND_TANH, "cell_clip": None, "norm_epsilon": 1e-3},
    prepare=prepare,
    prepare_options=("norm_epsilon",),
    step=step,
)
