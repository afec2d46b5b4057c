"""The GRU with layer normalisation: Ba et al. (2016).

    (1)  LN(v; γ, β) = γ * (v - mean(v)) / √(var(v) + ε) + β    over the entries of a row

With W, R and the γ, β and b split into the columns of z and r together, zr, and those of g:

    (2)  x_zr = LN(input · W_zr; γ_x, β_x) + b     x_g = LN(input · W_g; γ_x, β_x) + b
    (3)  r_zr = LN(h · R_zr; γ_r, β_r)             p   = LN(h · R_g; γ_r, β_r)
    (4)  z  = sigmoid(x_z + r_z)      update gate: how much of the state is kept
    (5)  r  = sigmoid(x_r + r_r)      reset gate: how much of the state the candidate sees
    (6)  g  = tanh(x_g + r * p)       candidate
    (7)  h' = z * h + (1 - z) * g     output state

(2) is computed for all steps at once. The derivative is autodiff's.

The reset gate stands behind the product, and so behind its normalisation, as the paper has it. β_r
of the candidate is what the recurrent bias is to `nlpkit.cells.gru`, so there is a single bias.

W, R, b  kernel, recurrent kernel and bias    [I, 3U], [U, 3U], [3U]
γ, β     gain and shift, of x and of r        [3U] each; they begin with 1 and 0
h        state before the step      [B, U]    h'  state after the step   [B, U]
*        elementwise product                  all gates and p            [B, U]

Departures from the paper: in (7) z keeps and 1 - z writes, as in Keras's GRU; there are biases,
which β could stand for. ε is 1e-3 and inside of the root, as in `nlpkit.cells.layer_norm_lstm`.

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
from nlpkit.cells.gates import SIGMOID_AND_TANH

__all__ = ["LAYER_NORM_GRU", "prepare", "step"]


def prepare(product: Any, weights: Mapping[str, Any], *, norm_epsilon: float = 1e-3) -> Any:
    """x of all steps at once (2).

    Args:
        product: input · kernel, [..., 3U].
        weights: `bias`, [3U] or None; `kernel_norm_gamma` and `kernel_norm_beta`, [3U] each.
        norm_epsilon: ε. Default: 1e-3.

    Returns:
        x, [..., 3U].
    """
    gamma, beta = weights["kernel_norm_gamma"], weights["kernel_norm_beta"]
    x = ops.concatenate(_normalised(product, gamma, beta, norm_epsilon), axis=-1)
    return add_bias(x, weights)


def _normalised(columns, gamma, beta, epsilon):
    """The columns of z and r, and those of g, each normalised for itself."""
    units = columns.shape[-1] // 3
    blocks = (ops.split(ops.convert_to_tensor(v), [2 * units], -1) for v in (columns, gamma, beta))
    return [ops.layer_normalization(*block, epsilon=epsilon) for block in zip(*blocks, strict=True)]


def step(
    x: Any,
    r: Any,
    state: tuple[Any],
    weights: Mapping[str, Any],
    *,
    activation: Callable = keras.activations.tanh,
    recurrent_activation: Callable = keras.activations.sigmoid,
    norm_epsilon: float = 1e-3,
) -> tuple[tuple[Any], Any]:
    """One step forward.

    Args:
        x: Input projection, normalised, [B, 3U], blocks in the order z, r, g.
        r: Recurrent projection, h · R, [B, 3U], blocks in the same order.
        state: `(h,)` before the step, [B, U].
        weights: `recurrent_norm_gamma` and `recurrent_norm_beta`, [3U] each.
        activation: Function of the candidate (6). Default: tanh.
        recurrent_activation: Function of the gates (4), (5). Default: sigmoid.
        norm_epsilon: ε. Default: 1e-3.

    Returns:
        `(h,)` after the step, [B, U], and z, r, g, p, [B, 4U].
    """
    (h,) = state
    x_z, x_r, x_g = ops.split(x, 3, axis=-1)
    gamma, beta = weights["recurrent_norm_gamma"], weights["recurrent_norm_beta"]
    r_zr, p = _normalised(r, gamma, beta, norm_epsilon)  # (3)
    r_z, r_r = ops.split(r_zr, 2, axis=-1)
    z = recurrent_activation(x_z + r_z)  # (4)
    r = recurrent_activation(x_r + r_r)  # (5)
    g = activation(x_g + r * p)  # (6)
    h = z * h + (1 - z) * g  # (7)
    return (h,), ops.concatenate([z, r, g, p], axis=-1)


LAYER_NORM_GRU = Cell(
    name="layer-norm-gru",
    gates=("z", "r", "g"),
    states=(State(name="h"),),
    kept=("z", "r", "g", "p"),
    weights=(
        KERNEL,
        RECURRENT_KERNEL,
        BIAS,
        *gain_and_shift("kernel_norm", "GU", "prepare"),
        *gain_and_shift("recurrent_norm", "GU", "step"),
    ),
    options={**SIGMOID_AND_TANH, "norm_epsilon": 1e-3},
    prepare=prepare,
    prepare_options=("norm_epsilon",),
    step=step,
)
