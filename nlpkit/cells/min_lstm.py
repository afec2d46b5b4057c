"""The minimal LSTM, linear in its state: Feng et al. (2024), with gates that add up to 1.

With x split into one block of columns for each gate:

    (1)  f  = sigmoid(x_f)            forget gate
    (2)  i  = sigmoid(x_i)            input gate
    (3)  g  = x_g                     candidate
    (4)  a  = f / (f + i)             how much of the state is kept
    (5)  h' = a * h + (1 - a) * g     output state; 1 - a = i / (f + i)

This is the LSTM without what looks at the state, and without the output gate, so that memory and
output are one. (1) to (4) are known of all steps beforehand, and (5) needs no step-by-step loop
(`nlpkit.recurrence.scan`).

(4) is computed as sigmoid(log f - log i), which is the same and divides by no zero where both gates
are shut. The derivative is the scan's.

x  input projection, input · kernel + bias    [B, 3U]    h   state before the step  [B, U]
*  elementwise product                                   h'  state after the step   [B, U]

Departure from the paper: its parallel form works on logarithms and therefore needs a positive
candidate, for which it replaces (3) by another function; ours multiplies, needs none, and takes any
`activation` in (3).

Reference:
    L. Feng, F. Tung, M. O. Ahmed, Y. Bengio, H. Hajimirsadeghi: Were RNNs All We Needed? 2024,
    section 3.2; https://arxiv.org/abs/2410.01201.
"""

import keras
from keras import ops

from nlpkit.cells.linear import linear_cell

__all__ = ["MIN_LSTM"]


def _scan(x, weights, *, activation):
    """a and b of h' = a * h + b, of any number of steps, and the gates."""
    x_f, x_i, x_g = ops.split(x, 3, axis=-1)
    a = ops.sigmoid(ops.log_sigmoid(x_f) - ops.log_sigmoid(x_i))  # (4)
    g = activation(x_g)  # (3)
    kept = ops.concatenate([ops.sigmoid(x_f), ops.sigmoid(x_i), g], axis=-1)  # (1), (2)
    return (a, (1 - a) * g), kept  # (5)


MIN_LSTM = linear_cell("min-lstm", ("f", "i", "g"), _scan, activation=keras.activations.linear)
