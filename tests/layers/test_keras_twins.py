"""A layer that Keras has too: the same weights, seeds, masks of dropout and numbers as there."""

import keras
import numpy as np
import pytest
from keras import ops

from nlpkit.layers import FAMILY
from nlpkit.testing import VALUES, assert_close, draw_mask

BATCH, TIME, FEATURES, UNITS = 4, 5, 3, 6

TWINS = {name: member for name, member in FAMILY.items() if member.keras_layer}
twin = pytest.mark.parametrize("member", TWINS.values(), ids=TWINS)


def sequences():
    return np.random.default_rng(0).normal(size=(BATCH, TIME, FEATURES)).astype("float32")


def numpy(tensor):
    return ops.convert_to_numpy(tensor)


def model_of(layer):
    """A model with nothing but the layer in it."""
    return keras.Sequential([keras.Input((TIME, FEATURES)), layer])


def twins(member, **arguments):
    """Keras's layer and ours, with the same weights."""
    theirs = member.keras_layer(UNITS, **member.arguments, **arguments)
    ours = member.make(UNITS, **arguments)
    for layer in (theirs, ours):
        layer.build((BATCH, TIME, FEATURES))
    ours.set_weights(theirs.get_weights())
    return theirs, ours


@twin
def test_a_weights_file_of_keras_loads_into_our_layer(member, tmp_path):
    theirs, ours = map(model_of, twins(member))
    ours.set_weights([np.zeros(weight.shape) for weight in ours.weights])
    theirs.save_weights(tmp_path / "theirs.weights.h5")
    ours.load_weights(tmp_path / "theirs.weights.h5")
    assert_close(numpy(ours(sequences())), numpy(theirs(sequences())), VALUES["float32"])


@twin
def test_weights_have_the_names_shapes_and_order_of_keras(member):
    theirs, ours = twins(member)
    described = [[(w.path.split("/")[-2:], w.shape) for w in x.weights] for x in (theirs, ours)]
    assert described[0] == described[1]


# Keras's vanilla RNN draws the seed of its dropout ahead of those of its weights.
@pytest.mark.parametrize("name", [name for name in TWINS if name != "simple-rnn"])
def test_equal_seeds_give_the_initial_weights_of_keras(name):
    member = TWINS[name]
    keras.utils.set_random_seed(7)
    theirs = model_of(member.keras_layer(UNITS, **member.arguments)).get_weights()
    keras.utils.set_random_seed(7)
    ours = model_of(member.make(UNITS)).get_weights()
    for got, expected in zip(ours, theirs, strict=True):
        np.testing.assert_array_equal(got, expected)


# A vanilla RNN has a single gate, and Keras's no `implementation`.
DRAWN = [
    (member, rates, implementation)
    for name, member in TWINS.items()
    for rates in [(0.5, 0.0), (0.0, 0.5), (0.5, 0.5)]
    for implementation in ([None] if name == "simple-rnn" else [1, 2])
]


@pytest.mark.parametrize(
    ("member", "rates", "implementation"), DRAWN, ids=[f"{m.name}-{r}-{i}" for m, r, i in DRAWN]
)
def test_a_seed_draws_the_dropout_masks_of_keras(member, rates, implementation):
    arguments = {"dropout": rates[0], "recurrent_dropout": rates[1], "seed": 11}
    if implementation is not None:
        arguments |= {"implementation": implementation, "use_cudnn": False}
    theirs, ours = twins(member, **arguments)
    inputs = sequences()
    for _ in range(2):  # the second call draws new masks
        got, expected = ours(inputs, training=True), theirs(inputs, training=True)
        assert_close(numpy(got), numpy(expected), VALUES["float32"])
    without = numpy(ours(inputs))
    assert np.abs(without - numpy(got)).max() > 1e-3


@twin
def test_stateful_batches_continue_where_the_last_one_ended(member):
    theirs, ours = twins(member, stateful=True)
    whole = member.make(UNITS)
    whole.build((BATCH, 2 * TIME, FEATURES))
    whole.set_weights(ours.get_weights()[:3])
    inputs = sequences()
    for _ in range(2):
        got, expected = ours(inputs), theirs(inputs)
        assert_close(numpy(got), numpy(expected), VALUES["float32"])
    twice = whole(np.concatenate([inputs, inputs], axis=1))
    assert_close(numpy(got), numpy(twice), VALUES["float32"])
    ours.reset_state()
    assert_close(numpy(ours(inputs)), numpy(whole(inputs)), VALUES["float32"])


@twin
def test_a_masked_bidirectional_equals_that_of_keras(member):
    theirs, ours = [
        keras.layers.Bidirectional(make(UNITS, return_sequences=True, **member.arguments))
        for make in (member.keras_layer, member.layer)
    ]
    mask = draw_mask("holes", BATCH, TIME)
    expected = theirs(sequences(), mask=mask)
    ours.build((BATCH, TIME, FEATURES))
    ours.set_weights(theirs.get_weights())
    assert_close(numpy(ours(sequences(), mask=mask)), numpy(expected), VALUES["float32"])
