"""Keras's models on our layers and back: equal outputs, and nothing else is touched."""

import keras
import numpy as np
import pytest
from keras import layers
from keras.layers import GRU, LSTM, RNN, Bidirectional, Dense, LSTMCell, SimpleRNN

import nlpkit
from nlpkit.layers import FAMILY, from_keras, to_keras
from nlpkit.testing import VALUES, assert_close

STEPS = 5


@keras.saving.register_keras_serializable(package="test_models")
class Leaky(layers.Layer):
    """A cell of the user's own: h' = h / 2 + the sum of the inputs."""

    state_size = output_size = 1

    def call(self, inputs, states):
        h = states[0] / 2 + keras.ops.sum(inputs, axis=-1, keepdims=True)
        return h, [h]


@keras.saving.register_keras_serializable(package="test_models")
class Reader(keras.Model):
    """A model of the user's own, which makes its layers itself."""

    def __init__(self, units, **kwargs):
        super().__init__(**kwargs)
        self.units = units
        self.below = LSTM(units, return_sequences=True)
        self.above = [GRU(units, return_sequences=True), SimpleRNN(units)]
        self.out = {"dense": Dense(2)}

    def call(self, inputs):
        values = self.below(inputs)
        for layer in self.above:
            values = layer(values)
        return self.out["dense"](values)

    def get_config(self):
        return {**super().get_config(), "units": self.units}


def chain(*stack, batch=None, **kwargs):
    """The layers one after the other."""
    return keras.Sequential([keras.Input((STEPS, 3), batch_size=batch), *stack], **kwargs)


def two_inputs():
    a, b = keras.Input((STEPS, 3)), keras.Input((STEPS, 3))
    both = layers.Concatenate()([LSTM(4)(a), GRU(3, go_backwards=True)(b)])
    return keras.Model([a, b], Dense(2)(both))


def seq2seq():
    source, target = keras.Input((STEPS, 3)), keras.Input((None, 3))
    _, h, c = LSTM(4, return_state=True)(source)
    values = LSTM(4, return_sequences=True)(target, initial_state=[h, c])
    return keras.Model([source, target], GRU(4)(values, initial_state=h))


def stateful():
    model = chain(GRU(3, stateful=True, return_sequences=True), LSTM(2, stateful=True), batch=2)
    model(inputs(model))
    return model


def masked():
    tokens = keras.Input((STEPS,), dtype="int32")
    values = layers.Embedding(4, 3, mask_zero=True)(tokens)
    values = Bidirectional(LSTM(4, return_sequences=True))(values)
    return keras.Model(tokens, GRU(3, zero_output_for_mask=True, return_sequences=True)(values))


def mixed():
    policy = keras.DTypePolicy("mixed_float16")
    return chain(LSTM(4, return_sequences=True, dtype=policy), SimpleRNN(3, dtype=policy))


def shared():
    a, b = keras.Input((STEPS, 3)), keras.Input((STEPS, 3))
    reader = LSTM(4, name="reader")
    inner = chain(reader, name="inner")
    return keras.Model([a, b], [reader(a) - reader(b), inner(b)])


def nested():
    inner = chain(GRU(4, return_sequences=True), name="inner")
    inner.trainable = False
    a = keras.Input((STEPS, 3))
    return keras.Model(a, chain(inner, LSTM(3), name="outer")(a))


def of_cells():
    cells = [LSTMCell(3), layers.GRUCell(4, reset_after=False), layers.SimpleRNNCell(2)]
    return chain(RNN(cells, return_sequences=True), RNN(LSTMCell(3)))


def subclassed():
    model = Reader(4)
    model(np.zeros((1, STEPS, 3), "float32"))
    return model


MODELS = {
    "bidirectional": lambda: chain(Bidirectional(LSTM(4, return_sequences=True)), Dense(2)),
    "stacked": lambda: chain(
        SimpleRNN(4, "relu", return_sequences=True),
        GRU(3, dropout=0.5, return_sequences=True),
        LSTM(2),
    ),
    "two inputs": two_inputs,
    "seq2seq": seq2seq,
    "stateful": stateful,
    "masked": masked,
    "mixed precision": mixed,
    "shared": shared,
    "nested": nested,
    "own cell": lambda: chain(RNN(Leaky(), return_sequences=True), LSTM(2)),
    "cells": of_cells,
    "time distributed": lambda: chain(
        layers.Reshape((STEPS, 3, 1)), layers.TimeDistributed(GRU(2, reset_after=False)), LSTM(2)
    ),
    "subclassed": subclassed,
}
EVERY_MODEL = pytest.mark.parametrize("name", MODELS)


def inputs(model):
    """A batch for each input of a model, drawn with one seed."""
    rng = np.random.default_rng(1)
    specs = getattr(model, "inputs", [None])
    batches = [
        rng.integers(0, 4, (2, STEPS))
        if spec is not None and "int" in spec.dtype
        else rng.normal(size=(2, STEPS, 3)).astype("float32")
        for spec in specs
    ]
    return batches if len(batches) > 1 else batches[0]


def tolerance(name):
    return VALUES["mixed_float16" if name == "mixed precision" else "float32"]


def assert_same(got, expected, limit):
    for g, e in zip(keras.tree.flatten(got), keras.tree.flatten(expected), strict=True):
        assert_close(keras.ops.convert_to_numpy(g), keras.ops.convert_to_numpy(e), limit)


def recurrent(model):
    """The classes of the recurrent layers and cells in a model that are Keras's or ours."""
    twins = [c for m in FAMILY.values() for c in (m.keras_layer, m.layer, m.layer.cell_class)]
    cells = [layers.LSTMCell, layers.GRUCell, layers.SimpleRNNCell]
    return [type(x) for x in model._flatten_layers() if type(x) in twins + cells]


@EVERY_MODEL
def test_a_converted_model_has_equal_outputs_there_and_back(name):
    model = MODELS[name]()
    ours = from_keras(model)
    back = to_keras(ours)
    expected = model(inputs(model))
    assert_same(ours(inputs(model)), expected, tolerance(name))
    assert_same(back(inputs(model)), expected, tolerance(name))
    assert recurrent(ours)
    assert {each.__module__.split(".")[0] for each in recurrent(ours)} == {"nlpkit"}
    assert [each.__name__ for each in recurrent(ours)] == [
        each.__name__ for each in recurrent(back)
    ]
    assert recurrent(back) == recurrent(model)
    assert type(ours) is type(model)
    names = [layer.name for layer in getattr(model, "layers", [])]
    assert [layer.name for layer in ours.layers] == names == [layer.name for layer in back.layers]


@pytest.mark.parametrize("name", [name for name in MODELS if name != "shared"])
def test_a_converted_model_has_the_same_outputs_after_save_and_load(name, tmp_path):
    """Keras loads no model with a layer that is inside of a model in it and outside too."""
    ours = from_keras(MODELS[name]())
    ours.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    if name == "stateful":
        for layer in [*ours.layers, *loaded.layers]:
            layer.reset_state()
    assert_same(loaded(inputs(ours)), ours(inputs(ours)), tolerance(name))


def test_a_converted_model_predicts_the_same():
    model = two_inputs()
    expected = model.predict(inputs(model), verbose=0)
    assert_same(from_keras(model).predict(inputs(model), verbose=0), expected, VALUES["float32"])


def test_a_single_layer_is_converted_with_all_its_arguments():
    layer = LSTM(4, dropout=0.25, activation="relu", kernel_regularizer="l2", name="reader", seed=3)
    layer.build((None, STEPS, 3))
    ours = from_keras(layer)
    assert type(ours) is nlpkit.layers.LSTM
    config = layer.get_config()
    assert {name: ours.get_config()[name] for name in config} == config
    assert to_keras(ours).get_config() == config


@pytest.mark.parametrize("wrap", [lambda layer: layer, Bidirectional], ids=["alone", "wrapped"])
def test_arguments_that_keras_does_not_save_are_kept(wrap):
    model = chain(wrap(GRU(2, use_cudnn=False, implementation=1, dropout=0.5, seed=3)))
    for copy in (from_keras(model), to_keras(from_keras(model))):
        layer = getattr(copy.layers[0], "forward_layer", copy.layers[0])
        assert not layer.use_cudnn
        if not isinstance(copy.layers[0], Bidirectional):  # which loses it itself
            assert layer.cell.implementation == 1
            assert layer.cell.dropout_mask_count == 3


def test_a_shared_layer_is_one_layer():
    model = from_keras(shared())
    assert len(model.weights) == 3
    assert model.get_layer("inner").layers[0] is model.get_layer("reader")


def test_what_is_frozen_stays_frozen():
    model = nested()
    assert len(from_keras(model).trainable_weights) == len(model.trainable_weights) == 3


def test_random_generators_go_on_where_they_were():
    model = chain(LSTM(4, dropout=0.5, seed=3))
    model(inputs(model), training=True)
    ours = from_keras(model)
    assert_same(
        ours(inputs(model), training=True), model(inputs(model), training=True), VALUES["float32"]
    )


def test_a_compiled_model_stays_compiled_and_trains():
    model = chain(LSTM(2))
    model.compile("adam", half_of_the_squares)
    ours = from_keras(model)
    assert ours.loss is half_of_the_squares
    ours.fit(inputs(model), np.zeros((2, 2)), verbose=0)
    assert not np.allclose(ours.get_weights()[0], model.get_weights()[0])


def half_of_the_squares(expected, got):
    """A loss that is not registered."""
    return keras.ops.mean((expected - got) ** 2) / 2


def test_a_subclass_of_a_recurrent_layer_is_left_alone():
    class Mine(LSTM):
        """An LSTM of the user's own, not registered."""

    ours = from_keras(chain(Mine(3, return_sequences=True), GRU(2)))
    assert [type(layer) for layer in ours.layers] == [Mine, nlpkit.layers.GRU]
    assert type(ours.layers[0].cell) is LSTMCell
