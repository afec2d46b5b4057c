"""The LSTM with coupled input and forget gates: Greff et al. (2017), their CIFG.

With z = x + r, split into one block of columns for each gate:

    (1)  i  = sigmoid(z_i)             input gate: how much of the memory is replaced
    (2)  g  = tanh(z_g)                candidate
    (3)  o  = sigmoid(z_o)             output gate: how much of the memory is shown
    (4)  c' = (1 - i) * c + i * g      cell state, the memory; 1 - i stands for the forget gate
    (5)  k  = tanh(c')
    (6)  h' = o * k                    output state

The derivatives of the loss by these, d in front of the letter, from those by h' and c':

    (7)  dc' += dh' * o * (1 - k²)                                          (6), (5)
    (8)  dz_i = dc' * (g - c) * i * (1 - i)     dz_g = dc' * i * (1 - g²)   (4), (1), (2)
         dz_o = dh' * k * o * (1 - o)                                       (6), (3)
    (9)  dc = dc' * (1 - i)                                                 (4)

By (4) c' lies between c and g, so that the memory never leaves [-1, 1], as the state of a GRU. A
kernel has three blocks of columns instead of the LSTM's four.

x  input projection, input · kernel + bias    [B, 3U]    h, c    state before the step  [B, U]
r  recurrent projection, h · recurrent_kernel [B, 3U]    h', c'  state after the step   [B, U]
*  elementwise product                                   all gates and k                [B, U]

Departure from the paper: there are no peepholes, which the paper finds to do little and leaves out
in another variant, NP. With `cell_clip` c' of (4) is kept within bounds.

Reference:
    K. Greff, R. K. Srivastava, J. Koutník, B. R. Steunebrink, J. Schmidhuber: LSTM: A Search Space
    Odyssey. IEEE Transactions on Neural Networks and Learning Systems 28(10), 2017;
    https://arxiv.org/abs/1503.04069.
"""

from keras import ops

from nlpkit.cells.gates import gates
from nlpkit.cells.memory import clip, memory_cell

__all__ = ["COUPLED_LSTM"]


def _step(x, r, state, weights, *, activation, recurrent_activation, cell_clip):
    """One step forward, which keeps the gates."""
    _, c = state  # h is in r already
    sigmoid, tanh = recurrent_activation, activation
    (i, g, o), a = gates(x + r, (sigmoid, tanh, sigmoid))  # (1), (2), (3)
    c = clip((1 - i) * c + i * g, cell_clip)  # (4)
    h = o * tanh(c)  # (5), (6)
    return (h, c), a


def _local(kept, state, weights):
    """The local derivatives, for tanh and sigmoid."""
    _, c = state
    i, g, o = ops.split(kept, 3, axis=-1)
    f = 1 - i
    k = ops.tanh(f * c + i * g)  # (4), (5) again, which is faster than to keep it
    z_local = [(g - c) * i * f, i * (1 - g * g), k * o * (1 - o)]
    return ops.concatenate(z_local, axis=-1), o * (1 - k * k), f  # (8), (7), (9)


COUPLED_LSTM = memory_cell("coupled-lstm", ("i", "g", "o"), _step, _local)
