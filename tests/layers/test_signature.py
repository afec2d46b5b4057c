"""The drop-in promise on paper: signatures, configurations and docstrings."""

import inspect
import re

import keras
import pytest

from nlpkit.layers import LSTM, LSTMCell

PAIRS = pytest.mark.parametrize(
    ("ours", "theirs"),
    [(LSTM, keras.layers.LSTM), (LSTMCell, keras.layers.LSTMCell)],
    ids=["LSTM", "LSTMCell"],
)
# What Keras takes through **kwargs and we spell out.
SPELT_OUT = {"implementation", "zero_output_for_mask"}


def parameters(layer):
    """Name and default of each argument of a layer, in order."""
    signature = inspect.signature(layer)
    return {name: p.default for name, p in signature.parameters.items() if name != "kwargs"}


@PAIRS
def test_arguments_are_those_of_keras_in_order_and_default(ours, theirs):
    mine = parameters(ours)
    assert set(mine) - set(parameters(theirs)) <= SPELT_OUT
    shared = {name: default for name, default in mine.items() if name not in SPELT_OUT}
    assert list(shared.items()) == list(parameters(theirs).items())


@PAIRS
def test_documented_arguments_are_those_of_the_signature(ours, theirs):
    section = re.search(r"\n    Args:\n(.*?)\n\n", ours.__doc__, re.DOTALL).group(1)
    documented = re.findall(r"^ {8}(\*{0,2}\w+):", section, re.MULTILINE)
    assert documented == [*parameters(ours), "**kwargs"]


@PAIRS
def test_configuration_has_every_argument_and_every_key_of_keras(ours, theirs):
    config = ours(3).get_config()
    assert set(parameters(ours)) <= set(config)
    assert set(theirs(3).get_config()) <= set(config)


@PAIRS
def test_keras_builds_its_own_layer_from_our_configuration(ours, theirs):
    config = ours(3, activation="relu", dropout=0.2, seed=5).get_config()
    assert theirs.from_config(config).get_config().items() <= config.items()


def test_the_layer_answers_for_the_arguments_of_its_cell():
    layer = LSTM(3, dropout=0.25, seed=4)
    for name in parameters(LSTMCell):
        assert getattr(layer, name) is getattr(layer.cell, name), name
    assert (layer.units, layer.dropout, layer.seed) == (3, 0.25, 4)


@pytest.mark.parametrize("layer", [LSTM, LSTMCell])
@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"units": 0}, r"`units` must be a positive integer, got 0\."),
        ({"units": 2.5}, r"`units` must be a positive integer, got 2\.5\."),
        ({"units": 3, "dropout": -0.1}, r"`dropout` must be a number from 0 to 1, got -0\.1\."),
        (
            {"units": 3, "recurrent_dropout": 2},
            r"`recurrent_dropout` must be a number from 0 to 1, got 2\.",
        ),
    ],
)
def test_wrong_arguments_are_named_at_construction(layer, arguments, sentence):
    with pytest.raises(ValueError, match=f"^{sentence}$"):
        layer(**arguments)


def test_a_wrong_use_cudnn_is_named_at_construction():
    sentence = r"^`use_cudnn` must be one of 'auto', True, False, got 'always'\.$"
    with pytest.raises(ValueError, match=sentence):
        LSTM(3, use_cudnn="always")
