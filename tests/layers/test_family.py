"""Every layer of the family: its numbers are NumPy's, its gradients those of autodiff."""

import dataclasses
import inspect

import keras
import numpy as np
import pytest
from keras import ops

from nlpkit.cells import MIN_LSTM
from nlpkit.layers import (
    SLSTM,
    LayerNormGRU,
    LayerNormLSTM,
    LayerNormLSTMCell,
    MinGRU,
    MinLSTM,
    PeepholeLSTM,
    ProjectedLSTM,
    Recurrent,
    cell_layer,
)
from nlpkit.testing import GRADIENTS, VALUES, assert_close, draw_mask, vjp
from tests import reference
from tests.layers.members import every_member

BATCH, TIME, FEATURES, UNITS = 3, 17, 2, 4  # steps enough for a parallel scan

# keras.ops.tanh answers in float32 on JAX, which Keras's loop there does not carry on.
DTYPE = "float32" if keras.backend.backend() == "jax" else "float64"


def layer_of(member, **arguments):
    """A built layer whose weights are all random."""
    options = {"return_sequences": True, "return_state": True, "dtype": DTYPE, **arguments}
    layer = member.make(UNITS, **options)
    layer.build((BATCH, TIME, FEATURES))
    rng = np.random.default_rng(2)
    layer.set_weights([rng.normal(size=w.shape) * 0.6 for w in layer.weights])
    return layer


def inputs_and_states(layer):
    """Sequences, and states before the first step."""
    rng = np.random.default_rng(1)
    states = [rng.normal(size=(BATCH, width)) for width in layer.state_size]
    if "n" in layer.state_names:  # a sum of weights, which are positive
        states[2] = 1 + np.abs(states[2])
    return rng.normal(size=(BATCH, TIME, FEATURES)), states


def weights_of(layer):
    """The cell's weights by name."""
    return {w.name: getattr(layer.cell, w.name) for w in layer.declaration.weights}


@every_member
@pytest.mark.parametrize(("kind", "with_state"), [("none", False), ("holes", True)])
def test_a_layer_follows_the_reference(member, kind, with_state):
    layer = layer_of(member)
    sequences, states = inputs_and_states(layer)
    sequences = sequences.astype(DTYPE)
    options = {"mask": draw_mask(kind, BATCH, TIME)}
    options["initial_state"] = states if with_state else None
    got = layer(sequences, **options)
    weights = {n: ops.convert_to_numpy(w) for n, w in weights_of(layer).items()}
    # Keras's loops disagree on what a masked first step outputs: JAX's begins with the initial h.
    zero = keras.backend.backend() != "jax"
    outputs, last = reference.run(member.name, sequences, weights, starts_from_zero=zero, **options)
    names = ["outputs", *layer.state_names]
    for name, tensor, want in zip(names, got, [outputs, *last], strict=True):
        assert_close(ops.convert_to_numpy(tensor), want, VALUES[DTYPE], name)


@every_member
def test_integers_are_taken_for_the_numbers_that_they_are(member):
    layer = layer_of(member)
    whole = np.arange(BATCH * TIME * FEATURES).reshape(BATCH, TIME, FEATURES) % 5
    got, expected = (layer(sequences)[0] for sequences in (whole, whole.astype(DTYPE)))
    assert_close(ops.convert_to_numpy(got), ops.convert_to_numpy(expected), VALUES[DTYPE])


@every_member
@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="Keras differentiates it there")
def test_gradients_of_a_layer_are_those_of_autodiff(member):
    from nlpkit.recurrence import Operands, autodiff

    layer = layer_of(member)
    arrays = inputs_and_states(layer)
    mask = draw_mask("right", BATCH, TIME)

    def ours(sequences, *states):
        return layer(sequences, initial_state=list(states), mask=mask)

    def plain(sequences, *states):
        weights = {name: ops.convert_to_tensor(w) for name, w in weights_of(layer).items()}
        operands = Operands(sequences, weights, states, mask=ops.convert_to_tensor(mask))
        shown, last = autodiff.recur(layer.declaration, operands)
        return [*shown, *last]

    values = [arrays[0], *arrays[1]]
    outputs, got = vjp(ours, layer.weights, values)
    others, expected = vjp(plain, layer.weights, values)
    for mine, other in zip(outputs, others, strict=True):
        assert_close(mine, other, VALUES["float64"])
    names = ["inputs", *layer.state_names, *(w.name for w in layer.weights)]
    for name, gradient, want in zip(names, got, expected, strict=True):
        assert_close(gradient, want, GRADIENTS["float64"], f"d{name}")


@every_member
def test_first_states_are_those_of_the_cell(member):
    layer = layer_of(member)
    weights = {n: ops.convert_to_numpy(w) for n, w in weights_of(layer).items()}
    expected = reference.first_states(member.name, BATCH, weights)
    for got, want in zip(layer.get_initial_state(BATCH), expected, strict=True):
        np.testing.assert_array_equal(ops.convert_to_numpy(got), want)


@every_member
def test_a_layer_is_made_again_from_its_configuration(member):
    layer = layer_of(member, dropout=0.25, zoneout=0.1, num_layers=2, seed=4)
    again = type(layer).from_config(layer.get_config())
    assert again.get_config() == layer.get_config()
    assert again.declaration is layer.declaration


@pytest.mark.parametrize("layer", [LayerNormLSTM, LayerNormGRU, LayerNormLSTMCell])
def test_a_wrong_epsilon_is_named_at_construction(layer):
    sentence = r"^`norm_epsilon` must be a positive number, got 0\.$"
    with pytest.raises(ValueError, match=sentence):
        layer(UNITS, norm_epsilon=0)


def test_an_epsilon_reaches_every_norm():
    inputs = np.random.default_rng(0).normal(size=(2, 3, FEATURES))
    # A large one leaves nothing of what it divides: all gates see 0.
    layer = LayerNormLSTM(UNITS, norm_epsilon=1e12, unit_forget_bias=False, dtype="float64")
    assert_close(ops.convert_to_numpy(layer(inputs)), np.zeros((2, UNITS)), VALUES["float32"])


def test_a_wrong_width_of_the_projection_is_named_at_construction():
    sentence = r"^`projection_units` must be a positive integer, got 0\.$"
    with pytest.raises(ValueError, match=sentence):
        ProjectedLSTM(UNITS, 0)


@pytest.mark.parametrize(("units", "given", "width"), [(8, 3, 3), (8, None, 4), (1, None, 1)])
def test_the_projected_output_is_as_wide_as_asked_for(units, given, width):
    layer = ProjectedLSTM(units, given)
    assert tuple(layer(np.zeros((2, 3, FEATURES), "float32")).shape) == (2, width)
    assert layer.compute_output_shape((2, 3, FEATURES)) == (2, width)


@pytest.mark.parametrize("layer", [MinGRU, MinLSTM])
def test_what_has_no_recurrent_product_takes_no_arguments_of_one(layer):
    assert not [name for name in inspect.signature(layer).parameters if "recurrent" in name]
    with pytest.raises(ValueError, match="recurrent_dropout"):
        layer(UNITS, recurrent_dropout=0.5)


@pytest.mark.parametrize("layer", [PeepholeLSTM, LayerNormLSTM, ProjectedLSTM, MinLSTM, SLSTM])
def test_the_bias_of_the_forget_gate_begins_at_one_where_asked_for(layer):
    layer = layer(UNITS, unit_forget_bias=True)
    layer.build((None, None, FEATURES))
    column = layer.declaration.gates.index("f")
    expected = np.zeros((len(layer.declaration.gates), UNITS))
    expected[column] = 1
    np.testing.assert_array_equal(ops.convert_to_numpy(layer.cell.bias), expected.ravel())


@pytest.mark.parametrize(("role", "ones"), [({"k": "forget"}, [1, 0, 0]), ({"k": "update"}, None)])
def test_a_forget_gate_is_what_the_cell_declares_as_one(role, ones):
    gates = ("k", "i", "g")
    cell = dataclasses.replace(MIN_LSTM, name="own", gates=gates, kept=gates, gate_roles=role)

    class Own(Recurrent):
        declared = staticmethod(lambda **arguments: cell)

    cell_layer(Own)
    assert ("unit_forget_bias" in inspect.signature(Own).parameters) == (ones is not None)
    layer = Own(UNITS)
    layer.build((None, None, FEATURES))
    bias = ops.convert_to_numpy(layer.cell.bias).reshape(3, UNITS)
    np.testing.assert_array_equal(bias, np.outer(ones or [0, 0, 0], np.ones(UNITS)))
