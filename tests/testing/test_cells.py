"""That the check of a cell finds what is wrong; that the cells are right, tests/cells proves."""

import dataclasses
import re

import keras
import pytest
from keras import ops

from nlpkit.cells import GRU, LSTM, MIN_GRU, SLSTM, Cell, State
from nlpkit.testing import check_cell
from nlpkit.testing.cells import sample_operands
from tests.toys import TOYS


def _with_adjoint(change):
    """The LSTM with another derivative by hand."""
    derivative = LSTM.derivative

    def adjoint(local, dstate, weights):
        return change(*derivative.adjoint(local, dstate, weights))

    return dataclasses.replace(LSTM, derivative=dataclasses.replace(derivative, adjoint=adjoint))


def _scanned(x, weights, **options):
    (a, b), kept = MIN_GRU.scan(x, weights, **options)
    return (a, b + 1e-3), kept


def _narrowed(*given, **options):
    (h,), kept = GRU.step(*given, **options)
    return (h[:, :-1],), kept


WRONG = {
    "the derivative by x": (
        _with_adjoint(lambda dx, dr, dstate: (1.01 * dx, dr, dstate)),
        r"the derivative by x, by hand: off by \d\.\d+e-0\d, \d\.\d+e-\d+ allowed",
    ),
    "no number": (
        _with_adjoint(lambda dx, dr, dstate: (dx, dr * float("nan"), dstate)),
        "the derivative by r, by hand: off by nan",
    ),
    "the scan": (
        dataclasses.replace(MIN_GRU, scan=_scanned),
        r"the state by `scan`: off by 1\.00e-03",
    ),
    "the width of a state": (
        dataclasses.replace(GRU, step=_narrowed),
        re.escape("the states after a step have the shapes [(4, 5)], expected [(4, 6)]"),
    ),
    "a gate that is not kept": (
        TOYS["toy"],
        re.escape("`kept` lacks the gates ['a', 'b'], has ['x_a', 'r_a']"),
    ),
    "a role of a gate": (
        dataclasses.replace(GRU, gate_roles={"z": "reset"}),
        re.escape("`gate_roles` has ['reset'], expected of ['forget', 'input', 'update']"),
    ),
    "too much that is kept": (
        dataclasses.replace(LSTM, kept=(*LSTM.gates, "c")),
        re.escape(
            "what a step keeps has the shape (4, 24), expected (4, 30): 6 columns for each of"
        ),
    ),
}


@pytest.mark.parametrize("toy", ["toy-by-autodiff", "toy-linear"])
def test_a_right_cell_passes(toy):
    check_cell(TOYS[toy])


@pytest.mark.parametrize(("cell", "message"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_named_with_how_much(cell, message):
    with pytest.raises(AssertionError, match=f"^{message}"):
        check_cell(cell)


@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="tf.custom_gradient")
def test_a_step_whose_autodiff_is_wrong_is_found_by_finite_differences():
    import tensorflow as tf

    @tf.custom_gradient
    def square(z):
        return z * z, lambda upstream: 2.1 * z * upstream

    cell = Cell(
        name="square",
        gates=("z",),
        states=(State(name="h"),),
        kept=("z",),
        step=lambda x, r, state, weights: ((square(ops.tanh(x + r)),), x + r),
    )
    with pytest.raises(AssertionError, match="^the derivative of `step` by autodiff: off by"):
        check_cell(cell)


@pytest.mark.parametrize("cell", [LSTM, SLSTM, TOYS["toy-by-autodiff"]], ids=lambda c: c.name)
def test_states_are_those_that_a_cell_can_be_in(cell):
    first, later = (sample_operands(cell, steps=steps) for steps in (0, 3))
    for state in cell.states:
        assert (first[state.name] == state.initial).all()
        assert (later[state.name] != state.initial).any()
