"""What `from_torch` and `to_torch` refuse, and what they say of it."""

import re

import keras
import numpy as np
import pytest

from nlpkit import layers
from nlpkit.errors import InputError
from nlpkit.layers import FAMILY, from_torch, to_torch
from tests.layers.migration.torch_states import FEATURES, T, state


def changed(**arrays):
    """The arrays of a GRU, some of them others, and without those that are None."""
    arrays = {**state(FAMILY["gru"]), **arrays}
    return {name: array for name, array in arrays.items() if array is not None}


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (3, "`state` must be a `state_dict`, got a int."),
        ({}, "`state` must be that of a torch.nn.LSTM, GRU or RNN, with 'weight_ih_l0' and the "),
        ({"weight": 1}, "`state` must be that of a torch.nn.LSTM, GRU or RNN, with 'weight_ih_l0'"),
        (changed(weight_ih_l0=None), "`state` must have a matrix 'weight_ih_l0', got none."),
        (changed(weight_hh_l0=np.ones(3)), "`state` must have a matrix 'weight_hh_l0', got [3]."),
        (
            changed(weight_hh_l0=np.ones((8, 4))),
            "`state['weight_hh_l0']` must have 4 rows for each unit, as torch.nn.LSTM has, 3 as "
            "GRU, or 1 as RNN, got 8 for 4.",
        ),
        (
            changed(weight_ih_l0=np.ones((16, 3))),
            "`state['weight_ih_l0']` must be [12, 3], got [16, 3].",
        ),
        (changed(bias_hh_l0=None), "`state` must have 'bias_hh_l0' beside "),
        (changed(weight_ih_l1=np.ones((12, 4))), "`state` must have 'bias_hh_l1' beside "),
        (
            changed(bias_hh_l0=np.zeros(12, "V2")),
            "`state['bias_hh_l0']` must be an array of floating-point numbers that NumPy has, got "
            "a |V2 array: save it as float32.",
        ),
        (changed(weight_hr_l0=np.ones((4, 2))), "`state['weight_hh_l0']` must have 4 rows for"),
    ],
)
def test_wrong_arrays_are_named(given, sentence):
    with pytest.raises(InputError, match="^" + re.escape(sentence)):
        from_torch(given)


@pytest.mark.parametrize(
    ("directions", "arguments", "sentence"),
    [
        (1, {"units": 4}, "`units` must not be given, since `state` says 4, got 4."),
        (1, {"num_layers": 3}, "`num_layers` must not be given, since `state` says 2, got 3."),
        (2, {"go_backwards": True}, "`go_backwards` must be False where there are two direction"),
        (1, {"reset_after": False, "name": "mine"}, "layer 'mine' must be one that torch.nn has"),
        (2, {"return_state": True}, "`return_state` must be False where several layers have two"),
    ],
)
def test_wrong_arguments_are_named(directions, arguments, sentence):
    with pytest.raises(InputError, match="^" + re.escape(sentence)):
        from_torch(state(FAMILY["gru"], 2, directions), **arguments)


def backwards(layer):
    """A layer of another class for the other direction."""
    return layer(2, go_backwards=True)


@pytest.mark.parametrize(
    ("layer", "sentence"),
    [
        (layers.LSTM(2), "`layer` must be a built layer, got <LSTM name="),
        (3, "`layer` must be a built layer, got 3."),
        (
            keras.layers.LSTM(2),
            "`layer` must be one of `nlpkit.layers`, keras.layers.Bidirectional",
        ),
        (
            keras.layers.Bidirectional(layers.LSTM(2), merge_mode="sum"),
            "`layer` must be one of `nlpkit.layers`, keras.layers.Bidirectional with `merge_mode` ",
        ),
        (
            layers.GRU(2, reset_after=False, name="mine"),
            "layer 'mine' must be one that torch.nn has too, got GRU with reset_after=False.",
        ),
        (
            layers.LSTM(2, activation="relu", name="mine"),
            "layer 'mine': `activation` must be 'tanh', as torch.nn.LSTM has it, got 'relu'.",
        ),
        (
            layers.LSTM(2, cell_clip=3.0, name="mine"),
            "layer 'mine': `cell_clip` must be None, as torch.nn.LSTM has it, got 3.0.",
        ),
        (
            layers.LSTM(2, zoneout=(0.0, 0.5), name="mine"),
            "layer 'mine': `zoneout` must be 0.0, as torch.nn.LSTM has it, got (0.0, 0.5).",
        ),
        (
            layers.SimpleRNN(2, go_backwards=True, name="mine"),
            "layer 'mine': `go_backwards` must be False, as torch.nn.RNN has it, got True.",
        ),
        (
            layers.GRU(2, learned_initial_state=True, name="mine"),
            "layer 'mine': `learned_initial_state` must be False, as torch.nn.GRU has it",
        ),
        (
            layers.ProjectedLSTM(4, projection_units=4, name="mine"),
            "layer 'mine': `projection_units` must be less than `units`, as `proj_size` of "
            "torch.nn.LSTM is, got 4 and 4.",
        ),
        (
            keras.Sequential([keras.Input((T, FEATURES)), keras.layers.Dropout(0.5)]),
            "`layer` must be one of `nlpkit.layers`, keras.layers.Bidirectional",
        ),
        (
            keras.layers.Bidirectional(layers.GRU(2), backward_layer=backwards(layers.LSTM)),
            "`layer` must have levels and directions of one class, size, `use_bias` and "
            "`activation`, as a module of torch has, got GRU(2, use_bias=True, activation='tanh') "
            "and LSTM(2, use_bias=True, activation='tanh').",
        ),
        (
            keras.Sequential(
                [
                    keras.layers.Bidirectional(layers.GRU(2, return_sequences=True)),
                    keras.layers.Bidirectional(layers.GRU(3, use_bias=False)),
                ]
            ),
            "`layer` must have levels and directions of one class, size, `use_bias` and "
            "`activation`, as a module of torch has, got GRU(2, use_bias=True, activation='tanh') "
            "and GRU(3, use_bias=False, activation='tanh').",
        ),
    ],
)
def test_layers_that_torch_lacks_are_named(layer, sentence):
    if hasattr(layer, "build") and "must be a built" not in sentence:
        layer.build((None, T, FEATURES))
    with pytest.raises(InputError, match="^" + re.escape(sentence)):
        to_torch(layer)
