"""Recurrent layers that a layer of the user's own makes and holds, however it holds them."""

import collections
import functools
import types

import keras
import numpy as np
import pytest
from keras.layers import GRU, LSTM, SimpleRNN

import nlpkit
from nlpkit.errors import InputError
from nlpkit.layers import from_keras, to_keras
from nlpkit.testing import VALUES, assert_close

Pair = collections.namedtuple("Pair", ["first", "second"])


def of_three(name):
    """Three layers, of which each reads what the one before gives."""
    first, second, third = (kind(2, return_sequences=True) for kind in (LSTM, GRU, SimpleRNN))
    return {
        "tuple": (first, second, third),
        "named tuple": Pair(first, Pair(second, third)),
        "list of tuples": [(first, second), (third,)],
        "dictionary of lists": {"a": [first], "b": {"c": (second, [third])}},
        "ordered": collections.OrderedDict(a=first, b=(second, third)),
    }[name]


def flat(value):
    """The layers in containers in containers, TensorFlow's wrapped tuples among them."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list | tuple):
        return [layer for each in value for layer in flat(each)]
    return [value]


class Holder(keras.layers.Layer):
    """A layer that makes others in its constructor, and holds them in containers."""

    def __init__(self, how, **kwargs):
        super().__init__(**kwargs)
        self.how = how
        self.held = of_three(how)
        self.again = self.held

    def build(self, input_shape):
        for layer in self.in_order():
            layer.build(input_shape)
            input_shape = (*input_shape[:-1], 2)

    def in_order(self):
        return flat(self.held)

    def call(self, inputs):
        for layer in self.in_order():
            inputs = layer(inputs)
        return inputs

    def get_config(self):
        return {**super().get_config(), "how": self.how}


def inputs():
    return np.random.default_rng(0).normal(size=(2, 5, 3)).astype("float32")


@pytest.mark.parametrize(
    "how", ["tuple", "named tuple", "list of tuples", "dictionary of lists", "ordered"]
)
def test_layers_in_containers_in_containers_are_exchanged(how):
    layer = Holder(how)
    expected = layer(inputs())
    ours = from_keras(layer)
    for copy, module in ((ours, "nlpkit"), (to_keras(ours), "keras")):
        assert [type(each).__module__.partition(".")[0] for each in copy.in_order()] == [module] * 3
        assert {id(each) for each in copy._layers} == {id(each) for each in copy.in_order()}
        assert flat(copy.again)[0] is copy.in_order()[0]
        assert_close(copy(inputs()), expected, VALUES["float32"])


class Hidden(keras.layers.Layer):
    """A layer that holds its LSTM as an attribute, and in another way too."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.inner = LSTM(2)
        self.hidden = self.hide(self.inner)

    def build(self, input_shape):
        self.inner.build(input_shape)

    def call(self, inputs):
        return self.inner(inputs)


WAYS = {
    "object": lambda layer: types.SimpleNamespace(inner=[layer]),
    "key": lambda layer: {layer: 1},
    "method": lambda layer: layer.call,
    "partial": lambda layer: functools.partial(layer, training=True),
    "closure": lambda layer: lambda values: layer(values),
    "default": lambda layer: lambda values, inner=layer: inner(values),
    "queue": lambda layer: collections.deque([layer]),
}


@pytest.mark.parametrize("way", WAYS)
def test_a_layer_that_is_held_in_another_way_is_named(way):
    class Hiding(Hidden):
        hide = staticmethod(WAYS[way])

    layer = Hiding(name="hiding")
    layer(inputs())
    sentence = (
        r"^`model` must hold its recurrent layers in attributes, lists, tuples, sets or values of "
        r"dictionaries, got 'hiding': its `_?\w+` holds 'lstm\w*' in another way\.$"
    )
    with pytest.raises(InputError, match=sentence):
        from_keras(layer)


def test_sets_are_exchanged():
    class InASet(Hidden):
        hide = staticmethod(lambda layer: {layer})

    layer = InASet()
    layer(inputs())
    copy = from_keras(layer)
    assert [type(each) for each in copy.hidden] == [nlpkit.layers.LSTM]
