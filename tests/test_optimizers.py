"""Lazy Adam is Adam on the rows in use, and nothing at all on the others."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from nlpkit.optimizers import LazyAdam
from nlpkit.testing import VALUES, assert_close

ROWS, WIDTH, STEPS = 6, 3, 5
OPTIONS = {
    "defaults": {},
    "rates": {"learning_rate": 0.1, "beta_1": 0.5, "beta_2": 0.9},
    "epsilon": {"epsilon": 1e-2},
    "schedule": {"learning_rate": keras.optimizers.schedules.PolynomialDecay(0.1, STEPS, 0.01)},
}


def table():
    return keras.Variable(np.random.default_rng(1).normal(size=(ROWS, WIDTH)), dtype="float32")


def gradients():
    """A dense gradient for each step."""
    return np.random.default_rng(0).normal(size=(STEPS, ROWS, WIDTH)).astype("float32")


def sparse(gradient, rows):
    """Some rows of a gradient, as a gather gives them."""
    return tf.IndexedSlices(tf.constant(gradient[rows]), tf.constant(rows), [ROWS, WIDTH])


FORMS = {
    "dense": tf.constant,
    "sparse": lambda gradient: sparse(gradient, [0, 1, 2, 3, 4, 5]),
    "shuffled": lambda gradient: sparse(gradient, [3, 1, 5, 0, 2, 4]),
    "in halves": lambda gradient: sparse(gradient / 2, [0, 1, 2, 3, 4, 5, 5, 0, 4, 1, 3, 2]),
}


def state(optimizer):
    return [variable.numpy() for variable in optimizer.variables]


@pytest.mark.parametrize("options", OPTIONS.values(), ids=OPTIONS)
@pytest.mark.parametrize("form", FORMS)
def test_it_is_adam_where_every_row_is_in_use(options, form):
    ours, theirs = LazyAdam(**options), keras.optimizers.Adam(**options)
    lazy, dense = table(), table()
    for gradient in gradients():
        theirs.apply([tf.constant(gradient)], [dense])
        ours.apply([FORMS[form](gradient)], [lazy])
    assert_close(lazy.numpy(), dense.numpy(), VALUES["float32"])
    for got, expected in zip(state(ours), state(theirs), strict=True):
        assert_close(got, expected, VALUES["float32"])


def test_dense_gradients_are_left_to_adam_bit_by_bit():
    ours, theirs = LazyAdam(0.1), keras.optimizers.Adam(0.1)
    one, other = table(), table()
    for gradient in gradients():
        ours.apply([tf.constant(gradient)], [one])
        theirs.apply([tf.constant(gradient)], [other])
    np.testing.assert_array_equal(one, other)


def test_rows_at_rest_and_their_moments_keep_every_bit():
    optimizer, variable = LazyAdam(0.1), table()
    dense, *rest = gradients()
    optimizer.apply([tf.constant(dense)], [variable])
    before, moments = variable.numpy(), state(optimizer)[2:]
    for gradient in rest:
        optimizer.apply([sparse(gradient, [1, 4])], [variable])
    idle, busy = [0, 2, 3, 5], [1, 4]
    pairs = [(before, variable.numpy()), *zip(moments, state(optimizer)[2:], strict=True)]
    assert len(pairs) == 3
    for old, new in pairs:
        np.testing.assert_array_equal(new[idle], old[idle])
        assert (new[busy] != old[busy]).all()


def test_repeated_rows_are_summed_before_the_square():
    ours, theirs = LazyAdam(0.1), LazyAdam(0.1)
    one, other = table(), table()
    gradient = gradients()[0]
    ours.apply([sparse(gradient, [2, 2, 5, 2])], [one])
    theirs.apply([tf.IndexedSlices(gradient[[2, 5]] * [[3], [1]], [2, 5], [ROWS, WIDTH])], [other])
    assert_close(one.numpy(), other.numpy(), VALUES["float32"])


def test_a_gradient_of_no_rows_moves_nothing_but_the_count():
    optimizer, variable = LazyAdam(0.1), table()
    before = variable.numpy()
    optimizer.apply([sparse(gradients()[0], np.array([], "int32"))], [variable])
    np.testing.assert_array_equal(variable, before)
    assert optimizer.iterations.numpy() == 1


def test_training_moves_only_the_rows_that_were_looked_up():
    layer = keras.layers.Embedding(ROWS, WIDTH)
    model = keras.Sequential([layer, keras.layers.Flatten(), keras.layers.Dense(1)])
    model.build((None, 2))
    model.compile(LazyAdam(0.1), "mse", jit_compile=False)
    before = layer.embeddings.numpy()
    model.fit(np.array([[1, 4], [4, 4]]), np.ones(2), epochs=3, verbose=0)
    moved = (layer.embeddings.numpy() != before).any(axis=1)
    assert moved.tolist() == [row in (1, 4) for row in range(ROWS)]


def test_saved_state_goes_on_where_it_stopped():
    first, variable = LazyAdam(0.1), table()
    steps = gradients()
    for gradient in steps[:3]:
        first.apply([sparse(gradient, [0, 2])], [variable])
    second, twin = LazyAdam.from_config(first.get_config()), keras.Variable(variable.numpy())
    second.build([twin])
    saved = {}
    first.save_own_variables(saved)
    second.load_own_variables({key: np.array(value) for key, value in saved.items()})
    for gradient in steps[3:]:
        first.apply([sparse(gradient, [2, 3])], [variable])
        second.apply([sparse(gradient, [2, 3])], [twin])
    assert_close(variable.numpy(), twin.numpy(), VALUES["float32"])
    for one, other in zip(state(first), state(second), strict=True):
        assert_close(one, other, VALUES["float32"])


def test_configuration_round_trip():
    optimizer = LazyAdam(0.02, beta_1=0.8)
    twin = keras.optimizers.deserialize(keras.optimizers.serialize(optimizer))
    assert type(twin) is LazyAdam and twin.get_config() == optimizer.get_config()
