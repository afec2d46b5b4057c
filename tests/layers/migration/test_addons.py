"""Weights and configurations of TensorFlow Addons' cells, against its equations row by row."""

import keras
import numpy as np
import pytest

from nlpkit import layers
from nlpkit.testing import VALUES, assert_close

B, T, FEATURES, U = 2, 5, 3, 4
EPSILON = 1e-3
SHAPES = [(FEATURES, 4 * U), (U, 4 * U), (4 * U,)]
# In the order of Addons' `get_weights()`.
WEIGHTS = {
    "PeepholeLSTM": [*SHAPES, (U,), (U,), (U,)],
    "LayerNormLSTM": [*SHAPES, (4 * U,), (4 * U,), (4 * U,), (4 * U,), (U,), (U,)],
}
# What Addons' cells wrote, as far as it is not the default.
CONFIG = {
    "name": "cell",
    "trainable": True,
    "dtype": "float32",
    "units": U,
    "activation": "tanh",
    "recurrent_activation": "sigmoid",
    "recurrent_initializer": {"class_name": "Orthogonal", "config": {"gain": 1.0, "seed": None}},
    "unit_forget_bias": True,
    "dropout": 0.0,
    "recurrent_dropout": 0.0,
    "implementation": 2,
}
NORMS = {
    "norm_gamma_initializer": {"class_name": "Ones", "config": {}},
    "norm_beta_initializer": {"class_name": "Zeros", "config": {}},
    "norm_epsilon": EPSILON,
}
CONFIGS = {"PeepholeLSTM": CONFIG, "LayerNormLSTM": CONFIG | NORMS}
EVERY_CELL = pytest.mark.parametrize("name", WEIGHTS)


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def norm(row, gain, shift):
    return (row - np.mean(row)) / np.sqrt(np.var(row) + EPSILON) * gain + shift


def peephole(x, h, c, kernel, recurrent, bias, of_input, of_forget, of_output):
    """One step of Addons' PeepholeLSTMCell for one row."""
    i, f, g, o = np.split(x @ kernel + h @ recurrent + bias, 4)
    new = sigmoid(f + of_forget * c) * c + sigmoid(i + of_input * c) * np.tanh(g)
    return sigmoid(o + of_output * new) * np.tanh(new), new


def layer_norm(x, h, c, kernel, recurrent, bias, *norms):
    """One step of Addons' LayerNormLSTMCell for one row."""
    z = norm(x @ kernel, *norms[:2]) + norm(h @ recurrent, *norms[2:4]) + bias
    i, f, g, o = np.split(z, 4)
    new = norm(sigmoid(f) * c + sigmoid(i) * np.tanh(g), *norms[4:])
    return sigmoid(o) * np.tanh(new), new


STEPS = {"PeepholeLSTM": peephole, "LayerNormLSTM": layer_norm}


def weights(name):
    rng = np.random.default_rng(0)
    return [rng.normal(size=shape) for shape in WEIGHTS[name]]


def inputs():
    return np.random.default_rng(1).normal(size=(B, T, FEATURES))


def expected(name):
    """The outputs of all steps, in float64."""
    outputs = np.zeros((B, T, U))
    for row in range(B):
        h, c = np.zeros(U), np.zeros(U)
        for t in range(T):
            h, c = STEPS[name](inputs()[row, t], h, c, *weights(name))
            outputs[row, t] = h
    return outputs


@EVERY_CELL
def test_a_layer_computes_what_addons_did_with_the_same_weights(name):
    layer = getattr(layers, name)(U, return_sequences=True)
    layer.build((None, None, FEATURES))
    layer.set_weights(weights(name))
    assert_close(layer(inputs().astype("float32")), expected(name), VALUES["float32"])


@EVERY_CELL
def test_a_cell_computes_what_addons_did_with_its_configuration_and_weights(name):
    cell = getattr(layers, f"{name}Cell").from_config(CONFIGS[name])
    layer = keras.layers.RNN(cell, return_sequences=True)
    layer.build((None, None, FEATURES))
    cell.set_weights(weights(name))
    assert_close(layer(inputs().astype("float32")), expected(name), VALUES["float32"])
