"""Configurations and weights of Keras 2 give layers with Keras 2's numbers, or a sentence."""

import json
import re

import h5py
import keras
import numpy as np
import pytest

from nlpkit import layers
from nlpkit.errors import InputError
from nlpkit.layers import from_keras_2
from nlpkit.testing import VALUES, assert_close

U, FEATURES = 2, 3
GATES = {"SimpleRNN": 1, "LSTM": 4, "GRU": 3}


def initializer(name, **config):
    return {"class_name": name, "config": {**config, "dtype": "float32"}, "shared_object_id": 3}


def config(name, **changes):
    """What tf.keras 2 wrote of a layer."""
    written = {
        "name": "reader",
        "trainable": True,
        "dtype": {"class_name": "Policy", "config": {"name": "float32"}},
        "return_sequences": True,
        "return_state": False,
        "go_backwards": False,
        "stateful": False,
        "unroll": False,
        "time_major": False,
        "units": U,
        "activation": "tanh",
        "use_bias": True,
        "kernel_initializer": initializer("GlorotUniform", seed=None),
        "recurrent_initializer": initializer("Orthogonal", gain=1.0, seed=None),
        "bias_initializer": initializer("Zeros"),
        **dict.fromkeys(("kernel_regularizer", "recurrent_regularizer", "bias_regularizer")),
        **dict.fromkeys(("kernel_constraint", "recurrent_constraint", "bias_constraint")),
        "activity_regularizer": None,
        "dropout": 0.0,
        "recurrent_dropout": 0.0,
    }
    if GATES[name] > 1:
        written |= {"recurrent_activation": "sigmoid", "implementation": 2}
    own = {"LSTM": {"unit_forget_bias": True}, "GRU": {"reset_after": True}}
    return {"class_name": name, "config": {**written, **own.get(name, {}), **changes}}


def cudnn(name):
    """What Keras 2 wrote of a layer for cuDNN."""
    left_out = ("activation", "recurrent_activation", "use_bias", "dropout", "recurrent_dropout")
    left_out += ("implementation", "unroll", "reset_after")
    written = config(name)["config"]
    written = {key: value for key, value in written.items() if key not in left_out}
    return {"class_name": f"CuDNN{name}", "config": written}


def arrays(name, seed=0):
    """Weights, as Keras 2 and 3 have them."""
    rng, columns = np.random.default_rng(seed), GATES[name] * U
    bias = (2, columns) if name == "GRU" else (columns,)
    return [rng.normal(size=s).astype("float32") for s in ((FEATURES, columns), (U, columns), bias)]


def inputs():
    return np.random.default_rng(1).normal(size=(2, 5, FEATURES)).astype("float32")


def outputs(name, **arguments):
    """What Keras 3's layer makes of the same weights."""
    layer = getattr(keras.layers, name)(U, return_sequences=True, **arguments)
    layer.build((None, None, FEATURES))
    layer.set_weights(arrays(name))
    return layer(inputs())


@pytest.mark.parametrize("name", GATES)
def test_a_layer_is_made_of_what_keras_2_wrote(name):
    layer = from_keras_2(json.dumps(config(name)), arrays(name))
    assert type(layer) is getattr(layers, name)
    assert (layer.name, layer.dtype_policy.name) == ("reader", "float32")
    assert_close(layer(inputs()), outputs(name), VALUES["float32"])


@pytest.mark.parametrize("name", GATES)
@pytest.mark.parametrize(
    "changes",
    [
        {"time_major": False, "batch_input_shape": [None, 5, FEATURES]},
        {"input_dim": FEATURES, "input_length": 5, "dtype": "float32"},
        {"ragged": False, "input_shape": [5, FEATURES]},
    ],
    ids=lambda changes: list(changes)[-1],
)
def test_from_config_drops_what_keras_3_does_not_take(name, changes):
    layer = getattr(layers, name).from_config(config(name, **changes)["config"])
    model = keras.Sequential([layer, keras.layers.Dense(1)])
    assert model.input_shape == (None, 5, FEATURES)


@pytest.mark.parametrize("name", ["LSTM", "GRU"])
def test_the_weights_for_cudnn_are_turned(name):
    kernel, recurrent, bias = arrays(name)
    # By the definition: every gate's matrix transposed, then written row after row.
    lain = np.hstack([k.T.ravel().reshape(k.shape) for k in np.split(kernel, GATES[name], axis=1)])
    turned = np.hstack([k.T for k in np.split(recurrent, GATES[name], axis=1)])
    biases = bias.ravel() if name == "GRU" else np.concatenate([bias - 1, np.ones_like(bias)])
    layer = from_keras_2(cudnn(name), [lain, turned, biases])
    assert_close(layer(inputs()), outputs(name), VALUES["float32"])


@pytest.mark.parametrize("name", GATES)
def test_both_directions_come_over(name):
    wrapped = {"name": "both", "trainable": True, "layer": config(name), "merge_mode": "concat"}
    made = {"class_name": "Bidirectional", "config": wrapped}
    layer = from_keras_2(made, [*arrays(name), *arrays(name, seed=1)])
    assert [type(each) for each in (layer.forward_layer, layer.backward_layer)] == [
        getattr(layers, name)
    ] * 2
    assert_close(layer(inputs())[..., :U], outputs(name), VALUES["float32"])
    np.testing.assert_array_equal(layer.backward_layer.get_weights()[0], arrays(name, seed=1)[0])


def test_a_backward_layer_of_its_own_comes_over():
    backward = config("GRU", units=3, go_backwards=True, use_bias=False)
    backward["config"]["name"] = "back"
    wrapped = {"name": "both", "layer": config("LSTM"), "backward_layer": backward}
    kernels = [np.ones((FEATURES, 9)), np.ones((3, 9))]
    layer = from_keras_2(
        {"class_name": "Bidirectional", "config": wrapped}, [*arrays("LSTM"), *kernels]
    )
    assert type(layer.backward_layer) is layers.GRU
    assert (layer.backward_layer.name, layer.backward_layer.units) == ("back", 3)
    assert_close(layer(inputs())[..., :U], outputs("LSTM"), VALUES["float32"])
    np.testing.assert_array_equal(layer.backward_layer.get_weights()[1], kernels[1])


def test_arguments_have_the_meaning_that_they_had():
    changes = {"recurrent_activation": "hard_sigmoid", "dropout": 0.5, "implementation": 0}
    layer = from_keras_2(config("GRU", **changes))
    assert (layer.dropout, layer.implementation, layer.reset_after) == (0.5, 1, True)
    assert_close(
        layer.recurrent_activation(np.array([-3.0, 1.0, 2.0])), [0.0, 0.7, 0.9], VALUES["float32"]
    )
    again = layers.GRU.from_config(layer.get_config())
    assert again.recurrent_activation is layer.recurrent_activation
    old = config("GRU")
    del old["config"]["reset_after"]
    assert not from_keras_2(old).reset_after
    assert from_keras_2(cudnn("GRU")).reset_after


@pytest.mark.parametrize(
    ("name", "changes", "noise"),
    [
        ("LSTM", {}, "step"),
        ("GRU", {}, "step"),
        ("LSTM", {"implementation": 1}, "step"),
        ("SimpleRNN", {}, "sequence"),
        ("GRU", {"reset_after": False}, "sequence"),
        ("GRU", {"reset_after": None}, "sequence"),
        ("LSTM", {"activation": "relu"}, "sequence"),
        ("LSTM", {"recurrent_activation": "hard_sigmoid"}, "sequence"),
        ("GRU", {"recurrent_dropout": 0.5}, "sequence"),
        ("GRU", {"unroll": True}, "sequence"),
        ("LSTM", {"use_bias": False}, "sequence"),
        ("LSTM", {"dropout": 0.0}, "sequence"),
    ],
)
def test_dropout_has_a_mask_for_each_step_where_cudnn_could_run_the_layer(name, changes, noise):
    written = config(name, **{"dropout": 0.5, **changes})
    if changes.get("reset_after", True) is None:
        del written["config"]["reset_after"]
    assert from_keras_2(written).dropout_noise == noise


@pytest.mark.parametrize("name", GATES)
def test_a_configuration_of_keras_3_keeps_its_meaning(name):
    theirs = getattr(keras.layers, name)(U, "hard_sigmoid", dropout=0.5)
    ours = getattr(layers, name).from_config(theirs.get_config())
    assert (ours.activation, ours.dropout_noise) == (theirs.activation, "sequence")


def test_a_cell_takes_a_configuration_of_keras_2():
    written = {**config("LSTM")["config"], "implementation": 0, "name": "cell"}
    of_the_layer = ("return_sequences", "return_state", "go_backwards", "stateful", "unroll")
    written = {k: v for k, v in written.items() if k not in (*of_the_layer, "activity_regularizer")}
    assert layers.LSTMCell.from_config(written).implementation == 1


def test_keras_loads_a_file_of_keras_2_with_our_layers(tmp_path):
    first = config("LSTM", batch_input_shape=[None, 5, FEATURES])
    described = {"class_name": "Sequential", "config": {"name": "model", "layers": [first]}}
    with h5py.File(tmp_path / "model.h5", "w") as file:
        file.attrs["model_config"] = json.dumps(described)
        weights = file.create_group("model_weights")
        weights.attrs["layer_names"] = ["reader"]
        names = [f"reader/{each}:0" for each in ("kernel", "recurrent_kernel", "bias")]
        weights.create_group("reader").attrs["weight_names"] = names
        for name, array in zip(names, arrays("LSTM"), strict=True):
            weights["reader"][name] = array
    model = keras.models.load_model(
        tmp_path / "model.h5", custom_objects={"LSTM": layers.LSTM}, compile=False
    )
    assert_close(model(inputs()), outputs("LSTM"), VALUES["float32"])


@pytest.mark.parametrize(
    ("given", "weights", "sentence"),
    [
        (config("LSTM", time_major=True), None, "`time_major` must be False, got True: put"),
        (3, None, "`config` must be `{'class_name': …, 'config': {…}}` with a class of "),
        ({"class_name": "Dense", "config": {}}, None, "`config` must be `{'class_name': …"),
        ({"class_name": ["LSTM"], "config": {}}, None, "`config` must be `{'class_name': …"),
        ("[" * 100_000, None, "`config` must be JSON if it is a string, got '[["),
        ("{nope", None, "`config` must be JSON if it is a string, got '{nope': Expecting property"),
        (
            {"class_name": "LSTM", "config": {}},
            None,
            "`config['config']` must be what Keras 2 wrote of a LSTM, got one with nothing in it, "
            "of which Keras says: LSTM() missing a required argument: 'units'",
        ),
        (
            {"class_name": "GRU", "config": {"units": 2, "foo": 1}},
            None,
            "`config['config']` must be what Keras 2 wrote of a GRU, got one with 'units', 'foo', "
            "of which Keras says: Unrecognized keyword arguments",
        ),
        (
            {"class_name": "LSTM", "config": {"units": 2, "dtype": {"name": "float32"}}},
            None,
            "`config['config']` must be what Keras 2 wrote of a LSTM, got one with 'units', 'dtyp",
        ),
        (
            {"class_name": "LSTM", "config": {"units": 0}},
            None,
            "`units` must be a positive integer, got 0.",
        ),
        (
            {"class_name": "Bidirectional", "config": {"layer": None}},
            None,
            "`config['config']['layer']` must be of a class of ",
        ),
        (
            {"class_name": "Bidirectional", "config": {"layer": {"class_name": "LSTM"}}},
            None,
            "`config['config']` must be what Keras 2 wrote of a Bidirectional, got one with 'la",
        ),
        (config("LSTM"), 3, "`weights` must be a list of arrays, got a int."),
        (config("LSTM"), [], "`weights` must be kernel, recurrent kernel and, where there is one"),
        (
            config("LSTM"),
            [np.ones((3, 8)), "a"],
            "`weights[1]` must be an array of floating-point numbers that NumPy has, got a <U1 a",
        ),
        (
            {"class_name": "Bidirectional", "config": {"layer": {"class_name": "Dense"}}},
            None,
            "`config['config']['layer']` must be of a class of ",
        ),
        (
            {
                "class_name": "Bidirectional",
                "config": {"layer": config("LSTM"), "backward_layer": {"class_name": "Dense"}},
            },
            None,
            "`config['config']['backward_layer']` must be of a class of ",
        ),
        (
            config("LSTM"),
            [np.ones((3, 8))],
            "`weights` must be kernel, recurrent kernel and, where there is one, bias, got arrays "
            "[[3, 8]].",
        ),
        (
            config("LSTM"),
            [np.ones((3, 8)), np.ones((2, 8)), np.ones(7)],
            "`weights` must be of the shapes [[3, 8], [2, 8], [8]] for layer 'reader', got "
            "[[3, 8], [2, 8], [7]].",
        ),
    ],
)
def test_what_cannot_come_over_is_said(given, weights, sentence):
    with pytest.raises(InputError, match="^" + re.escape(sentence)):
        from_keras_2(given, weights)
