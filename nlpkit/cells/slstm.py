"""The LSTM with exponential gates, the sLSTM of xLSTM: Beck et al. (2024).

With a = x + r, split into one block of columns for each gate, the cell is

    (1)  z  = tanh(a_z)               candidate
    (2)  i  = exp(a_i)                input gate: how much of the candidate is written
    (3)  f  = sigmoid(a_f)            forget gate: how much of the memory is kept
    (4)  o  = sigmoid(a_o)            output gate: how much of the memory is shown
    (5)  c' = f * c + i * z           cell state, the memory
    (6)  n' = f * n + i               normaliser, the sum of the weights of what is in c'
    (7)  h' = o * c' / n'             output state

An input gate without a bound lets a late step outweigh all before it, which the LSTM cannot; and
exp overflows. So c and n are kept divided by exp(m), which cancels in (7), m' being the largest of
the logarithms:

    (8)  m' = max(log f + m, a_i)     stabiliser
    (9)  i  = exp(a_i - m')           instead of (2)
    (10) f  = exp(log f + m - m')     instead of f in (5) and (6)

No exponent is above 0, and one of the two gates is exactly 1, so that n' ≥ 1 from the first step on
and (7) is safe. At the first step n = c = 0, so f and with it m do not matter: h is the same
whatever m begins with. But n' ≥ 1 needs i = 1 there, m' = a_i; hence m begins at -10,000, below
every a_i (the paper's code tests for the first step instead).

c, n and m share one scale, so none of them can be clipped or kept from another step by itself. So
there is no `cell_clip`, and zoneout applies to h alone.

The derivative is autodiff's.

x  input projection, input · kernel + bias    [B, 4U]    h, c, n, m  state before the step  [B, U]
r  recurrent projection, h · recurrent_kernel [B, 4U]    with '      state after the step   [B, U]
*  elementwise product                                   all gates                          [B, U]

Departures from the paper: the recurrent kernel is whole, where the paper has a block for each head;
f is the sigmoid, where it leaves the choice between that and exp; there is no normalisation, no
convolution and no projection around the cell, which are the model's.

Reference:
    M. Beck, K. Pöppel, M. Spanring, A. Auer, O. Prudnikova, M. Kopp, G. Klambauer, J. Brandstetter,
    S. Hochreiter: xLSTM: Extended Long Short-Term Memory. NeurIPS 2024, equations 8 to 17;
    https://arxiv.org/abs/2405.04517.
"""

from keras import ops

from nlpkit.cells.cell import Cell, State
from nlpkit.cells.gates import SIGMOID_AND_TANH

__all__ = ["SLSTM"]


def _step(x, r, state, weights, *, activation, recurrent_activation):
    """One step forward, which keeps z, o, and i and f of (9) and (10)."""
    _, c, n, m = state  # h is in r already
    a_z, a_i, a_f, a_o = ops.split(x + r, 4, axis=-1)
    z = activation(a_z)  # (1)
    o = recurrent_activation(a_o)  # (4)
    kept = ops.log_sigmoid(a_f) + m  # (3)
    m = ops.maximum(kept, a_i)  # (8)
    i = ops.exp(a_i - m)  # (9)
    f = ops.exp(kept - m)  # (10)
    c = f * c + i * z  # (5)
    n = f * n + i  # (6)
    h = o * c / n  # (7)
    return (h, c, n, m), ops.concatenate([z, i, f, o], axis=-1)


SLSTM = Cell(
    name="slstm",
    gates=("z", "i", "f", "o"),
    states=(
        State(name="h"),
        State(name="c", tied=True),
        State(name="n", tied=True),
        State(name="m", initial=-1e4, tied=True),
    ),
    kept=("z", "i", "f", "o"),
    options=SIGMOID_AND_TANH,
    step=_step,
)
