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

from keras import ops

from nlpkit.cells.cell import COMMON_WEIGHTS, Cell, State, add_bias
from nlpkit.cells.gates import SIGMOID_AND_TANH
from nlpkit.cells.layer_norm import PROJECTION_NORMS

__all__ = ["LAYER_NORM_GRU"]


def _normalized(columns, weights, norm, epsilon):
    """The columns of z and r, and those of g, each normalised for itself (1)."""
    units = columns.shape[-1] // 3
    given = (columns, weights[f"{norm}_gamma"], weights[f"{norm}_beta"])
    blocks = (ops.split(ops.convert_to_tensor(v), [2 * units], -1) for v in given)
    return [ops.layer_normalization(*block, epsilon=epsilon) for block in zip(*blocks, strict=True)]


def _prepare(product, weights, *, norm_epsilon):
    """x of all steps at once."""
    x = ops.concatenate(_normalized(product, weights, "kernel_norm", norm_epsilon), axis=-1)
    return add_bias(x, weights)  # (2)


def _step(x, r, state, weights, *, activation, recurrent_activation, norm_epsilon):
    """One step forward, which keeps the gates and p."""
    (h,) = state
    x_z, x_r, x_g = ops.split(x, 3, axis=-1)
    r_zr, p = _normalized(r, weights, "recurrent_norm", norm_epsilon)  # (3)
    r_z, r_r = ops.split(r_zr, 2, axis=-1)
    z = recurrent_activation(x_z + r_z)  # (4)
    r = recurrent_activation(x_r + r_r)  # (5)
    g = activation(x_g + r * p)  # (6)
    h = z * h + (1 - z) * g  # (7)
    return (h,), ops.concatenate([z, r, g, p], axis=-1)


LAYER_NORM_GRU = Cell(
    name="layer-norm-gru",
    gates=("z", "r", "g"),
    gate_roles={"z": "update"},
    states=(State(name="h"),),
    kept=("z", "r", "g", "p"),
    weights=(*COMMON_WEIGHTS, *PROJECTION_NORMS),
    options={**SIGMOID_AND_TANH, "norm_epsilon": 1e-3},
    prepare=_prepare,
    prepare_options=("norm_epsilon",),
    step=_step,
)
