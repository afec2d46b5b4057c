"""The kernel in C: the numbers of the clear path, whatever the size, the mask and the processor."""

import functools

import numpy as np
import pytest
import tensorflow as tf

from nlpkit.recurrence import recur
from nlpkit.recurrence.kernels import NATIVE
from nlpkit.testing import FEW_MASKS, GRADIENTS, MASKS, VALUES, assert_close
from tests.recurrence import by_autodiff
from tests.recurrence.cases import SIZES, cotangents, operands
from tests.recurrence.native_cases import (
    DIMENSIONS,
    assert_same,
    clearly,
    converted,
    drawn,
    each_cell,
    natively,
)

pytestmark = [pytest.mark.usefixtures("native"), each_cell]

OPTIONS = ("all weights", "no bias", "recurrent dropout")


@functools.cache
def once(cell, name, kind, dropout):
    """A case, and its results by the clear path, computed once for all processors."""
    case = drawn(cell, DIMENSIONS[name], kind, dropout)
    return case, clearly(cell, *converted(case, "float64"))


@pytest.mark.parametrize("kind", MASKS)
@pytest.mark.parametrize("option", OPTIONS)
@pytest.mark.parametrize("size", SIZES)
def test_every_option_and_mask_gives_the_numbers_of_autodiff(cell, size, option, kind):
    given = operands(size, kind, option, cell, "float32")
    upstream = converted(cotangents(given), "float32")
    want = by_autodiff.answers(size, kind, option, 1, cell.name)
    assert_same(natively(cell, given, *upstream), want)


@pytest.mark.parametrize("kind", FEW_MASKS)
@pytest.mark.parametrize("dropout", [False, True])
@pytest.mark.parametrize("name", DIMENSIONS)
def test_every_processor_gives_the_numbers_of_the_clear_path(cell, name, dropout, kind, variant):
    case, want = once(cell, name, kind, dropout)
    assert_same(natively(cell, *case), want)


@pytest.mark.parametrize("kind", FEW_MASKS)
@pytest.mark.parametrize("dropout", [False, True])
def test_what_is_kept_changes_no_number(cell, dropout, kind):
    given, *_ = drawn(cell, (5, 9, 17, 33), kind, dropout)
    (y,), state, _ = NATIVE.forward(cell, given, 1, True)
    for count, shown in ((1, (y,)), (0, ())):
        run = NATIVE.forward(cell, given, count, False)
        for got, want in zip((*run.sequences, *run.state), (*shown, *state), strict=True):
            assert np.array_equal(got, want)


@pytest.mark.parametrize("masked", [False, True])
def test_without_outputs_of_every_step_the_last_states_and_gradients_are_the_same(cell, masked):
    given, dsequences, dstate = drawn(cell, (4, 5, 3, 20), "holes" if masked else "none")
    nothing = tuple(tf.zeros_like(d) for d in dsequences)
    _, state, back = natively(cell, given, (), dstate)
    want = natively(cell, given, nothing, dstate)
    assert_same(((), state, back), ((), *want[1:]))


def test_masked_inputs_are_not_read(cell):
    given, *upstream = drawn(cell, (4, 7, 3, 20), "holes")
    poisoned = tf.where(given.mask[:, :, None], given.inputs, np.nan)
    got = natively(cell, given._replace(inputs=poisoned), *upstream)
    assert_same(got, natively(cell, given, *upstream))


def test_a_graph_that_xla_compiles_runs_the_loop_with_the_same_numbers(cell):
    given, *_ = drawn(cell, (4, 7, 3, 20), "holes")

    def gradients(given):
        with tf.GradientTape() as tape:
            tape.watch(given.weights["kernel"])
            (outputs,), _ = recur(cell, given)
            loss = tf.reduce_sum(outputs**2)
        return outputs, tape.gradient(loss, given.weights["kernel"])

    outputs, gradient = tf.function(gradients, autograph=False)(given)
    jitted = tf.function(gradients, autograph=False, jit_compile=True)(given)
    assert_close(outputs, jitted[0], VALUES["float32"])
    assert_close(gradient, jitted[1], GRADIENTS["float32"])


def test_the_graph_knows_the_shapes_of_what_comes_back(cell):
    given, dsequences, dstate = drawn(cell, (4, 7, 3, 20))

    @tf.function(autograph=False)
    def shapes(given, dsequences, dstate):
        run, state, back = natively(cell, given, dsequences, dstate)
        found.extend(tensor.shape for tensor in (*run, *state, back.inputs, *back.state))

    found = []
    shapes(given, dsequences, dstate)
    states = [(4, 20)] * len(cell.states)
    assert found == [(4, 7, 20), *states, (4, 7, 3), *states]
