"""Operands for the kernel in C, its results, and those of the clear path."""

import numpy as np
import pytest
import tensorflow as tf

from nlpkit.cells import CELLS, Cell
from nlpkit.recurrence import Operands
from nlpkit.recurrence.eager import in_graph
from nlpkit.recurrence.kernels import LOOP, NATIVE
from nlpkit.recurrence.native.cpu import kernel as in_c
from nlpkit.testing import GRADIENTS, VALUES, assert_close, draw_mask
from tests.recurrence.cases import named

NATIVE_CELLS = {name: CELLS[name] for name in in_c.CELLS}
"""The cells that the kernel in C has."""

each_cell = pytest.mark.parametrize("cell", NATIVE_CELLS.values(), ids=NATIVE_CELLS.keys())

# B, T, I, U. Groups have 128 rows at most, a vector up to 16 units and a panel up to 32; two
# threads share the rows from some 8 million operations on, and the units where the recurrent kernel
# has more than 2.2 million bytes.
DIMENSIONS = {
    "one unit": (2, 3, 1, 1),
    "a panel and one unit": (5, 9, 17, 33),
    "several groups": (300, 6, 7, 20),
    "rows of each thread": (60, 36, 40, 100),
    "units of each thread": (7, 5, 33, 750),
}


def natively(cell, *case):
    """Sequences, states and gradients of a case, as `drawn` gives it."""
    return in_graph(_there_and_back, *case, kernel=NATIVE, cell=cell)


def clearly(cell, *case):
    """The same by TensorFlow's ops."""
    return in_graph(_there_and_back, *case, kernel=LOOP, cell=cell)


def _there_and_back(given, dsequences, dstate, *, kernel, cell):
    units = given.state[0].shape[1]
    dsequences = [tf.ensure_shape(d, [None, None, units]) for d in dsequences]
    dstate = [tf.ensure_shape(d, [None, units]) for d in dstate]
    run = kernel.forward(cell, given, len(dsequences), True)
    back = kernel.backward(cell, given, run.trace, dsequences, dstate)
    return run.sequences, run.state, back


def converted(tensors, dtype):
    """Floating-point tensors in another type, the rest as it is."""

    def convert(tensor):
        floating = tensor is not None and tensor.dtype.is_floating
        return tf.cast(tensor, dtype) if floating else tensor

    return tf.nest.map_structure(convert, tensors)


def drawn(cell: Cell, dimensions, kind="none", dropout=False):
    """Operands, with derivatives by what comes of them."""
    rng = np.random.default_rng(1)
    batch, time, features, units = dimensions
    sizes = cell.sizes(features, units)

    def normal(*shape, scale=1.0):
        return tf.constant(rng.normal(size=shape, scale=scale), "float32")

    def weight(declared):
        shape = [sizes.get(axis, axis) for axis in declared.shape]
        return normal(*shape, scale=0.5 if declared.option else 0.5 * shape[0] ** -0.5)

    weights = {declared.name: weight(declared) for declared in cell.weights}
    inputs, state = normal(batch, time, features), [normal(batch, units) for _ in cell.states]
    mask, kept = draw_mask(kind, batch, time), None
    if dropout:
        gates = len(cell.gates)
        kept = tf.constant(2.0 * (rng.random((gates, batch, units)) < 0.5), "float32")
    given = Operands(
        inputs, weights, tuple(state), None if mask is None else tf.constant(mask), kept
    )
    return given, (normal(batch, time, units),), tuple(normal(batch, units) for _ in cell.states)


def assert_same(got, want):
    """Sequences and states as values, the rest as gradients."""
    for mine, other in zip((*got[0], *got[1]), (*want[0], *want[1]), strict=True):
        assert_close(mine, other, VALUES["float32"], "a state")
    mine, others = (each if isinstance(each, dict) else named(each) for each in (got[2], want[2]))
    assert mine.keys() == others.keys()
    for name, other in others.items():
        assert_close(mine[name], other, GRADIENTS["float32"], f"derivative by {name}")
