"""Weights of torch's modules: the same outputs there, the same arrays back."""

import keras
import numpy as np
import pytest

from nlpkit import layers
from nlpkit.errors import InputError
from nlpkit.layers import FAMILY, from_torch, to_torch
from nlpkit.testing import VALUES, assert_close
from tests.layers.migration.torch_states import (
    FEATURES,
    MEMBERS,
    B,
    P,
    T,
    U,
    inputs,
    projected,
    state,
)

EVERY_MODULE = pytest.mark.parametrize("member", MEMBERS, ids=lambda member: member.name)
LEVELS = pytest.mark.parametrize("levels", [1, 2])
DIRECTIONS = pytest.mark.parametrize("directions", [1, 2])


@EVERY_MODULE
@LEVELS
@DIRECTIONS
@pytest.mark.filterwarnings("ignore:LSTM with projections is not supported with oneDNN")
def test_torch_computes_the_same_with_its_own_weights(member, levels, directions):
    torch = pytest.importorskip("torch")
    arguments = {"proj_size": P} if projected(member) else {}
    module = getattr(torch.nn, member.torch_name)(
        FEATURES, U, levels, bidirectional=directions == 2, batch_first=True, **arguments
    )
    layer = from_torch(module.state_dict(), return_sequences=True)
    with torch.no_grad():
        expected = module(torch.from_numpy(inputs()))[0].numpy()
        assert_close(layer(inputs()), expected, VALUES["float32"])
        back = {name: torch.from_numpy(array.copy()) for name, array in to_torch(layer).items()}
        module.load_state_dict(back)
        again = module(torch.from_numpy(inputs()))[0].numpy()
    assert_close(again, expected, VALUES["float32"])


def test_torch_computes_the_same_with_relu():
    torch = pytest.importorskip("torch")
    module = torch.nn.RNN(FEATURES, U, nonlinearity="relu", batch_first=True)
    layer = from_torch(module.state_dict(), activation="relu", return_sequences=True)
    with torch.no_grad():
        expected = module(torch.from_numpy(inputs()))[0].numpy()
    assert_close(layer(inputs()), expected, VALUES["float32"])
    assert to_torch(layer)["weight_hh_l0"].shape == (U, U)


def test_parameters_that_require_gradients_and_bfloat16_are_taken():
    torch = pytest.importorskip("torch")
    module = torch.nn.GRU(FEATURES, U)
    layer = from_torch(dict(module.named_parameters()))
    rounded = from_torch(dict(module.to(torch.bfloat16).named_parameters()))
    for got, expected in zip(rounded.get_weights(), layer.get_weights(), strict=True):
        assert_close(got, expected, VALUES["mixed_bfloat16"])


class Tensor:
    """What a parameter of torch has, where there is no torch: NumPy must ask it to detach."""

    def __init__(self, array, detached=False):
        self.array, self.detached, self.dtype = array, detached, array.dtype

    def detach(self):
        return Tensor(self.array, detached=True)

    def cpu(self):
        return self

    def __array__(self, dtype=None, copy=None):
        if not self.detached:
            raise RuntimeError("Can't call numpy() on Tensor that requires grad.")
        return self.array


def test_parameters_are_detached_and_bfloat16_is_widened():
    given = state(FAMILY["lstm"])
    expected = from_torch(given).get_weights()
    for changed_to in (Tensor, lambda array: keras.ops.cast(array, "bfloat16")):
        layer = from_torch({name: changed_to(array) for name, array in given.items()})
        for got, wanted in zip(layer.get_weights(), expected, strict=True):
            assert_close(got, wanted, VALUES["mixed_bfloat16"])


@pytest.mark.parametrize(
    "arguments",
    [
        {"zoneout": 0.5},
        {"cell_clip": 1.0},
        {"learned_initial_state": True},
        {"activation": "relu"},
        {"dropout_noise": "step"},
    ],
    ids=str,
)
@DIRECTIONS
@LEVELS
def test_arguments_that_torch_does_not_have_are_the_layers(arguments, directions, levels):
    given = state(FAMILY["lstm"], levels, directions)
    layer = from_torch(given, **arguments, return_sequences=True)
    assert tuple(layer(inputs()).shape) == (B, T, directions * U)
    weights = [weight for weight in layer.weights if "initial" not in weight.name]
    for got, expected in zip(weights, from_torch(given).get_weights(), strict=True):
        np.testing.assert_array_equal(keras.ops.convert_to_numpy(got), expected)
    if arguments != {"dropout_noise": "step"}:
        with pytest.raises(InputError, match=rf"`{[*arguments][0]}` must be .+ as torch.nn.LSTM"):
            to_torch(layer)


@EVERY_MODULE
@LEVELS
@DIRECTIONS
@pytest.mark.parametrize("bias", [True, False])
def test_arrays_come_back_with_their_names_and_shapes(member, levels, directions, bias):
    given = state(member, levels, directions, bias)
    back = to_torch(from_torch(given))
    assert back.keys() == given.keys()
    for name, array in given.items():
        if name.startswith("weight"):
            np.testing.assert_array_equal(back[name], array)
    sums = [
        {n: s[n] + s[n.replace("_ih", "_hh")] for n in s if "bias_ih" in n} for s in (given, back)
    ]
    for name, expected in sums[0].items():
        assert_close(sums[1][name], expected, VALUES["float32"])


@DIRECTIONS
@LEVELS
def test_levels_and_directions_choose_the_layer(levels, directions):
    layer = from_torch(state(FAMILY["gru"], levels, directions), dropout=0.5, name="reader")
    kinds = {(1, 1): layers.GRU, (2, 1): layers.GRU, (1, 2): keras.layers.Bidirectional}
    assert type(layer) is kinds.get((levels, directions), keras.Sequential)
    assert layer.name == "reader"
    if directions == 1:
        assert (layer.num_layers, layer.dropout) == (levels, 0.5)


def test_dropout_goes_between_the_levels_of_two_directions():
    layer = from_torch(state(FAMILY["lstm"], 2, 2), layer_dropout=0.5)
    kinds = [type(each).__name__ for each in layer.layers]
    assert kinds == ["Bidirectional", "Dropout", "Bidirectional"]
    assert to_torch(layer).keys() == state(FAMILY["lstm"], 2, 2).keys()


def test_a_module_is_taken_out_of_a_whole_model():
    model = {
        **state(FAMILY["lstm"], prefix="encoder."),
        **state(FAMILY["gru"], prefix="decoder.rnn."),
        "out.weight": np.ones((2, 2)),
    }
    assert type(from_torch(model, prefix="encoder.")) is layers.LSTM
    assert type(from_torch(model, prefix="decoder.rnn.")) is layers.GRU
    with pytest.raises(
        InputError, match=r"^`prefix` must be one of 'decoder.rnn.', 'encoder.', got"
    ):
        from_torch(model)
    only = {name: array for name, array in model.items() if not name.startswith("decoder")}
    assert type(from_torch(only)) is layers.LSTM
