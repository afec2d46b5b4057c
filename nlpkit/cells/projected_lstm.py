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

from keras import ops

from nlpkit.cells.cell import COMMON_WEIGHTS, Cell, State, Weight
from nlpkit.cells.gates import gates
from nlpkit.cells.memory import OPTIONS, clip

__all__ = ["PROJECTED_LSTM"]


def _step(x, r, state, weights, *, activation, recurrent_activation, cell_clip):
    """One step forward, which keeps the gates."""
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
        *COMMON_WEIGHTS,
        Weight(name="projection_kernel", shape=("U", "P"), roles=("step",), arguments="projection"),
    ),
    options=OPTIONS,
    step=_step,
    sizes_of=_sizes,
)
