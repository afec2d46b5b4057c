"""The points of the path: as few as suffice, and what is left is told."""

import numpy as np
import pytest
import tensorflow as tf

from nlpkit.explain.integrated_gradients import integrated_gradients

X = tf.constant([[1.0, 2.0], [0.5, -1.0], [3.0, 0.0]])


def _summed(function):
    return lambda x: function(tf.reduce_sum(x, [1, 2]))


@pytest.mark.parametrize(
    ("function", "steps"),
    [(tf.square, 9), (tf.nn.relu, 15), (lambda s: tf.tanh(10 * (s - 2)), 23)],
    ids=["smooth", "kink", "steep"],
)
def test_points_are_added_until_the_sum_is_right(function, steps):
    result = integrated_gradients(_summed(function), [X])
    assert result.steps == steps
    assert result.values.sum() == pytest.approx(result.end - result.baseline, rel=0.01)


def test_a_jump_has_no_gradient_and_is_not_hidden():
    result = integrated_gradients(_summed(lambda s: tf.round(s) + 0 * s), [X])
    assert (result.steps, result.values.sum()) == (221, 0)
    assert result.end - result.baseline == 6


def test_an_input_that_does_not_matter_gets_nothing():
    result = integrated_gradients(lambda x, _: tf.reduce_sum(x, [1, 2]), [X, 5 * X])
    np.testing.assert_allclose(result.values, X.numpy().sum(axis=1), rtol=1e-6)


@pytest.mark.parametrize("steepness", [1e3, 1e6])
def test_a_sudden_change_is_found_wherever_it_is_and_shared_by_the_gradient(steepness):
    weights = tf.constant([[1.0, 2.0], [0.5, -1.0], [1.0, 0.0]])

    def switch(x):
        return tf.tanh(steepness * (tf.reduce_sum(weights * x, [1, 2]) - 1.2345))

    result = integrated_gradients(switch, [X])
    assert (result.baseline, result.end) == (-1, 1)
    np.testing.assert_allclose(result.values, [40 / 37, 10 / 37, 24 / 37], rtol=0.02)
    assert result.steps < 100


def test_no_point_is_computed_twice():
    seen = []

    def steep(x):
        s = tf.reduce_sum(x, [1, 2])
        seen.extend(s.numpy().tolist())
        return tf.tanh(10 * (s - 2))

    result = integrated_gradients(steep, [X])
    assert len(seen) == result.steps == len(set(seen))
