"""What a trace shows is what the layer computes, in whatever way it is called."""

import keras
import numpy as np
import pytest
from keras import ops

from nlpkit.errors import InputError
from nlpkit.layers import FAMILY, GRU, LSTM, SimpleRNN
from nlpkit.testing import MASKS, VALUES, assert_close, draw_mask
from tests.layers.members import every_member
from tests.reference import sigmoid

BATCH, TIME, FEATURES, UNITS = 3, 5, 4, 6

# What a layer is made with, what else it is called with, and the mask.
CALLS = {
    "plain": ({}, False, "none"),
    "masked": ({}, False, "holes"),
    "initial state": ({}, True, "left"),
    "backwards": ({"go_backwards": True}, True, "holes"),
    "levels": ({"num_layers": 3}, True, "right"),
    "levels, backwards": ({"num_layers": 2, "go_backwards": True}, True, "holes"),
    "learned": ({"learned_initial_state": True}, False, "left"),
    "zoneout": ({"zoneout": 0.3}, False, "holes"),
    "dropout": ({"dropout": 0.5, "dropout_noise": "step"}, False, "none"),
    "unrolled": ({"unroll": True}, False, "none"),
}


def sequences():
    return np.random.default_rng(0).normal(size=(BATCH, TIME, FEATURES)).astype("float32")


def states_for(layer):
    """Initial states, positive since some cells divide by them."""
    rng = np.random.default_rng(1)
    widths = layer.state_size * layer.num_layers
    return [rng.uniform(0.1, 1, (BATCH, width)).astype("float32") for width in widths]


def numpy(tensor):
    return ops.convert_to_numpy(tensor)


def names_of(layer):
    """What its trace has, in order."""
    names = [*layer.declaration.kept, *layer.declaration.state_names]
    if layer.num_layers == 1:
        return names
    return [f"{name}_{level}" for level in range(layer.num_layers) for name in names]


@pytest.mark.parametrize(
    ("member", "case"),
    [("lstm", case) for case in CALLS]
    + [(name, "levels, backwards") for name in FAMILY if name != "lstm"],
)
def test_its_states_are_those_of_the_layer(member, case):
    arguments, with_state, kind = CALLS[case]
    layer = FAMILY[member].make(UNITS, return_sequences=True, return_state=True, **arguments)
    mask = draw_mask(kind, BATCH, TIME)
    given = {"mask": mask, "initial_state": states_for(layer) if with_state else None}
    outputs, *last = map(numpy, layer(sequences(), **given))
    trace = layer.trace(sequences(), **given)
    assert list(trace) == names_of(layer)
    backwards = layer.go_backwards
    # Where a step is masked, a layer repeats an output or gives zeros; the state is in the trace.
    counts = np.ones((BATCH, TIME), bool) if mask is None else mask
    h = trace["h" if layer.num_layers == 1 else f"h_{layer.num_layers - 1}"]
    outputs = outputs[:, ::-1] if backwards else outputs
    assert_close(h[counts], outputs[counts], VALUES["float32"])
    for name, state in zip(layer.state_names, last, strict=True):
        assert_close(trace[name][:, 0 if backwards else -1], state, VALUES["float32"], name)
    for name in set(trace) - set(layer.state_names):
        np.testing.assert_array_equal(np.isnan(trace[name][..., 0]), ~counts)


@every_member
def test_it_names_every_gate_and_every_state_once(member):
    cell = member.cell
    layer = member.make(UNITS)
    trace = layer.trace(sequences())
    assert list(trace) == names_of(layer)
    assert set(cell.gates) <= set(trace)
    for name in cell.kept:
        assert trace[name].shape == (BATCH, TIME, UNITS)
    for name, width in zip(cell.state_names, layer.state_size, strict=True):
        assert trace[name].shape == (BATCH, TIME, width)
    assert {array.dtype.name for array in trace.values()} == {"float32"}


@pytest.mark.parametrize("kind", [kind for kind in MASKS if kind != "none"])
def test_at_a_masked_step_states_stay_and_there_are_no_gates(kind):
    layer, mask = LSTM(UNITS), draw_mask(kind, BATCH, TIME)
    before = states_for(layer)
    inputs = np.where(mask[..., None], sequences(), np.nan)
    trace = layer.trace(inputs, mask=mask, initial_state=before)
    for name in layer.declaration.kept:
        np.testing.assert_array_equal(np.isnan(trace[name]), ~np.repeat(mask[..., None], UNITS, 2))
    for name, state in zip(layer.state_names, before, strict=True):
        for t in range(TIME):
            state = np.where(mask[:, t, None], trace[name][:, t], state)
            np.testing.assert_array_equal(trace[name][:, t], state)


def projections(layer, h):
    """x and r of every step, by hand, from the h after each."""
    kernel, recurrent_kernel, bias = layer.get_weights()
    before = np.concatenate([np.zeros_like(h[:, :1]), h[:, :-1]], axis=1)
    return sequences() @ kernel, before @ recurrent_kernel, bias, before


def test_the_gates_of_an_lstm_satisfy_its_equations():
    layer = LSTM(UNITS, bias_initializer="glorot_normal", unit_forget_bias=False)
    trace = layer.trace(sequences())
    x, r, bias, _ = projections(layer, trace["h"])
    z_i, z_f, z_g, z_o = np.split(x + r + bias, 4, axis=2)
    i, f, g, o = sigmoid(z_i), sigmoid(z_f), np.tanh(z_g), sigmoid(z_o)
    c = np.concatenate([np.zeros((BATCH, 1, UNITS)), trace["c"][:, :-1]], axis=1)
    c = f * c + i * g
    expected = {"i": i, "f": f, "g": g, "o": o, "h": o * np.tanh(c), "c": c}
    for name, array in expected.items():
        assert_close(trace[name], array, VALUES["float32"], name)


def test_the_gates_of_a_gru_satisfy_its_equations():
    layer = GRU(UNITS, bias_initializer="glorot_normal")
    trace = layer.trace(sequences())
    x, r, bias, before = projections(layer, trace["h"])
    x_z, x_r, x_g = np.split(x + bias[0], 3, axis=2)
    r_z, r_r, p = np.split(r + bias[1], 3, axis=2)
    z, r = sigmoid(x_z + r_z), sigmoid(x_r + r_r)
    g = np.tanh(x_g + r * p)
    expected = {"z": z, "r": r, "g": g, "p": p, "h": z * before + (1 - z) * g}
    for name, array in expected.items():
        assert_close(trace[name], array, VALUES["float32"], name)


def test_zoneout_is_between_a_candidate_and_the_state():
    trace = SimpleRNN(UNITS, zoneout=0.25).trace(sequences())
    g, h = trace["g"], trace["h"]
    before = np.concatenate([np.zeros_like(h[:, :1]), h[:, :-1]], axis=1)
    assert_close(h, 0.25 * before + 0.75 * g, VALUES["float32"])


@pytest.mark.parametrize(
    ("dtype", "expected"),
    [("mixed_float16", "float32"), ("mixed_bfloat16", "float32"), ("float64", "float64")],
)
def test_half_precision_is_shown_in_single(dtype, expected):
    layer = LSTM(UNITS, dtype=dtype)
    trace = layer.trace(sequences())
    assert {array.dtype.name for array in trace.values()} == {expected}
    got = trace["h"][:, -1]
    np.testing.assert_allclose(got, numpy(layer(sequences())).astype(expected), atol=1e-2)


def test_a_stateful_layer_starts_from_its_states_and_keeps_them():
    layer = LSTM(UNITS, stateful=True, return_state=True)
    layer(sequences())
    kept = [numpy(state) for state in layer.states]
    trace = layer.trace(sequences())
    for state, before in zip(layer.states, kept, strict=True):
        np.testing.assert_array_equal(numpy(state), before)
    _, h, c = map(numpy, layer(sequences()))
    assert_close(trace["h"][:, -1], h, VALUES["float32"])
    assert_close(trace["c"][:, -1], c, VALUES["float32"])


def test_nothing_is_traced_unless_asked(monkeypatch):
    monkeypatch.setattr("nlpkit.layers.level.observe", None)
    layer = LSTM(UNITS)
    assert layer(sequences()).shape == (BATCH, UNITS)
    with pytest.raises(TypeError):
        layer.trace(sequences())


def test_inputs_without_values_are_refused():
    with pytest.raises(InputError, match=r"^`inputs` must be arrays with values, got <KerasTens"):
        LSTM(UNITS).trace(keras.Input((TIME, FEATURES)))
