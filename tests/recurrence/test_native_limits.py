"""The kernel in C at its limits: no steps or rows, one unit or very many, NaN and infinity."""

import numpy as np
import pytest
import tensorflow as tf

from nlpkit.recurrence.kernels import NATIVE
from nlpkit.testing import GRADIENTS, VALUES, assert_close
from tests.recurrence.native_cases import (
    assert_same,
    clearly,
    converted,
    drawn,
    each_cell,
    natively,
)

pytestmark = [pytest.mark.usefixtures("native"), each_cell]


@pytest.mark.parametrize("masked", [False, True])
def test_without_a_step_the_states_and_their_derivatives_stay(cell, masked):
    given, dsequences, dstate = drawn(cell, (3, 1, 2, 5), "full" if masked else "none")
    mask = given.mask[:, :0] if masked else None
    none = given._replace(inputs=given.inputs[:, :0], mask=mask)
    shown, state, back = natively(cell, none, (dsequences[0][:, :0],), dstate)
    assert shown[0].shape == (3, 0, 5) and back.inputs.shape == (3, 0, 2)
    for got, want in zip((*state, *back.state), (*given.state, *dstate), strict=True):
        assert np.array_equal(got, want)
    assert not any(np.any(derivative) for derivative in back.weights.values())


def test_without_a_row_there_are_none_and_gradients_of_weights_are_zero(cell):
    given, dsequences, dstate = drawn(cell, (1, 3, 2, 5), "full")
    none = given._replace(
        inputs=given.inputs[:0], mask=given.mask[:0], state=tuple(s[:0] for s in given.state)
    )
    shown, state, back = natively(cell, none, (dsequences[0][:0],), tuple(d[:0] for d in dstate))
    assert [t.shape for t in (*shown, *state)] == [(0, 3, 5), *[(0, 5)] * len(cell.states)]
    assert not any(np.any(derivative) for derivative in back.weights.values())


def test_nan_stays_in_its_row_from_its_step_on(cell, variant):
    given, *upstream = drawn(cell, (8, 6, 3, 20))
    inputs = given.inputs.numpy()
    inputs[3, 2, 1] = np.nan
    (shown,), _, back = natively(cell, given._replace(inputs=tf.constant(inputs)), *upstream)
    expected = np.zeros([8, 6], bool)
    expected[3, 2:] = True
    assert np.array_equal(np.isnan(shown).all(axis=2), expected)
    assert np.array_equal(np.isnan(shown).any(axis=2), expected)
    assert np.isnan(back.weights["kernel"]).any()


@pytest.mark.parametrize("value", [np.inf, -np.inf, 1e30])
def test_infinite_and_enormous_inputs_saturate_the_gates(cell, value, variant):
    given, *upstream = drawn(cell, (2, 6, 3, 20))
    inputs = given.inputs.numpy()
    inputs[0, 2, 1] = value
    case = given._replace(inputs=tf.constant(inputs)), *upstream
    (shown,), state, back = natively(cell, *case)
    (expected,), last, want = clearly(cell, *case)
    assert np.isfinite(shown).all()
    for got, other in zip((shown, *state), (expected, *last), strict=True):
        assert_close(got, other, VALUES["float32"])
    for got, other in zip((back.inputs, *back.state), (want.inputs, *want.state), strict=True):
        assert_close(got, other, GRADIENTS["float32"])


def test_one_step_of_very_many_units_gives_the_numbers_of_the_clear_path(cell, variant):
    case = drawn(cell, (1, 1, 1, 2048))
    want = clearly(cell, *converted(case, "float64"))
    assert_same(natively(cell, *case), want)


@pytest.mark.parametrize("which", ["kernel", "recurrent_kernel", "bias", "mask", "dropout"])
def test_operands_of_a_wrong_shape_are_refused(cell, which):
    given, *_ = drawn(cell, (2, 5, 1, 3), "full", dropout=True)
    if which in given.weights:
        weights = {**given.weights, which: tf.concat([given.weights[which]] * 2, axis=-1)}
        wrong = given._replace(weights=weights)
    else:
        wrong = given._replace(**{which: getattr(given, which)[:, 1:]})
    message = rf"`{which}` of the native {cell.name} must have the shape \[\d+(, \d+)*\]"
    with pytest.raises(tf.errors.InvalidArgumentError, match=message):
        NATIVE.forward(cell, wrong, 1, False)


def test_nothing_in_the_place_of_a_bias_has_no_more_axes_than_any_operand(cell):
    given, *_ = drawn(cell, (2, 5, 1, 3))
    wrong = given._replace(weights={**given.weights, "bias": tf.zeros([0] * 20)})
    with pytest.raises(tf.errors.InvalidArgumentError, match="`bias` .* must have the shape"):
        NATIVE.forward(cell, wrong, 1, False)
    with pytest.raises(tf.errors.InvalidArgumentError, match="`bias` .* must have the shape"):
        NATIVE.backward(cell, wrong, [tf.zeros([2, 5, 3])] * 2, [], [tf.zeros([2, 3])] * 2)


def test_inputs_without_a_time_are_refused(cell):
    given, *_ = drawn(cell, (2, 5, 1, 3))
    with pytest.raises(tf.errors.InvalidArgumentError, match="`x` .* must have three axes"):
        NATIVE.forward(cell, given._replace(inputs=given.inputs[:, 0]), 1, False)
