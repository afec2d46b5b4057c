"""`num_layers`: one layer object that is a stack, with named states and dropout between."""

import keras
import numpy as np
import pytest
from keras import ops

from nlpkit.layers import LSTM
from nlpkit.testing import VALUES, assert_close
from tests.layers.members import every_kind

BATCH, TIME, FEATURES, UNITS, LEVELS = 3, 5, 2, 4, 3


def sequences():
    return np.random.default_rng(0).normal(size=(BATCH, TIME, FEATURES)).astype("float32")


def mask():
    return np.array([[1, 1, 1, 0, 0], [0, 1, 0, 1, 1], [0, 0, 0, 0, 0]], bool)


def numpy(tensor):
    return ops.convert_to_numpy(tensor)


def levels_of(stack, make):
    """Single layers with the weights of a stack's levels."""
    singles, features = [], FEATURES
    for level in [stack, *stack.deeper]:
        single = make(return_sequences=True, return_state=True)
        single.build((BATCH, TIME, features))
        single.cell.set_weights(level.cell.get_weights())
        singles.append(single)
        features = single.state_size[0]
    return singles


@every_kind
def test_a_stack_gives_the_numbers_of_its_levels_one_by_one(member):
    stack = member.make(UNITS, num_layers=LEVELS, return_sequences=True, return_state=True)
    outputs, *states = stack(sequences(), mask=mask())
    x, expected = sequences(), []
    for single in levels_of(stack, lambda **kwargs: member.make(UNITS, **kwargs)):
        x, *after = single(x, mask=mask())
        expected += after
    assert_close(numpy(outputs), numpy(x), VALUES["float32"], "outputs")
    assert len(states) == len(expected) == len(stack.state_names)
    for name, got, want in zip(stack.state_names, states, expected, strict=True):
        assert_close(numpy(got), numpy(want), VALUES["float32"], name)


def test_a_stack_that_goes_backwards_turns_the_sequence_once():
    stack = LSTM(UNITS, num_layers=2, go_backwards=True)
    stack.build((BATCH, None, FEATURES))
    first, second = levels_of(stack, lambda **kwargs: LSTM(UNITS, **kwargs))
    # Keras's loop on JAX goes backwards through the inputs, but not through their mask.
    masks = (mask(), mask()[:, ::-1]) if keras.backend.backend() == "tensorflow" else (None, None)
    x, *_ = first(sequences()[:, ::-1], mask=masks[1])
    expected, *_ = second(x, mask=masks[1])
    got = stack(sequences(), mask=masks[0])
    assert_close(numpy(got), numpy(expected)[:, -1], VALUES["float32"])


def test_a_stack_shows_zeros_at_masked_steps_where_it_is_asked_to():
    layer = LSTM(UNITS, num_layers=2, zero_output_for_mask=True, return_sequences=True)
    assert not numpy(layer(sequences(), mask=mask()))[~mask()].any()


def test_states_are_named_by_level_and_handed_over():
    layer = LSTM(UNITS, num_layers=2, return_state=True)
    _, *states = layer(sequences())
    assert layer.state_names == ("h_0", "c_0", "h_1", "c_1")
    twice = layer(np.concatenate([sequences()] * 2, axis=1))
    again = layer(sequences(), initial_state=states)
    for got, expected in zip(again, twice, strict=True):
        assert_close(numpy(got), numpy(expected), VALUES["float32"])
    with pytest.raises(ValueError, match=r"must be a list of 4: h_0 \[3, 4\].* got 2"):
        layer(sequences(), initial_state=states[:2])


def test_a_stateful_stack_goes_on():
    layer = LSTM(UNITS, num_layers=2, stateful=True)
    layer(sequences())
    got = numpy(layer(sequences()))
    layer.reset_state()
    plain = LSTM(UNITS, num_layers=2)
    plain.build((BATCH, TIME, FEATURES))
    for weight, of in zip(plain.trainable_weights, layer.trainable_weights, strict=True):
        weight.assign(of)
    expected = plain(np.concatenate([sequences()] * 2, axis=1))
    assert_close(got, numpy(expected), VALUES["float32"])


def test_dropout_between_levels_drops_in_training_only():
    layer = LSTM(UNITS, num_layers=2, layer_dropout=0.5, seed=1)
    plain = numpy(layer(sequences()))
    assert_close(numpy(layer(sequences())), plain, VALUES["float32"])
    assert np.abs(numpy(layer(sequences(), training=True)) - plain).max() > 1e-3
    none = LSTM(UNITS, layer_dropout=0.5, seed=1)
    got, expected = none(sequences(), training=True), none(sequences())
    assert_close(numpy(got), numpy(expected), VALUES["float32"])


def test_all_dropped_between_levels_leaves_the_upper_one_nothing():
    stack = LSTM(UNITS, num_layers=2, layer_dropout=1)
    zeros = numpy(stack(sequences(), training=True))
    assert zeros.shape == (BATCH, UNITS) and not zeros.any()


INITIALIZERS = {
    "by name": "glorot_uniform",
    "an instance": keras.initializers.GlorotUniform(),
    "a seeded instance": keras.initializers.GlorotUniform(seed=1),
    "a seeded configuration": keras.initializers.serialize(keras.initializers.GlorotUniform(1)),
    "a generator": keras.initializers.GlorotUniform(seed=keras.random.SeedGenerator(1)),
}


@pytest.mark.parametrize("initializer", INITIALIZERS.values(), ids=INITIALIZERS)
def test_levels_begin_with_other_weights_whatever_the_initializer(initializer):
    layer = LSTM(FEATURES, num_layers=3, kernel_initializer=initializer)
    layer.build((None, None, FEATURES))
    first, second, third = (numpy(level.cell.kernel) for level in (layer, *layer.deeper))
    for one, other in ((first, second), (second, third), (first, third)):
        assert np.abs(one - other).max() > 1e-3


def test_levels_draw_other_masks_from_one_seed():
    layer = LSTM(UNITS, num_layers=2, recurrent_dropout=0.5, seed=1)
    masks = [
        level.cell.get_recurrent_dropout_mask(np.ones((BATCH, UNITS), "float32"))[0]
        for level in (layer, *layer.deeper)
    ]
    assert np.any(numpy(masks[0]) != numpy(masks[1]))


def test_a_stack_is_saved_trained_and_runs_in_both_directions(tmp_path):
    both = keras.layers.Bidirectional(LSTM(UNITS, num_layers=2, return_sequences=True))
    model = keras.Sequential([keras.Input((TIME, FEATURES)), both])
    model.compile("sgd", "mse")
    before = [numpy(w) for w in model.trainable_weights]
    model.fit(sequences(), np.ones((BATCH, TIME, 2 * UNITS)), verbose=0)
    after = [numpy(w) for w in model.trainable_weights]
    assert len(after) == 2 * 2 * 3
    assert all(np.any(a != b) for a, b in zip(before, after, strict=True))
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    assert_close(numpy(again(sequences())), numpy(model(sequences())), VALUES["float32"])


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"num_layers": 0}, r"`num_layers` must be a positive integer, got 0\."),
        ({"layer_dropout": 2}, r"`layer_dropout` must be a number from 0 to 1, got 2\."),
    ],
)
def test_wrong_arguments_are_named(arguments, sentence):
    with pytest.raises(ValueError, match=f"^{sentence}$"):
        LSTM(UNITS, **arguments)
