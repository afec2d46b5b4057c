"""What surrounds cuDNN: its weights, what it is for, and when it runs.

tests/recurrence/test_derivatives.py runs the whole branch with a twin of cuDNN in its place, and
tests/recurrence/test_gpu.py with cuDNN itself where there is a GPU.
"""

import keras
import numpy as np
import pytest
import tensorflow as tf

from nlpkit.cells import GRU, LSTM, SIMPLE_RNN
from nlpkit.recurrence.case import Case
from nlpkit.recurrence.kernels import CUDNN
from nlpkit.recurrence.native import cudnn
from nlpkit.testing import MASKS
from tests.recurrence.cases import CELLS, NOT_FOR, OPTIONS, numpy, operands

FEATURES, UNITS = 2, 3

# Our gate at each of cuDNN's positions, by the names in the two manuals.
ORDERS = {"lstm": "ifgo", "gru": "rzg", "simple-rnn": "g"}
cells = pytest.mark.parametrize("cell", ORDERS)


def order(cell):
    return tuple(map(CELLS[cell].gates.index, ORDERS[cell]))


def weights(cell, biases=2):
    """Kernel, recurrent kernel and biases, all entries different."""
    columns = len(ORDERS[cell]) * UNITS
    bias = {0: None, 1: [columns], 2: [2, columns]}[biases]
    shapes = [(FEATURES, columns), (UNITS, columns), bias]
    rng = np.random.default_rng(0)
    return [None if s is None else tf.constant(rng.normal(size=s)) for s in shapes]


def packed(order, kernel, recurrent_kernel, biases):
    """cuDNN's vector, number by number: unit by unit all that one gate's unit multiplies."""
    numbers = []
    for block in (kernel, recurrent_kernel):
        for gate in order:
            for unit in range(UNITS):
                numbers += [row[gate * UNITS + unit] for row in block]
    for bias in biases:
        for gate in order:
            numbers += [bias[gate * UNITS + unit] for unit in range(UNITS)]
    return np.array(numbers)


@cells
@pytest.mark.parametrize("biases", [0, 1, 2])
def test_weights_are_packed_as_cudnn_wants_them(cell, biases):
    kernel, recurrent_kernel, bias = weights(cell, biases)
    got = cudnn.pack(kernel, recurrent_kernel, bias, order(cell))
    zeros = np.zeros(kernel.shape[1])
    both = {0: [zeros, zeros], 1: [zeros, bias], 2: bias}[biases]
    np.testing.assert_array_equal(got, packed(order(cell), kernel, recurrent_kernel, both))


@cells
def test_weights_that_were_packed_are_unpacked_the_same(cell):
    vector = cudnn.pack(*weights(cell), order(cell))
    unpacked = cudnn.unpack(vector, FEATURES, UNITS, order(cell))
    for got, expected in zip(unpacked, weights(cell), strict=True):
        np.testing.assert_array_equal(got, expected)


def reason(cell, option="all weights", sequences=1):
    given = operands("one step", option=option, cell=cell)
    return CUDNN.why_not(Case.of(cell, given, sequences, saved=False))


@pytest.mark.parametrize("option", OPTIONS)
@cells
def test_cudnn_serves_its_cells_where_the_state_and_single_gates_are_left_alone(cell, option):
    assert bool(reason(CELLS[cell], option)) == (option in NOT_FOR["cudnn"])


@pytest.mark.parametrize("name", CELLS)
def test_cudnn_knows_no_cell_but_its_own(name):
    known = (*ORDERS, "simple-rnn-relu")
    assert (reason(CELLS[name]) is None) == (name in known)


@pytest.mark.parametrize(
    "cell",
    [
        LSTM.with_options(activation=keras.activations.relu),
        LSTM.with_options(cell_clip=3.0),
        GRU.with_options(recurrent_activation=keras.activations.hard_sigmoid),
        SIMPLE_RNN.with_options(activation=keras.activations.sigmoid),
    ],
    ids=["lstm, relu", "lstm, clipped", "gru, hard sigmoid", "simple-rnn, sigmoid"],
)
def test_cudnn_refuses_its_cells_with_other_options(cell):
    assert reason(cell) == "it has the cell with other options only"


def test_cudnn_gives_no_cell_state_of_every_step():
    assert reason(LSTM, sequences=2) == "every step of the cell state is wanted"


@pytest.mark.parametrize("kind", MASKS)
def test_cudnn_runs_unless_a_row_has_a_gap_or_no_step(kind, cudnn_on_cpu, monkeypatch):
    lengths = []

    def spied(**arguments):
        lengths.append(arguments["sequence_lengths"])
        return twin(**arguments)

    twin = tf.raw_ops.CudnnRNNV3
    monkeypatch.setattr(tf.raw_ops, "CudnnRNNV3", spied)
    given = operands("odd batch", kind)
    cudnn.forward(LSTM, given, 0, False)
    if kind in ("holes", "first row empty", "all empty"):
        assert lengths == []
    else:
        mask = np.ones((9, 4)) if given.mask is None else numpy(given.mask)
        np.testing.assert_array_equal(lengths, [mask.sum(axis=1)])
