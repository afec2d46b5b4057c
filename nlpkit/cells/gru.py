"""The gated recurrent unit: Cho et al. (2014), with the reset gate behind the product or before it.

With x and r split into one block of columns for each gate:

    (1)  z  = sigmoid(x_z + r_z)      update gate: how much of the state is kept
    (2)  r  = sigmoid(x_r + r_r)      reset gate: how much of the state the candidate sees
    (3)  p  = h · R_g + b             behind the product (`GRU`); r_g is h · R_g
         p  = (r * h) · R_g           before it (`GRU_RESET_BEFORE`), where r multiplies h instead
    (4)  g  = tanh(x_g + r * p)       candidate; Keras names it h. Before the product: x_g + p
    (5)  h' = z * h + (1 - z) * g     output state

The derivatives of the loss by these for `GRU`, d in front of the letter, da by what an activation
receives, from that by h':

    (6)  da_g = dh' * (1 - z) * (1 - g²)                                (5), (4)
    (7)  da_z = dh' * (h - g) * z * (1 - z)                             (5), (1)
    (8)  da_r = da_g * p * r * (1 - r)                                  (4), (2)
    (9)  dp   = da_g * r                                                (4)
    (10) dh   = dh' * z, and more by way of r                           (5)
    (11) db   = Σ dp over all rows and steps                            (3)

`GRU_RESET_BEFORE` is differentiated by autodiff.

x  input projection, input · kernel + biases  [B, 3U]    h   state before the step [B, U]
r  recurrent projection, h · recurrent_kernel [B, 3U]    h'  state after the step  [B, U]
b  the candidate's recurrent bias             [U]        *   elementwise product

The paper as published applies the reset gate before the product, which therefore has to wait for
the gate. Its first version on arXiv applies it after the product, with a separate bias for each
projection, as do cuDNN and, by default, Keras and torch. The biases of z and r occur only as sums,
and are added before the loop.

In (5) z keeps and 1 - z writes, as in the paper; Chung et al. (2014) have it the other way round.

Reference:
    K. Cho, B. van Merriënboer, C. Gulcehre, D. Bahdanau, F. Bougares, H. Schwenk, Y. Bengio:
    Learning Phrase Representations using RNN Encoder-Decoder for Statistical Machine Translation.
    EMNLP 2014, equations 5 to 8; https://arxiv.org/abs/1406.1078, of which v1 has the reset gate
    behind the product and v3 before it.
    J. Chung, C. Gulcehre, K. Cho, Y. Bengio: Empirical Evaluation of Gated Recurrent Neural
    Networks on Sequence Modeling. arXiv:1412.3555, 2014.
"""

from keras import ops

from nlpkit.cells.cell import KERNEL, RECURRENT_KERNEL, Cell, Derivative, State, Weight
from nlpkit.cells.gates import SIGMOID_AND_TANH

__all__ = ["GRU", "GRU_RESET_BEFORE"]


def _prepare(product, weights):
    """x = product + b_x, and the recurrent biases of z and r, which no gate comes between."""
    bias = weights["bias"]
    if bias is None:
        return product
    units = bias.shape[1] // 3
    return product + ops.concatenate(
        [bias[0, : 2 * units] + bias[1, : 2 * units], bias[0, 2 * units :]]
    )


def _step(x, r, state, weights, *, activation, recurrent_activation):
    """One step forward, the reset gate behind the product, which keeps the gates and p."""
    (h,) = state
    both = 2 * h.shape[-1]  # the columns of z and r, which are computed together
    x_zr, x_g = ops.split(x, [both], axis=-1)
    r_zr, p = ops.split(r, [both], axis=-1)
    if weights["bias"] is not None:
        p = p + weights["bias"][1, both:]  # (3)
    z, r = ops.split(recurrent_activation(x_zr + r_zr), 2, axis=-1)  # (1), (2)
    g = activation(x_g + r * p)  # (4)
    h = g + z * (h - g)  # (5), in fewer operations
    return (h,), ops.concatenate([z, r, g, p], axis=-1)


def _local(kept, state, weights):
    """What (7), (8) and (6) multiply dh' by, side by side; r of (9) and z of (10)."""
    (h,) = state
    z, r, g, p = ops.split(kept, 4, axis=-1)
    da_g = (1 - z) * (1 - g * g)  # (6)
    da = ops.concatenate([(h - g) * z * (1 - z), da_g * p * r * (1 - r), da_g], axis=-1)  # (7), (8)
    return da, r, z


def _adjoint(local, dstate, weights):
    """One step back; the derivative by h is that apart from its way by r."""
    (da, r, z), (dh,) = local, dstate
    dx = da * ops.concatenate([dh, dh, dh], axis=-1)  # (6), (7), (8)
    da_z, da_r, da_g = ops.split(dx, 3, axis=-1)
    return dx, ops.concatenate([da_z, da_r, da_g * r], axis=-1), (dh * z,)  # (9), (10)


def _weights(kept, state, dx, dr):
    """The derivative by the recurrent bias of the candidate, in the shape of both biases."""
    units = dr.shape[-1] // 3
    db = ops.sum(dr[..., 2 * units :], axis=(0, 1))  # (11)
    return {"bias": ops.pad(db[None], [[1, 0], [2 * units, 0]])}


def _step_reset_before(x, r, state, weights, *, inner, activation, recurrent_activation):
    """One step forward, the reset gate before the product, which `inner` is."""
    (h,) = state
    x_z, x_r, x_g = ops.split(x, 3, axis=-1)
    r_z, r_r = ops.split(r, 2, axis=-1)
    z = recurrent_activation(x_z + r_z)  # (1)
    r = recurrent_activation(x_r + r_r)  # (2)
    g = activation(x_g + inner(r * h))  # (3), (4)
    h = z * h + (1 - z) * g  # (5)
    return (h,), ops.concatenate([z, r, g], axis=-1)


_BIASES = Weight(
    name="bias", shape=(2, "GU"), roles=("prepare", "step"), arguments="bias", option="use_bias"
)

GRU = Cell(
    name="gru",
    gates=("z", "r", "g"),
    gate_roles={"z": "update"},
    states=(State(name="h"),),
    kept=("z", "r", "g", "p"),
    weights=(KERNEL, RECURRENT_KERNEL, _BIASES),
    options=SIGMOID_AND_TANH,
    prepare=_prepare,
    step=_step,
    derivative=Derivative(
        options=SIGMOID_AND_TANH, local=_local, adjoint=_adjoint, weights=_weights
    ),
)

GRU_RESET_BEFORE = Cell(
    name="gru-reset-before",
    gates=("z", "r", "g"),
    gate_roles={"z": "update"},
    states=(State(name="h"),),
    kept=("z", "r", "g"),
    options=SIGMOID_AND_TANH,
    inside=("g",),
    step=_step_reset_before,
)
