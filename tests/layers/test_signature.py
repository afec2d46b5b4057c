"""The drop-in promise on paper: signatures, configurations and docstrings."""

import inspect
import re
from typing import Any

import keras
import numpy as np
import pytest

from nlpkit import cells
from nlpkit.layers import (
    FAMILY,
    GRU,
    LSTM,
    SLSTM,
    GRUCell,
    LSTMCell,
    MinGRU,
    Recurrent,
    SimpleRNN,
    SimpleRNNCell,
    argument,
)
from nlpkit.layers.arguments import OF_THE_LAYER

PAIRS = pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (ours, getattr(keras.layers, ours.__name__))
        for ours in (LSTM, LSTMCell, GRU, GRUCell, SimpleRNN, SimpleRNNCell)
    ],
    ids=lambda layer: layer.__name__,
)
LAYERS = {member.layer.__name__: member.layer for member in FAMILY.values()}
layers = pytest.mark.parametrize("layer", LAYERS.values(), ids=LAYERS)
# What Keras takes through **kwargs and we spell out, and what it has not.
OURS = {
    "implementation",
    "zero_output_for_mask",
    "cell_clip",
    "zoneout",
    "dropout_noise",
    "learned_initial_state",
    "return_cell_sequences",
    "num_layers",
    "layer_dropout",
    "use_cudnn",
    "native",
}


def parameters(layer):
    """Name and default of each argument of a layer, in order."""
    signature = inspect.signature(layer)
    return {name: p.default for name, p in signature.parameters.items() if name != "kwargs"}


def documented(layer):
    """The arguments that a docstring describes, in order."""
    section = re.search(r"^Args:\n((?: .*\n|\n(?= ))+)", inspect.getdoc(layer), re.MULTILINE)
    return re.findall(r"^ {4}(\*{0,2}\w+):", section[1], re.MULTILINE)


@PAIRS
def test_arguments_are_those_of_keras_in_order_and_default(ours, theirs):
    mine, other = parameters(ours), parameters(theirs)
    assert set(mine) - set(other) <= OURS
    shared = {name: default for name, default in mine.items() if name in other}
    assert list(shared.items()) == list(other.items())
    by_position = [*inspect.signature(theirs).parameters][:-1]
    assert [*inspect.signature(ours).parameters][: len(by_position)] == by_position


@layers
def test_help_documents_every_argument_in_order(layer):
    assert documented(layer) == [*parameters(layer), "**kwargs"]
    assert {"Call arguments:", "Returns:", "Masking:"} <= {*inspect.getdoc(layer).splitlines()}
    assert inspect.signature(layer.__init__).parameters.keys() == {
        "self",
        *parameters(layer),
        "kwargs",
    }


class Doubled(Recurrent):
    """An LSTM whose arguments are its own in every way.

    Args:
        cell_clip: Always.
        factor: Something new.

    Raises:
        InputError: Never.
    """

    cell_clip: float = argument(3.0, after="units")
    activation = argument("relu")
    unroll: bool = argument(True, keyword_only=True)
    factor: int = argument(2)

    @staticmethod
    def declared(*, factor, **arguments):
        assert factor in (2, 3)
        return cells.LSTM


class Heir(Doubled):
    """One that changes a default."""

    factor: int = argument(3)


def test_what_a_layer_declares_of_an_argument_is_its_signature():
    mine = inspect.signature(Doubled).parameters
    assert [*mine][:3] == ["units", "cell_clip", "activation"]
    assert [*mine][-3:] == ["native", "factor", "kwargs"]
    assert (mine["activation"].default, mine["activation"].annotation) == ("relu", Any)
    assert (mine["cell_clip"].default, mine["cell_clip"].annotation) == (3.0, float)
    assert {mine[name].kind for name in ("unroll", "factor")} == {inspect.Parameter.KEYWORD_ONLY}
    assert mine.keys() == inspect.signature(LSTM).parameters.keys() | {"factor"}


def test_a_declared_argument_is_inherited():
    assert parameters(Heir) == {**parameters(Doubled), "factor": 3}


def test_what_a_layer_says_of_an_argument_and_in_a_section_stands():
    doc = inspect.getdoc(Doubled)
    assert "    cell_clip: Always.\n" in doc and "    factor: Something new.\n" in doc
    assert "Raises:\n    InputError: Never." in doc and "Masking:\n" in doc
    assert documented(Doubled) == [*parameters(Doubled), "**kwargs"]


def test_a_declared_argument_follows_one_that_there_is():
    with pytest.raises(ValueError, match="^`after` of `a` must be an argument of the layer, got"):
        type(
            "Layer", (Recurrent,), {"a": argument(1, after="b"), "declared": lambda **_: cells.LSTM}
        )


def test_a_layer_may_write_its_own_constructor():
    class Written(Recurrent):
        """Only this."""

        def __init__(self, units, kernel_initializer="ones", **kwargs):
            super().__init__(units=units, kernel_initializer=kernel_initializer, **kwargs)

        declared = staticmethod(lambda **_: cells.SIMPLE_RNN.with_options())

    assert parameters(Written).keys() == {"units", "kernel_initializer"}
    assert Written.__doc__ == "Only this."


@pytest.mark.parametrize("layer", [LSTM, LSTMCell])
@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ((), "missing a required argument: 'units'"),
        ((2, *[None] * 40), "too many positional arguments"),
    ],
)
def test_arguments_that_do_not_fit_are_told_with_the_name_of_the_layer(layer, given, sentence):
    with pytest.raises(TypeError, match=rf"^{layer.__name__}\(\) {sentence}$"):
        layer(*given)


@layers
def test_scalars_of_numpy_are_taken_for_python_s(layer):
    made = layer(np.int64(4), num_layers=np.int64(2), native=np.False_, zoneout=np.float64(0.5))
    assert tuple(made(np.zeros((2, 3, 4))).shape)[0] == 2
    assert {type(made.get_config()[n]) for n in ("units", "num_layers", "native")} == {int, bool}


def test_a_subclass_of_a_layer_may_write_its_own_constructor(tmp_path):
    @keras.saving.register_keras_serializable(package="tests")
    class Scaled(LSTM):
        def __init__(self, units, scale=1.0, **kwargs):
            super().__init__(units, **kwargs)
            self.scale = scale

        def get_config(self):
            return {**super().get_config(), "scale": self.scale}

    layer = Scaled(3, scale=2.0, activation="relu", num_layers=2)
    assert (layer.units, layer.scale, layer.get_config()["activation"]) == (3, 2.0, "relu")
    model = keras.Sequential([keras.Input((4, 2)), layer])
    model.save(tmp_path / "model.keras")
    again = keras.models.load_model(tmp_path / "model.keras").layers[0]
    assert isinstance(again, Scaled) and again.scale == 2.0 and again.num_layers == 2


def test_a_subclass_hands_its_arguments_on_by_name():
    class Positional(Recurrent):
        def __init__(self, units, activation="relu"):
            super().__init__(units, activation)

    with pytest.raises(TypeError, match="by name, got .'relu',. by position"):
        Positional(3)


@layers
def test_the_layer_of_a_step_refers_to_the_layer_along_time(layer):
    assert f"It takes the arguments of `{layer.__name__}`" in layer.cell_class.__doc__
    assert set(parameters(layer.cell_class)) == set(parameters(layer)) - {*OF_THE_LAYER}


@layers
def test_every_layer_takes_what_all_layers_take(layer):
    of_all = {*OF_THE_LAYER, "zoneout", "dropout", "seed"} - {"return_cell_sequences"}
    assert of_all <= set(parameters(layer))


@PAIRS
def test_configuration_has_every_argument_and_every_key_of_keras(ours, theirs):
    config = ours(3).get_config()
    assert set(parameters(ours)) <= set(config)
    assert set(theirs(3).get_config()) <= set(config)


@PAIRS
def test_keras_builds_its_own_layer_from_our_configuration(ours, theirs):
    config = ours(3, activation="relu", dropout=0.2, seed=5).get_config()
    known = {name: config[name] for name in theirs(3).get_config()}
    assert theirs.from_config(known).get_config() == known


@layers
def test_the_layer_answers_for_the_arguments_of_its_cell(layer):
    layer = layer(3, dropout=0.25, seed=4)
    for name in parameters(layer.cell_class):
        assert getattr(layer, name) is getattr(layer.cell, name), name
    assert (layer.units, layer.dropout, layer.seed) == (3, 0.25, 4)


@pytest.mark.parametrize("layer", [LSTM, LSTMCell, GRU, SimpleRNNCell])
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


@pytest.mark.parametrize(
    ("layer", "arguments"),
    [
        (GRU, {"cell_clip": 1.0}),
        (MinGRU, {"recurrent_dropout": 0.1}),
        (SLSTM, {"cell_clip": 1.0}),
        (SimpleRNN, {"return_cell_sequences": True}),
        (LSTM, {"reset_after": True}),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_an_argument_that_the_cell_cannot_have_is_named(layer, arguments):
    ((name, value),) = arguments.items()
    with pytest.raises(ValueError, match=rf"^`{name}` must be .+ {layer.__name__}"):
        layer(3, **arguments)


def test_inputs_of_another_width_are_named():
    layer = LSTM(3)
    layer.build((None, None, 2))
    cell = LSTMCell(3)
    cell.build((None, 2))
    with pytest.raises(ValueError, match="expected axis -1 .*to have value 2"):
        layer(np.zeros((4, 5, 6), "float32"))
    with pytest.raises(ValueError, match="expected axis -1 .*to have value 2"):
        cell(np.zeros((4, 6), "float32"), [np.zeros((4, 3), "float32")] * 2)


def test_a_wrong_implementation_is_named_at_construction():
    with pytest.raises(ValueError, match=r"^`implementation` must be one of 1, 2, got 7\.$"):
        LSTM(3, implementation=7)


@pytest.mark.parametrize("name", ["native", "learned_initial_state", "return_cell_sequences"])
@pytest.mark.parametrize("value", ["auto", 0, None])
def test_what_is_not_a_boolean_is_named_at_construction(name, value):
    with pytest.raises(ValueError, match=rf"^`{name}` must be True or False, got {value!r}\.$"):
        LSTM(3, **{name: value})


def test_a_wrong_use_cudnn_is_named_at_construction():
    sentence = r"^`use_cudnn` must be one of 'auto', True, False, got 'always'\.$"
    with pytest.raises(ValueError, match=sentence):
        LSTM(3, use_cudnn="always")
