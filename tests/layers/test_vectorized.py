"""What vectorises or rewrites the graph gets one that it can convert, with Keras's numbers."""

import keras
import numpy as np
import pytest

from nlpkit.layers import FAMILY
from nlpkit.testing import GRADIENTS, VALUES, assert_close

tf = pytest.importorskip("tensorflow")

pytestmark = pytest.mark.skipif(
    keras.backend.backend() != "tensorflow", reason="TensorFlow's tools"
)

ROWS, TIME, FEATURES, UNITS = 4, 5, 2, 3

members = pytest.mark.parametrize("name", ["lstm", "gru", "min-gru"])


def sequences():
    return tf.constant(np.random.default_rng(0).normal(size=(ROWS, TIME, FEATURES)), "float32")


def layer_of(name, **arguments):
    layer = FAMILY[name].make(UNITS, **arguments)
    layer.build((None, None, FEATURES))
    return layer


@members
@pytest.mark.parametrize("return_sequences", [False, True])
def test_rows_that_are_vectorised_are_those_of_a_batch(name, return_sequences):
    layer = layer_of(name, return_sequences=return_sequences)
    got = tf.vectorized_map(lambda row: layer(row[None])[0], sequences())
    assert_close(got, layer(sequences()), VALUES["float32"])


@members
def test_gradients_of_each_example_sum_up_to_those_of_the_batch(name):
    layer = layer_of(name)
    weights = [weight.value for weight in layer.trainable_weights]

    def gradients(rows):
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(tf.sin(layer(rows)))
        return tape.gradient(loss, weights)

    each = tf.vectorized_map(lambda row: gradients(row[None]), sequences())
    for got, expected in zip(each, gradients(sequences()), strict=True):
        assert_close(tf.reduce_sum(got, axis=0), expected, GRADIENTS["float32"])


@members
def test_a_batch_jacobian_is_that_of_single_rows(name):
    layer, inputs = layer_of(name), sequences()
    with tf.GradientTape() as tape:
        tape.watch(inputs)
        outputs = layer(inputs)
    got = tape.batch_jacobian(outputs, inputs)
    for row in range(ROWS):
        with tf.GradientTape(persistent=True) as tape:
            one = inputs[row : row + 1]
            tape.watch(one)
            outputs = layer(one)
        expected = tape.jacobian(outputs, one, experimental_use_pfor=False)[0, :, 0]
        assert_close(got[row], expected, GRADIENTS["float32"])


@members
def test_sentences_of_unknown_number_and_length_are_predicted_and_fitted(name):
    inputs = keras.Input((None, None, FEATURES))
    layer = layer_of(name)
    model = keras.Model(inputs, keras.layers.TimeDistributed(layer)(inputs))
    texts = np.stack([sequences(), -sequences()])
    expected = layer(texts.reshape(-1, TIME, FEATURES))
    got = model.predict(texts, verbose=0)
    assert_close(got.reshape(-1, UNITS), expected, VALUES["float32"])
    model.compile("sgd", "mse")
    before = layer.get_weights()[0]
    model.fit(texts, np.ones(got.shape), verbose=0)
    assert np.any(layer.get_weights()[0] != before)


def test_maps_and_recomputed_gradients_give_the_same():
    layer = layer_of("lstm")
    got = tf.map_fn(lambda row: layer(row[None])[0], sequences())
    assert_close(got, layer(sequences()), VALUES["float32"])
    weights = [weight.value for weight in layer.trainable_weights]

    def gradients(call):
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(tf.sin(call(sequences())))
        return tape.gradient(loss, weights)

    again = gradients(tf.recompute_grad(layer))
    for got, expected in zip(again, gradients(layer), strict=True):
        assert_close(got, expected, GRADIENTS["float32"])
