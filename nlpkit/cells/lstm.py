"""Long short-term memory: Hochreiter & Schmidhuber (1997), with Gers et al.'s forget gate (2000).

With z = x + r, split into one block of columns for each gate:

    (1)  i  = sigmoid(z_i)        input gate: how much of the candidate is written
    (2)  f  = sigmoid(z_f)        forget gate: how much of the memory is kept
    (3)  g  = tanh(z_g)           candidate; Keras names it c
    (4)  o  = sigmoid(z_o)        output gate: how much of the memory is shown
    (5)  c' = f * c + i * g       cell state, the memory
    (6)  k  = tanh(c')
    (7)  h' = o * k               output state

The derivatives of the loss by these, d in front of the letter, from those by h' and c':

    (8)  dc' += dh' * o * (1 - k²)                                      (7), (6)
    (9)  dz_i = dc' * g * i * (1 - i)     dz_f = dc' * c * f * (1 - f)  (5), (1), (2)
         dz_g = dc' * i * (1 - g²)        dz_o = dh' * k * o * (1 - o)  (5), (3), (7), (4)
    (10) dc = dc' * f                                                   (5)

x  input projection, input · kernel + bias    [B, 4U]    h, c    state before the step  [B, U]
r  recurrent projection, h · recurrent_kernel [B, 4U]    h', c'  state after the step   [B, U]
*  elementwise product                                   all gates and k                [B, U]
a  the four gates side by side, in this order [B, 4U]

Whose equation is whose: c' = c + i * g is the LSTM of 1997 (`nlpkit.cells.lstm_1997`), c' = f * c +
i * g that of 2000, this one. h' = o * tanh(c) with the cell state *before* the step, which some
teaching texts print, is a misprint: the output gate reads the new one, as (6) and (7) say.

Departures from the papers: tanh stands for the scaled logistic functions of 1997, a memory block
holds one cell, gates have biases, and the gradient is the whole one, not cut at the gates. With
`cell_clip` c' of (5) is kept within bounds, as Sak et al. (2014) do. There are no peepholes
(`nlpkit.cells.peephole_lstm`).

References:
    S. Hochreiter, J. Schmidhuber: Long Short-Term Memory. Neural Computation 9(8), 1997.
    F. Gers, J. Schmidhuber, F. Cummins: Learning to Forget: Continual Prediction with LSTM.
    Neural Computation 12(10), 2000.
"""

from keras import ops

from nlpkit.cells.gates import gates
from nlpkit.cells.memory import clip, memory_cell

__all__ = ["LSTM"]


def _step(x, r, state, weights, *, activation, recurrent_activation, cell_clip):
    """One step forward, which keeps the gates."""
    _, c = state  # h is in r already
    sigmoid, tanh = recurrent_activation, activation
    (i, f, g, o), a = gates(x + r, (sigmoid, sigmoid, tanh, sigmoid))  # (1), (2), (3), (4)
    c = clip(f * c + i * g, cell_clip)  # (5)
    k = tanh(c)  # (6)
    h = o * k  # (7)
    return (h, c), a


def _local(kept, state, weights):
    """The local derivatives; of sigmoid and tanh these are a·(1 - a) and 1 - a²."""
    _, c = state
    i, f, g, o = ops.split(kept, 4, axis=-1)
    k = ops.tanh(f * c + i * g)  # (5), (6) again, which is faster than to keep it
    z_local = [g * i * (1 - i), c * f * (1 - f), i * (1 - g * g), k * o * (1 - o)]
    return ops.concatenate(z_local, axis=-1), o * (1 - k * k), f  # (9), (8), (10)


LSTM = memory_cell("lstm", ("i", "f", "g", "o"), _step, _local)
