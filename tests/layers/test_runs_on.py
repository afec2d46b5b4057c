"""What a layer says of where it runs, and why there."""

import re

import keras
import pytest
import tensorflow as tf

from nlpkit.layers import FAMILY, LSTM
from nlpkit.recurrence.native.cpu import library

UNITS = 6

on_tensorflow = pytest.mark.skipif(
    keras.backend.backend() != "tensorflow", reason="on other backends Keras runs the loop"
)

# By what the layer is made with.
EXPORTED = "On a CPU from an exported model: "
SENTENCES = {
    "default": (
        "lstm",
        {},
        "On a CPU: (a kernel in C|.+ by XLA).+" + EXPORTED + ".+BlockLSTM.+ On a GPU: cuDNN.+",
    ),
    "simple-rnn": ("simple-rnn", {}, "On a CPU: (a kernel in C|.+ by XLA).+" + EXPORTED),
    "gru": ("gru", {}, EXPORTED + "a loop of TensorFlow ops over .+ On a GPU: cuDNN.+ On a TPU"),
    "reset before": ("gru-reset-before", {}, "On a GPU: a loop .+ not cuDNN, since it has no gru-"),
    "min-gru": ("min-gru", {}, "On a CPU: a parallel scan .+On a GPU: a parallel scan"),
    "use_cudnn": ("lstm", {"use_cudnn": False}, "On a GPU: a loop .+since `use_cudnn` is False"),
    "native": (
        "gru",
        {"native": False},
        "On a CPU: .+ by XLA.+ not a kernel in C.+ since `native`",
    ),
    "recurrent dropout": (
        "lstm",
        {"recurrent_dropout": 0.5},
        "On a GPU: a loop .+ not cuDNN, since the state has dropout",
    ),
    "zoneout": ("lstm", {"zoneout": 0.5}, "not cuDNN, since the state has dropout or zoneout"),
    "cell sequences": (
        "lstm",
        {"return_cell_sequences": True},
        "not cuDNN, since every step of the cell state is wanted",
    ),
    "gates": (
        "lstm",
        {"implementation": 1, "dropout": 0.5},
        "not cuDNN, since single gates have dropout of their own",
    ),
    "activation": (
        "lstm",
        {"activation": "relu"},
        "On a CPU: .+ by XLA.+ not cuDNN, since it has the cell with other options only",
    ),
    "relu": ("simple-rnn", {"activation": "relu"}, "On a GPU: cuDNN"),
    "float64": ("lstm", {"dtype": "float64"}, EXPORTED + ".+ since it does not compute in float64"),
    "unroll": ("lstm", {"unroll": True}, "Everywhere: Keras's loop .+ because `unroll` is set"),
    "layer": (
        "lstm",
        {"activation": keras.layers.PReLU()},
        "Everywhere: Keras's loop .+ because `activation` is a layer, which may have weights",
    ),
}


@on_tensorflow
@pytest.mark.parametrize(("name", "arguments", "sentence"), SENTENCES.values(), ids=SENTENCES)
def test_the_layer_says_where_it_runs_and_why(name, arguments, sentence):
    assert re.search(sentence, FAMILY[name].make(UNITS, **arguments).runs_on)


@on_tensorflow
@pytest.mark.skipif(library.missing() is not None, reason="there is no kernel in C")
@pytest.mark.parametrize("around", [lambda layer: layer, keras.layers.Bidirectional])
@pytest.mark.parametrize("native", [True, False])
def test_native_decides_whether_a_call_holds_the_kernel_in_c(native, around):
    layer = around(FAMILY["gru"].make(UNITS, num_layers=2, native=native))
    call = tf.function(layer, autograph=False).get_concrete_function(tf.TensorSpec([2, 5, 3]))
    assert ("NlpkitRecur" in str(call.graph.as_graph_def())) == native


@pytest.mark.parametrize("backend", ["jax", "torch"])
def test_on_another_backend_the_layer_says_that_keras_runs_it(backend, monkeypatch):
    monkeypatch.setattr(keras.backend, "backend", lambda: backend)
    sentence = f"Everywhere: Keras's loop over the cell, because the backend is {backend}."
    assert LSTM(UNITS).runs_on == sentence
