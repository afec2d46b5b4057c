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

from nlpkit.cells.cell import COMMON_WEIGHTS, Cell, add_bias
from nlpkit.cells.gates import gates
from nlpkit.cells.layer_norm import PROJECTION_NORMS, gain_and_shift, normalize
from nlpkit.cells.memory import OPTIONS, STATES, clip

__all__ = ["LAYER_NORM_LSTM"]


def _prepare(product, weights, *, norm_epsilon):
    """x of all steps at once."""
    return add_bias(normalize(product, weights, "kernel_norm", norm_epsilon), weights)  # (2)


def _step(x, r, state, weights, *, activation, recurrent_activation, cell_clip, norm_epsilon):
    """One step forward, which keeps the gates."""
    _, c = state  # h is in r already
    sigmoid, tanh = recurrent_activation, activation
    z = x + normalize(r, weights, "recurrent_norm", norm_epsilon)  # (3)
    (i, f, g, o), a = gates(z, (sigmoid, sigmoid, tanh, sigmoid))  # (4)
    c = clip(f * c + i * g, cell_clip)
    c = normalize(c, weights, "state_norm", norm_epsilon)  # (5)
    h = o * tanh(c)  # (6)
    return (h, c), a


LAYER_NORM_LSTM = Cell(
    name="layer-norm-lstm",
    gates=("i", "f", "g", "o"),
    states=STATES,
    kept=("i", "f", "g", "o"),
    weights=(
        *COMMON_WEIGHTS,
        *PROJECTION_NORMS,
        *gain_and_shift("state_norm", "U", "step"),
    ),
    options={**OPTIONS, "norm_epsilon": 1e-3},
    prepare=_prepare,
    prepare_options=("norm_epsilon",),
    step=_step,
)
