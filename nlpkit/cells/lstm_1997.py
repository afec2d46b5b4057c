"""The long short-term memory of 1997, without a forget gate: Hochreiter & Schmidhuber.

With z = x + r, split into one block of columns for each gate:

    (1)  i  = sigmoid(z_i)        input gate: how much of the candidate is written
    (2)  g  = tanh(z_g)           candidate
    (3)  o  = sigmoid(z_o)        output gate: how much of the memory is shown
    (4)  c' = c + i * g           cell state, the memory
    (5)  k  = tanh(c')
    (6)  h' = o * k               output state

The derivatives of the loss by these, d in front of the letter, from those by h' and c':

    (7)  dc' += dh' * o * (1 - k²)                                      (6), (5)
    (8)  dz_i = dc' * g * i * (1 - i)     dz_g = dc' * i * (1 - g²)     (4), (1), (2)
         dz_o = dh' * k * o * (1 - o)                                   (6), (3)
    (9)  dc = dc'                                                       (4)

Equation (9) is why there is a cell state: along c the gradient neither vanishes nor explodes, the
constant error carousel. The price is that nothing is ever forgotten, so that c grows with the
length of the sequence until k no longer moves; the forget gate of 2000 (`nlpkit.cells.lstm`) is the
cure.

x  input projection, input · kernel + bias    [B, 3U]    h, c    state before the step  [B, U]
r  recurrent projection, h · recurrent_kernel [B, 3U]    h', c'  state after the step   [B, U]
*  elementwise product                                   all gates and k                [B, U]

Departures from the paper: tanh stands for its scaled logistic functions, a memory block holds one
cell, gates have biases, all gates see h alone, and the gradient is the whole one, not cut at the
gates. With `cell_clip` c' of (4) is kept within bounds.

Reference:
    S. Hochreiter, J. Schmidhuber: Long Short-Term Memory. Neural Computation 9(8), 1997.
"""

from keras import ops

from nlpkit.cells.gates import gates
from nlpkit.cells.memory import clip, memory_cell

__all__ = ["LSTM_1997"]


def _step(x, r, state, weights, *, activation, recurrent_activation, cell_clip):
    """One step forward, which keeps the gates."""
    _, c = state  # h is in r already
    sigmoid, tanh = recurrent_activation, activation
    (i, g, o), a = gates(x + r, (sigmoid, tanh, sigmoid))  # (1), (2), (3)
    c = clip(c + i * g, cell_clip)  # (4)
    h = o * tanh(c)  # (5), (6)
    return (h, c), a


def _local(kept, state, weights):
    """The local derivatives, for tanh and sigmoid; (9) has none, dc = dc'."""
    _, c = state
    i, g, o = ops.split(kept, 3, axis=-1)
    k = ops.tanh(c + i * g)  # (4), (5) again, which is faster than to keep it
    z_local = [g * i * (1 - i), i * (1 - g * g), k * o * (1 - o)]
    return ops.concatenate(z_local, axis=-1), o * (1 - k * k)  # (8), (7)


LSTM_1997 = memory_cell("lstm-1997", ("i", "g", "o"), _step, _local)
