"""The minimal GRU, linear in its state: Feng et al. (2024).

With x split into one block of columns for each gate:

    (1)  z  = sigmoid(x_z)            update gate: how much of the state is replaced
    (2)  g  = x_g                     candidate
    (3)  h' = (1 - z) * h + z * g     output state

This is the GRU without what looks at the state: no gate and no candidate reads h. So (1) and (2)
are known of all steps beforehand, and (3), h' = a * h + b with a = 1 - z and b = z * g, needs no
step-by-step loop (`nlpkit.recurrence.scan`). The price is that a layer sees of the past only a
weighted mean; several layers on each other make up for it, the second's gates read the first's
state.

The derivative is the scan's.

x  input projection, input · kernel + bias    [B, 2U]    h   state before the step  [B, U]
*  elementwise product                                   h'  state after the step   [B, U]

Departure from the paper: its parallel form works on logarithms and therefore needs a positive
candidate, for which it replaces (2) by another function; ours multiplies, needs none, and takes any
`activation` in (2). Here z writes and 1 - z keeps, as in the paper and unlike `nlpkit.cells.gru`.

Reference:
    L. Feng, F. Tung, M. O. Ahmed, Y. Bengio, H. Hajimirsadeghi: Were RNNs All We Needed? 2024,
    section 3.1; https://arxiv.org/abs/2410.01201.
"""

import keras
from keras import ops

from nlpkit.cells.linear import linear_cell

__all__ = ["MIN_GRU"]


def _scan(x, weights, *, activation):
    """a and b of h' = a * h + b, of any number of steps, and the gates."""
    x_z, x_g = ops.split(x, 2, axis=-1)
    z = ops.sigmoid(x_z)  # (1)
    g = activation(x_g)  # (2)
    return (1 - z, z * g), ops.concatenate([z, g], axis=-1)  # (3)


MIN_GRU = linear_cell(
    "min-gru", ("z", "g"), _scan, gate_roles={"z": "input"}, activation=keras.activations.linear
)
