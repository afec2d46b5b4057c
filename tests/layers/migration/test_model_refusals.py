"""Models that `from_keras` and `to_keras` refuse, and what they say of them."""

import keras
import numpy as np
import pytest
from keras.layers import LSTM

import nlpkit
from nlpkit.errors import InputError
from nlpkit.layers import FAMILY, from_keras, to_keras

STEPS = 5


@pytest.mark.parametrize(
    ("model", "sentence"),
    [
        (3, "`model` must be a Keras model or layer, got a int."),
        (LSTM, "`model` must be a Keras model or layer, got a type."),
        (
            LSTM(2, name="young"),
            "`model` must be built, got 'young': call it once, or its `build`.",
        ),
    ],
    ids=["number", "class", "not built"],
)
@pytest.mark.parametrize("convert", [from_keras, to_keras])
def test_what_cannot_be_converted_is_said(convert, model, sentence):
    with pytest.raises(InputError) as caught:
        convert(model)
    assert str(caught.value) == sentence


def test_a_model_without_a_configuration_is_said():
    class Nameless(keras.Model):
        def __init__(self, units, **kwargs):
            super().__init__(**kwargs)
            self.layer = LSTM(units)

        def call(self, inputs):
            return self.layer(inputs)

        def get_config(self):
            raise NotImplementedError("Nameless has no get_config.")

    model = Nameless(2, name="nameless")
    model(np.zeros((1, STEPS, 3), "float32"))
    sentence = "got 'nameless', of which Keras says: Nameless has no get_config"
    with pytest.raises(InputError, match=sentence):
        from_keras(model)


@pytest.mark.parametrize(
    "arguments",
    [
        {"zoneout": 0.1},
        {"zoneout": (0.0, 0.1)},
        {"cell_clip": 3.0},
        {"num_layers": 2},
        {"learned_initial_state": True},
        {"dropout_noise": "step"},
        {"return_cell_sequences": True},
        {"layer_dropout": 0.5},
    ],
    ids=str,
)
def test_an_argument_that_keras_lacks_is_named(arguments):
    layer = nlpkit.layers.LSTM(2, **arguments, name="mine")
    layer.build((None, STEPS, 3))
    (argument,) = arguments
    sentence = rf"^layer 'mine': `{argument}` must be \S+, since keras.layers.LSTM has no such"
    with pytest.raises(InputError, match=sentence):
        to_keras(layer)


@pytest.mark.parametrize("member", [m for m in FAMILY.values() if not m.keras_name])
def test_a_layer_that_keras_lacks_is_named(member):
    layer = member.make(2, name="mine")
    layer.build((None, STEPS, 3))
    with pytest.raises(InputError, match=r"^layer 'mine' must be one that `keras.layers` has too"):
        to_keras(layer)
