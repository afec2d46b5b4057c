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

from collections.abc import Callable, Mapping
from typing import Any

import keras
from keras import ops

from nlpkit.cells.cell import BIAS, KERNEL, Cell, State, step_by_scan

__all__ = ["MIN_GRU", "scan"]


def scan(
    x: Any, weights: Mapping[str, Any], *, activation: Callable = keras.activations.linear
) -> tuple[tuple[Any, Any], Any]:
    """a and b of h' = a * h + b, of any number of steps.

    Args:
        x: Input projection, bias included, [..., 2U], blocks in the order z, g.
        weights: Empty; a step reads none.
        activation: Function of the candidate (2). Default: none, the identity.

    Returns:
        a and b, [..., U] each, and z, g, [..., 2U].
    """
    x_z, x_g = ops.split(x, 2, axis=-1)
    z = ops.sigmoid(x_z)  # (1)
    g = activation(x_g)  # (2)
    return (1 - z, z * g), ops.concatenate([z, g], axis=-1)  # (3)


MIN_GRU = Cell(
    name="min-gru",
    gates=("z", "g"),
    states=(State(name="h"),),
    kept=("z", "g"),
    weights=(KERNEL, BIAS),
    options={"activation": keras.activations.linear},
    step=step_by_scan(scan),
    scan=scan,
)
