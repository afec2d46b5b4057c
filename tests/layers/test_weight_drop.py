"""WeightDrop: one mask a call, on any recurrent layer; nothing outside training."""

import keras
import numpy as np
import pytest
from keras import ops

from nlpkit.layers import FAMILY, LSTM, WeightDrop
from tests.layers.members import KINDS

DROPPED = {
    **{name: FAMILY[name].make for name in KINDS if FAMILY[name].cell.recurrent},
    "keras-lstm": keras.layers.LSTM,
    "keras-gru": keras.layers.GRU,
    "keras-simple-rnn": keras.layers.SimpleRNN,
}
LAYERS = pytest.mark.parametrize("layer", DROPPED.values(), ids=DROPPED)
X = np.random.default_rng(0).normal(size=(3, 6, 4)).astype("float32")


def recurrent_kernel(wrapper):
    return next(w for w in wrapper.weights if w.name == "recurrent_kernel")


@LAYERS
def test_without_training_it_is_the_layer(layer):
    inner = layer(5, return_sequences=True)
    np.testing.assert_allclose(WeightDrop(inner, 0.5)(X), inner(X), atol=1e-6)


@LAYERS
@pytest.mark.parametrize("rate", [0, 1])
def test_a_rate_of_nothing_or_all_drops_nothing(layer, rate):
    inner = layer(5)
    np.testing.assert_allclose(WeightDrop(inner, rate)(X, training=True), inner(X), atol=1e-6)


@LAYERS
def test_training_runs_the_layer_with_a_dropped_kernel(layer):
    """The same mask, drawn by hand and set as the weight, gives the same numbers."""
    wrapper = WeightDrop(layer(5, return_sequences=True), 0.5, seed=7)
    wrapper(X)
    answer = wrapper(X, training=True)
    kernel = recurrent_kernel(wrapper)
    seed = keras.random.SeedGenerator(7)
    kernel.assign(keras.random.dropout(ops.convert_to_tensor(kernel), 0.5, seed=seed))
    assert 0.2 < np.mean(ops.convert_to_numpy(kernel) == 0) < 0.8
    np.testing.assert_allclose(answer, wrapper(X), atol=1e-6)


@LAYERS
def test_the_weight_stays_what_it_was_and_the_weights_its_alone(layer):
    wrapper = WeightDrop(layer(5), 0.5)
    wrapper(X)
    weights = [ops.convert_to_numpy(w) for w in wrapper.trainable_weights]
    for _ in range(2):
        wrapper(X, training=True)
    assert len(wrapper.trainable_weights) == len(weights)
    for before, after in zip(weights, wrapper.trainable_weights, strict=True):
        np.testing.assert_array_equal(before, after)
    assert recurrent_kernel(wrapper) is wrapper.layer.cell.recurrent_kernel


def test_each_call_draws_another_mask():
    wrapper = WeightDrop(LSTM(5), 0.5, seed=1)
    assert not np.array_equal(wrapper(X, training=True), wrapper(X, training=True))


@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="uses TensorFlow's tape")
def test_gradients_reach_the_weight_where_it_was_kept():
    import tensorflow as tf

    wrapper = WeightDrop(LSTM(5), 0.5, seed=1)
    wrapper(X)
    kernel = recurrent_kernel(wrapper)
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(wrapper(X, training=True))
    gradient = tape.gradient(loss, kernel.value).numpy()
    seed = keras.random.SeedGenerator(1)
    kept = ops.convert_to_numpy(keras.random.dropout(np.ones((5, 20), "float32"), 0.5, seed=seed))
    np.testing.assert_array_equal(gradient != 0, kept != 0)


@LAYERS
def test_it_saves_with_its_layer(layer, tmp_path):
    model = keras.Sequential([keras.Input([None, 4]), WeightDrop(layer(5), 0.3, seed=2)])
    model.save(tmp_path / "m.keras")
    again = keras.models.load_model(tmp_path / "m.keras")
    assert (again.layers[0].rate, again.layers[0].seed) == (0.3, 2)
    np.testing.assert_allclose(again(X), model(X), atol=1e-6)


def test_states_and_masks_pass_through():
    inner = LSTM(5, return_sequences=True, return_state=True)
    wrapper = WeightDrop(inner, 0.5)
    mask = np.array([[1, 1, 0, 0, 0, 0]] * 3, bool)
    states = [np.ones((3, 5), "float32")] * 2
    for ours, theirs in zip(
        wrapper(X, initial_state=states, mask=mask),
        inner(X, initial_state=states, mask=mask),
        strict=True,
    ):
        np.testing.assert_allclose(ours, theirs, atol=1e-6)
    assert wrapper.compute_mask(X, mask)[0] is mask


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ((LSTM(3), 1.5), r"`rate` must be a number from 0 to 1, got 1\.5\."),
        (
            (keras.layers.Dense(3),),
            r"`layer` must be a recurrent layer around one cell with .*, got <Dense .*>\.",
        ),
        (
            (FAMILY["min-gru"].make(3),),
            r"`layer` must be a recurrent layer around one cell with .*, got <MinGRU .*>\.",
        ),
        (
            (LSTM(3, num_layers=2),),
            r"`layer` must have `num_layers` 1, got 2: wrap each by itself\.",
        ),
    ],
)
def test_wrong_arguments_are_named(arguments, sentence):
    with pytest.raises(ValueError, match=f"^{sentence}$"):
        WeightDrop(*arguments)


class KernelElsewhere(keras.layers.Layer):
    """A cell with a recurrent kernel that has another name."""

    def __init__(self, units):
        super().__init__()
        self.units = self.state_size = self.output_size = units
        self.recurrent_initializer = "orthogonal"

    def build(self, input_shape):
        self.hidden = self.add_weight(shape=(self.units, self.units), name="hidden")

    def call(self, inputs, states, training=False):
        h = ops.tanh(ops.sum(inputs, -1, keepdims=True) + ops.matmul(states[0], self.hidden))
        return h, [h]


@pytest.mark.parametrize("early", [True, False])
def test_a_cell_that_keeps_its_kernel_elsewhere_is_refused_before_training(early):
    layer = keras.layers.RNN(KernelElsewhere(3))
    if early:
        layer.build((None, None, 4))
    with pytest.raises(ValueError, match=r"^`layer` must have a cell that keeps its recurrent ke"):
        WeightDrop(layer, 0.5).build((None, None, 4))
    WeightDrop(keras.layers.RNN(KernelElsewhere(3)), 0)(X, training=True)
