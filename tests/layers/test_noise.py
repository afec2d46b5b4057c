"""Zoneout, bounds of the cell state, and what dropout draws."""

import keras
import numpy as np
import pytest
from keras import ops

from nlpkit.layers import FAMILY, GRU, LSTM, SLSTM, SimpleRNN
from nlpkit.testing import VALUES, assert_close
from tests.layers.members import every_kind

BATCH, TIME, FEATURES, UNITS = 3, 6, 2, 4


def sequences(dtype="float32"):
    return np.random.default_rng(0).normal(size=(BATCH, TIME, FEATURES)).astype(dtype)


def numpy(tensor):
    return ops.convert_to_numpy(tensor)


def step_by_step(layer, fractions):
    """Outputs of a layer whose states keep a fraction at each step, one call a step."""
    plain = type(layer)(**{**layer.get_config(), "zoneout": 0.0, "return_state": True})
    plain.build((BATCH, None, FEATURES))
    for weight, of in zip(plain.cell.trainable_weights, layer.cell.trainable_weights, strict=True):
        weight.assign(of)
    states, outputs = [numpy(s) for s in plain.get_initial_state(BATCH)], []
    for t in range(TIME):
        _, *after = plain(sequences()[:, t : t + 1], initial_state=states)
        after = [numpy(state) for state in after]
        states = [
            k[t] * b + (1 - k[t]) * a for k, b, a in zip(fractions, states, after, strict=True)
        ]
        outputs.append(states[0])
    return np.stack(outputs, axis=1)


@every_kind
def test_in_inference_zoneout_keeps_its_rate_of_every_state(member):
    rates = tuple(
        0.0 if state.tied else 0.1 * (k + 1) for k, state in enumerate(member.cell.states)
    )
    layer = member.make(UNITS, return_sequences=True, zoneout=rates)
    got = numpy(layer(sequences()))
    fractions = [np.full(TIME, rate) for rate in rates]
    assert_close(got, step_by_step(layer, fractions), VALUES["float32"])


@every_kind
def test_in_training_zoneout_keeps_whole_units_by_what_was_drawn(member):
    layer = member.make(UNITS, return_sequences=True, zoneout=0.4, seed=5)
    layer.build((BATCH, None, FEATURES))
    seed = keras.random.SeedGenerator(5)
    fractions = [
        numpy(keras.random.uniform((BATCH, TIME, width), seed=seed) < 0.4).astype("float32")
        * (not state.tied)
        for width, state in zip(layer.cell.widths, member.cell.states, strict=True)
    ]
    got = numpy(layer(sequences(), training=True))
    expected = step_by_step(layer, [fraction.transpose(1, 0, 2) for fraction in fractions])
    assert_close(got, expected, VALUES["float32"])


@every_kind
@pytest.mark.parametrize("backwards", [False, True])
def test_zoneout_draws_the_same_whoever_runs_the_loop(member, backwards):
    arguments = {"zoneout": 0.5, "go_backwards": backwards, "seed": 1, "return_sequences": True}
    one, other = (member.make(UNITS, unroll=unroll, **arguments) for unroll in (False, True))
    for layer in (one, other):
        layer.build((BATCH, TIME, FEATURES))
    other.set_weights(one.get_weights())
    got, expected = (numpy(layer(sequences(), training=True)) for layer in (one, other))
    assert_close(got, expected, VALUES["float32"])


def test_zoneout_of_the_slstm_leaves_its_output_within_1():
    layer = SLSTM(16, zoneout=0.3, seed=0, return_sequences=True)
    outputs = numpy(layer(20 * np.random.default_rng(0).normal(size=(2, 200, 4)), training=True))
    assert np.abs(outputs).max() <= 1
    with pytest.raises(ValueError, match=r"`zoneout` must be 0 for c, which shares its scale with"):
        SLSTM(16, zoneout=(0.1, 0.1, 0, 0))


def test_zoneout_of_a_cell_alone_draws_anew_for_each_step():
    layer = LSTM(UNITS, zoneout=0.5, seed=1)
    layer.build((BATCH, None, FEATURES))
    before = [np.ones((BATCH, UNITS), "float32")] * 2
    kept = []
    for _ in range(2):
        _, (h, _) = layer.cell(sequences()[:, 0], before, training=True)
        kept.append(numpy(h) == 1)
    assert kept[0].any() and not kept[0].all() and (kept[0] != kept[1]).any()


@pytest.mark.parametrize(
    ("rates", "sentence"),
    [
        (1.5, r"`zoneout` must be a number from 0 to 1, got 1\.5\."),
        ((0.1,), r"`zoneout` must be one number or 2, for h and c, got 1\."),
        ((0.1, -1), r"`zoneout` must be a number from 0 to 1, got -1\."),
    ],
)
def test_wrong_zoneout_is_named(rates, sentence):
    with pytest.raises(ValueError, match=f"^{sentence}$"):
        LSTM(UNITS, zoneout=rates)


# That of the layer-norm LSTM is bounded before it is normalised.
CLIPPED = [
    name
    for name, member in FAMILY.items()
    if "cell_clip" in member.cell.options and name != "layer-norm-lstm"
]


@pytest.mark.parametrize("name", CLIPPED)
def test_the_cell_state_stays_within_its_bound(name):
    make = FAMILY[name].make
    layer = make(UNITS, cell_clip=0.05, return_sequences=True, return_cell_sequences=True)
    _, cells = layer(10 * sequences())
    _, free = make(UNITS, return_sequences=True, return_cell_sequences=True)(10 * sequences())
    assert np.abs(numpy(cells)).max() < 0.05 + 1e-6 < np.abs(numpy(free)).max()


@pytest.mark.parametrize("bound", [0, -1.0, "much"])
def test_a_wrong_bound_is_named(bound):
    with pytest.raises(ValueError, match=f"^`cell_clip` must be a positive number, got {bound!r}"):
        LSTM(UNITS, cell_clip=bound)


@pytest.mark.parametrize("layer", [SimpleRNN, LSTM, GRU])
@pytest.mark.parametrize("implementation", [1, 2])
def test_noise_by_step_drops_other_inputs_at_every_step(layer, implementation):
    options = {} if layer is SimpleRNN else {"implementation": implementation}
    ours = layer(UNITS, dropout=0.5, dropout_noise="step", seed=3, **options)
    ours.build((BATCH, None, FEATURES))
    seed = keras.random.SeedGenerator(3)
    dropped = keras.random.dropout(ops.convert_to_tensor(sequences()), 0.5, seed=seed)
    got, expected = ours(sequences(), training=True), ours(dropped)
    assert_close(numpy(got), numpy(expected), VALUES["float32"])
    zeros = numpy(dropped) == 0
    assert (zeros != zeros[:, :1]).any()
    assert_close(numpy(ours(sequences())), numpy(ours(sequences())), VALUES["float32"])


def test_wrong_noise_is_named():
    with pytest.raises(ValueError, match=r"^`dropout_noise` must be one of 'sequence', 'step'"):
        LSTM(UNITS, dropout_noise="batch")


@every_kind
@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="uses TensorFlow's tape")
def test_nan_in_padding_counts_neither_forward_nor_back(member):
    import tensorflow as tf

    mask = np.array([[1, 1, 1, 0, 0, 0], [0, 1, 0, 1, 1, 0], [0, 0, 0, 0, 0, 0]], bool)
    layer = member.make(UNITS, return_sequences=True)
    layer.build((BATCH, None, FEATURES))
    results = []
    for padding in (np.nan, 0.0):
        inputs = tf.constant(np.where(mask[..., None], sequences(), padding), "float32")
        with tf.GradientTape() as tape:
            tape.watch(inputs)
            outputs = layer(inputs, mask=mask)
            loss = tf.reduce_sum(tf.sin(outputs))
        sources = [inputs, *[w.value for w in layer.trainable_weights]]
        results.append([outputs, *tape.gradient(loss, sources)])
    for got, expected in zip(*results, strict=True):
        assert np.isfinite(numpy(expected)).all()
        assert_close(numpy(got), numpy(expected), VALUES["float32"])


@every_kind
def test_a_policy_that_is_set_later_holds_for_all_that_is_computed(member):
    layer = member.make(UNITS, return_sequences=True)
    full = numpy(layer(sequences()))
    layer.dtype_policy = "mixed_bfloat16"
    low = layer(sequences())
    assert keras.backend.standardize_dtype(low.dtype) == "bfloat16"
    # Normalisation divides by a small deviation, which bfloat16 knows to two digits.
    wide = "layer-norm" in member.name
    assert np.abs(numpy(low).astype("float32") - full).max() < (0.3 if wide else 0.03)
    layer.dtype_policy = "float32"
    assert_close(numpy(layer(sequences())), full, VALUES["float32"])
