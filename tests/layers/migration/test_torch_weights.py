"""Weights of torch's modules: the same outputs there, the same arrays back, and clear errors."""

import re

import keras
import numpy as np
import pytest

from nlpkit import layers
from nlpkit.errors import InputError
from nlpkit.layers import FAMILY, from_torch, to_torch
from nlpkit.testing import VALUES, assert_close

B, T, FEATURES, U, P = 2, 5, 3, 4, 2
MEMBERS = [member for member in FAMILY.values() if member.torch_name]
EVERY_MODULE = pytest.mark.parametrize("member", MEMBERS, ids=lambda member: member.name)
LEVELS = pytest.mark.parametrize("levels", [1, 2])
DIRECTIONS = pytest.mark.parametrize("directions", [1, 2])


def projected(member):
    return member.name == "projected-lstm"


def state(member, levels=1, directions=1, bias=True, prefix=""):
    """Arrays as torch's module has them, at random."""
    rng = np.random.default_rng(0)
    rows, output = len(member.cell.gates) * U, P if projected(member) else U
    arrays = {}
    for level in range(levels):
        for ending in ("", "_reverse")[:directions]:
            ending = f"_l{level}{ending}"
            arrays[f"weight_ih{ending}"] = (rows, directions * output if level else FEATURES)
            arrays[f"weight_hh{ending}"] = (rows, output)
            if bias:
                arrays[f"bias_ih{ending}"] = arrays[f"bias_hh{ending}"] = (rows,)
            if projected(member):
                arrays[f"weight_hr{ending}"] = (output, U)
    return {prefix + n: rng.normal(size=s).astype("float32") for n, s in arrays.items()}


def inputs():
    return np.random.default_rng(1).normal(size=(B, T, FEATURES)).astype("float32")


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
