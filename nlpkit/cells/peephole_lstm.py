"""The LSTM whose gates see the memory: Gers & Schmidhuber (2000), Gers et al. (2002).

With z = x + r, split into one block of columns for each gate:

    (1)  i  = sigmoid(z_i + p_i * c)     input gate: how much of the candidate is written
    (2)  f  = sigmoid(z_f + p_f * c)     forget gate: how much of the memory is kept
    (3)  g  = tanh(z_g)                  candidate
    (4)  c' = f * c + i * g              cell state, the memory
    (5)  o  = sigmoid(z_o + p_o * c')    output gate, which sees the new memory
    (6)  k  = tanh(c')
    (7)  h' = o * k                      output state

The derivatives of the loss by these, d in front of the letter, dz by what an activation receives,
from those by h' and c':

    (8)  dz_o = dh' * k * o * (1 - o)                                   (7), (5)
    (9)  dc' += dh' * o * (1 - k²) + dz_o * p_o                         (7), (6), (5)
    (10) dz_i = dc' * g * i * (1 - i)     dz_f = dc' * c * f * (1 - f)  (4), (1), (2)
         dz_g = dc' * i * (1 - g²)                                      (4), (3)
    (11) dc = dc' * f + dz_i * p_i + dz_f * p_f                         (4), (1), (2)
    (12) dp_i = Σ dz_i * c     dp_f = Σ dz_f * c     dp_o = Σ dz_o * c' over all rows and steps

Without peepholes a gate knows of the memory only what the output gate shows in h, nothing while
that one is shut; with them the cell learns to count steps.

x  input projection, input · kernel + bias    [B, 4U]    h, c    state before the step  [B, U]
r  recurrent projection, h · recurrent_kernel [B, 4U]    h', c'  state after the step   [B, U]
p  peephole weights                           [U]        all gates and k                [B, U]
*  elementwise product

Departures from the papers: as those of `nlpkit.cells.lstm`. Weights and numbers are those of
TensorFlow Addons' PeepholeLSTMCell, which names Sak et al. (2014). With `cell_clip` c' of (4) is
kept within bounds.

References:
    F. Gers, J. Schmidhuber: Recurrent Nets that Time and Count. IJCNN 2000.
    F. Gers, N. Schraudolph, J. Schmidhuber: Learning Precise Timing with LSTM Recurrent Networks.
    Journal of Machine Learning Research 3, 2002.
"""

from keras import ops

from nlpkit.cells.cell import COMMON_WEIGHTS, Weight
from nlpkit.cells.memory import clip, memory_cell

__all__ = ["PEEPHOLE_LSTM"]

_PEEPHOLES = tuple(
    Weight(
        name=f"{gate}_gate_peephole_weights", shape=("U",), roles=("step",), arguments="peephole"
    )
    for gate in ("input", "forget", "output")
)


def _step(x, r, state, weights, *, activation, recurrent_activation, cell_clip):
    """One step forward, which keeps the gates."""
    _, c = state  # h is in r already
    p_i, p_f, p_o = (weights[p.name] for p in _PEEPHOLES)
    z_i, z_f, z_g, z_o = ops.split(x + r, 4, axis=-1)
    i = recurrent_activation(z_i + p_i * c)  # (1)
    f = recurrent_activation(z_f + p_f * c)  # (2)
    g = activation(z_g)  # (3)
    c = clip(f * c + i * g, cell_clip)  # (4)
    o = recurrent_activation(z_o + p_o * c)  # (5)
    h = o * activation(c)  # (6), (7)
    return (h, c), ops.concatenate([i, f, g, o], axis=-1)


def _local(kept, state, weights):
    """The local derivatives, for tanh and sigmoid, with the peepholes in them."""
    _, c = state
    p_i, p_f, p_o = (weights[p.name] for p in _PEEPHOLES)
    i, f, g, o = ops.split(kept, 4, axis=-1)
    k = ops.tanh(f * c + i * g)  # (4), (6) again, which is faster than to keep it
    dz_i, dz_f, dz_o = g * i * (1 - i), c * f * (1 - f), k * o * (1 - o)  # (10), (8)
    z_local = ops.concatenate([dz_i, dz_f, i * (1 - g * g), dz_o], axis=-1)
    return z_local, o * (1 - k * k) + dz_o * p_o, f + dz_i * p_i + dz_f * p_f  # (9), (11)


def _weights(kept, state, dx, dr):
    """The derivatives by the peepholes."""
    _, c = state
    i, f, g, _ = ops.split(kept, 4, axis=-1)
    dz_i, dz_f, _, dz_o = ops.split(dx, 4, axis=-1)
    products = (dz_i * c, dz_f * c, dz_o * (f * c + i * g))
    sums = [ops.sum(each, axis=(0, 1)) for each in products]  # (12)
    return {p.name: each for p, each in zip(_PEEPHOLES, sums, strict=True)}


PEEPHOLE_LSTM = memory_cell(
    "peephole-lstm",
    ("i", "f", "g", "o"),
    _step,
    _local,
    read_by_step=_weights,
    weights=(*COMMON_WEIGHTS, *_PEEPHOLES),
)
