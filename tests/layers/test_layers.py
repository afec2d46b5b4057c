"""Every layer keeps Keras's contract: saving, graphs, wrappers, states, training, precision."""

import keras
import numpy as np
import pytest
from keras import ops

from nlpkit.errors import InputError
from nlpkit.layers import FAMILY, GRU, LSTM, LSTMCell, Member
from nlpkit.testing import VALUES, assert_close, draw_mask
from tests.layers.members import KINDS, every_kind
from tests.toys import TOYS, Toy

BATCH, TIME, FEATURES, UNITS = 4, 5, 3, 6

# Other than the defaults in every argument that a wrong round trip could lose.
UNUSUAL = {
    "activation": "relu",
    "recurrent_activation": "hard_sigmoid",
    "unit_forget_bias": False,
    "kernel_regularizer": "l2",
    "activity_regularizer": "l1",
    "recurrent_constraint": "max_norm",
    "dropout": 0.25,
    "seed": 3,
    "return_sequences": True,
    "go_backwards": True,
    "unroll": True,
    "use_cudnn": False,
    "implementation": 1,
    "zero_output_for_mask": True,
    "zoneout": (0.1, 0.2),
    "cell_clip": 2.0,
    "learned_initial_state": True,
    "num_layers": 2,
    "layer_dropout": 0.3,
    "native": False,
}


def timed(make):
    """A layer on each of one sequence a row."""
    reshape = keras.layers.Reshape((1, TIME, FEATURES))
    return keras.Sequential([reshape, keras.layers.TimeDistributed(make(UNITS))])


# Every way to put the cell's equations into a model, from [B, T, I].
WRAPPINGS = {
    "LSTM": lambda: LSTM(UNITS),
    "LSTM, unusual": lambda: LSTM(UNITS, **UNUSUAL),
    "LSTM, unrolled": lambda: LSTM(UNITS, unroll=True),
    "Bidirectional": lambda: keras.layers.Bidirectional(LSTM(UNITS, use_cudnn=False)),
    "Bidirectional, all steps": lambda: keras.layers.Bidirectional(
        LSTM(UNITS, return_sequences=True), merge_mode="sum"
    ),
    "RNN of a cell": lambda: keras.layers.RNN(LSTMCell(UNITS, implementation=1)),
    "RNN of stacked cells": lambda: keras.layers.RNN(
        keras.layers.StackedRNNCells([LSTMCell(4), LSTMCell(UNITS, recurrent_dropout=0.5)])
    ),
    "TimeDistributed": lambda: timed(LSTM),
    "TimeDistributed of a GRU": lambda: timed(GRU),
}

MEMBERS = {
    **FAMILY,
    **{name: Member(name=name, layer=Toy, arguments={"toy": name}) for name in TOYS},
}
SORTS = {name: MEMBERS[name] for name in (*KINDS, *TOYS)}
members = pytest.mark.parametrize("member", MEMBERS.values(), ids=MEMBERS)
sorts = pytest.mark.parametrize("member", SORTS.values(), ids=SORTS)


def wrapped(member):
    """One layer in both directions, and Keras's loop over its cell."""
    layer = member.make(UNITS, return_sequences=True, zoneout=0.1)
    both = keras.layers.Bidirectional(layer, merge_mode="sum")
    return keras.Sequential([both, keras.layers.RNN(cell_of(member, UNITS))])


def cell_of(member, units):
    return member.layer.cell_class(units, **member.arguments)


wrapping = pytest.mark.parametrize("make", WRAPPINGS.values(), ids=WRAPPINGS)


def sequences(dtype="float32"):
    return np.random.default_rng(0).normal(size=(BATCH, TIME, FEATURES)).astype(dtype)


def numpy(tensor):
    return ops.convert_to_numpy(tensor)


def model_of(layer):
    """A model with nothing but the layer in it."""
    return keras.Sequential([keras.Input((TIME, FEATURES)), layer])


@wrapping
def test_a_saved_model_comes_back_the_same(make, tmp_path):
    model = model_of(make())
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    assert loaded.to_json() == model.to_json()
    assert_close(numpy(loaded(sequences())), numpy(model(sequences())), VALUES["float32"])


@wrapping
def test_symbolic_and_eager_calls_agree(make):
    layer = make()
    symbolic = layer(keras.Input(batch_shape=(BATCH, TIME, FEATURES)))
    eager = layer(sequences())
    assert symbolic.shape == eager.shape
    assert layer.compute_output_shape((BATCH, TIME, FEATURES)) == eager.shape
    got = model_of(layer).predict(sequences(), verbose=0)
    assert_close(got, numpy(eager), VALUES["float32"])


@wrapping
def test_training_moves_every_weight(make):
    assert_training_moves_every_weight(model_of(make()))


@sorts
def test_training_moves_every_weight_of_members_of_each_kind(member):
    assert_training_moves_every_weight(model_of(wrapped(member)))


@members
def test_every_member_is_saved_and_comes_back_the_same(member, tmp_path):
    model = model_of(wrapped(member))
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    assert loaded.to_json() == model.to_json()
    assert_close(numpy(loaded(sequences())), numpy(model(sequences())), VALUES["float32"])


def assert_training_moves_every_weight(model):
    model.compile("sgd", "mse")
    before = [numpy(weight) for weight in model.trainable_weights]
    model.fit(sequences(), np.ones((BATCH, *model.output_shape[1:])), verbose=0)
    after = [numpy(weight) for weight in model.trainable_weights]
    moved = [np.any(a != b) for a, b in zip(before, after, strict=True)]
    assert all(moved) and all(np.isfinite(weight).all() for weight in after)


@wrapping
@pytest.mark.parametrize("policy", ["mixed_float16", "mixed_bfloat16"])
def test_mixed_precision_computes_low_and_keeps_weights_high(make, policy):
    assert_mixed(make, policy)


@sorts
def test_members_of_each_kind_compute_low_and_keep_weights_high(member):
    assert_mixed(lambda: keras.layers.Bidirectional(member.make(UNITS)), "mixed_bfloat16")


def assert_mixed(make, policy):
    full = model_of(make())
    keras.config.set_dtype_policy(policy)
    try:
        low = model_of(make())
    finally:
        keras.config.set_dtype_policy("float32")
    low.set_weights(full.get_weights())
    got = low(sequences())
    assert keras.backend.standardize_dtype(got.dtype) == policy.removeprefix("mixed_")
    assert {weight.dtype for weight in low.trainable_weights} == {"float32"}
    assert_close(numpy(got), numpy(full(sequences())), VALUES[policy])


@members
@pytest.mark.parametrize("kind", ["none", "holes"])
def test_a_layer_gives_the_numbers_of_keras_s_loop_over_its_cell(member, kind):
    layer = member.make(UNITS, return_sequences=True, return_state=True)
    options = {"return_sequences": True, "return_state": True}
    loop = keras.layers.RNN(cell_of(member, UNITS), **options)
    for each in (layer, loop):
        each.build((BATCH, TIME, FEATURES))
    rng = np.random.default_rng(5)
    loop.set_weights([rng.normal(size=w.shape, scale=0.5) for w in loop.get_weights()])
    layer.set_weights(loop.get_weights())
    mask = draw_mask(kind, BATCH, TIME)
    results = [each(sequences(), mask=mask) for each in (layer, loop)]
    for got, expected in zip(*results, strict=True):
        assert_close(numpy(got), numpy(expected), VALUES["float32"])


@pytest.mark.parametrize("use_cudnn", ["auto", True, False])
def test_use_cudnn_survives_the_round_trip_and_never_stops_the_layer(use_cudnn):
    layer = LSTM(UNITS, use_cudnn=use_cudnn)
    assert LSTM.from_config(layer.get_config()).use_cudnn == use_cudnn
    both = keras.layers.Bidirectional(layer)
    again = keras.layers.Bidirectional.from_config(both.get_config())
    assert again.forward_layer.use_cudnn == again.backward_layer.use_cudnn == use_cudnn
    assert again(sequences()).shape == (BATCH, 2 * UNITS)


@sorts
def test_states_hand_over_from_one_layer_to_the_next(member):
    encoder, decoder = member.make(UNITS, return_state=True), member.make(UNITS)
    inputs = keras.Input((TIME, FEATURES))
    _, *states = encoder(inputs)
    model = keras.Model(inputs, decoder(inputs, initial_state=states))
    _, *states = encoder(sequences())
    expected = decoder(sequences(), initial_state=states)
    assert_close(numpy(model(sequences())), numpy(expected), VALUES["float32"])


def test_one_layer_takes_any_length():
    layer = LSTM(UNITS)
    model = keras.Sequential([keras.Input((None, FEATURES)), layer])
    for time in (1, TIME, 3):
        inputs = sequences()[:, :time]
        got = model.predict(inputs, verbose=0)
        assert_close(got, numpy(layer(inputs)), VALUES["float32"])


@every_kind
@pytest.mark.parametrize("unroll", [False, True])
def test_sequences_without_a_step_are_answered_by_a_sentence(member, unroll):
    sentence = r"`sequences` must have at least one step, got \[4, 0, 3\]; pad them\."
    with pytest.raises(InputError, match=sentence):
        member.make(UNITS, unroll=unroll)(sequences()[:, :0])


def test_xla_is_not_given_up():
    layer = LSTM(UNITS)
    model = model_of(layer)
    model.compile("sgd", "mse", jit_compile=keras.backend.backend() != "torch")
    model.fit(sequences(), np.zeros((BATCH, UNITS)), verbose=0)
    assert layer.supports_jit


@pytest.mark.skipif(
    keras.backend.backend() != "tensorflow", reason="only on TensorFlow does Keras's layer ask"
)
def test_construction_asks_for_no_device(monkeypatch):
    import tensorflow as tf

    def asked(*_):
        raise AssertionError("a device was asked for")

    monkeypatch.setattr(tf.config, "list_logical_devices", asked)
    monkeypatch.setattr(tf.config, "list_physical_devices", asked)
    assert LSTM(UNITS).supports_jit
