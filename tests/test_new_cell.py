"""A new cell costs its equations, a short layer, a line in the table and a NumPy twin.

The running mean, h_t = (x_1 + … + x_t) / t, whose answers a child can check. Nothing but what
stands before the first test knows of it, and it goes everywhere.
"""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import ops

import nlpkit
from nlpkit import export
from nlpkit.cells import Cell, State
from nlpkit.cells.cell import KERNEL
from nlpkit.layers import FAMILY, Member, Recurrent, argument, cell_layer
from nlpkit.testing import GRADIENTS, MASKS, VALUES, assert_close, draw_mask
from tests.artefacts import CLASSES, PIECES, VOCABULARY, TinyEncoder


def step(x, r, state, weights):
    """s' = s + x, n' = n + 1, h' = s' / n'."""
    _, s, n = state
    s, n = s + x, n + 1
    return (s / n, s, n), x


RUNNING_MEAN = Cell(
    name="running-mean",
    gates=("x",),
    states=(State(name="h"), State(name="s"), State(name="n")),
    weights=(KERNEL,),
    kept=("x",),
    step=step,
)


@keras.saving.register_keras_serializable("tests")
class RunningMean(Recurrent):
    """The mean of the inputs so far."""

    kernel_initializer = argument("identity")

    @staticmethod
    def declared(**arguments):
        return RUNNING_MEAN


cell_layer(RunningMean)
MEMBER = Member(name="running-mean", layer=RunningMean)


def twin(inputs, mask):
    """The mean of the steps that count so far, 0 ahead of the first."""
    counts = np.cumsum(mask, axis=1)[..., None]
    return np.cumsum(inputs * mask[..., None], axis=1) / np.maximum(counts, 1)


BATCH, TIME, UNITS = 4, 9, 2

on_tensorflow = pytest.mark.skipif(
    keras.backend.backend() != "tensorflow", reason="elsewhere Keras runs the loop over the cell"
)


@pytest.fixture(autouse=True)
def _registered(monkeypatch):
    """The line in the table."""
    monkeypatch.setitem(FAMILY, MEMBER.name, MEMBER)


def make(units=UNITS, **arguments):
    """The layer, by its name in the table."""
    return nlpkit.layers.member("running-mean").make(units, **arguments)


def sequences():
    return np.random.default_rng(0).normal(size=(BATCH, TIME, UNITS)).astype("float32")


def counting(kind):
    """A mask, all true for "none"."""
    mask = draw_mask(kind, BATCH, TIME)
    return np.ones((BATCH, TIME), bool) if mask is None else mask


def numpy(tensor):
    return ops.convert_to_numpy(tensor)


def test_a_child_can_check_it():
    heights = np.array([[[2.0], [4.0], [6.0], [0.0]]])
    assert numpy(make(1, return_sequences=True)(heights)).ravel().tolist() == [2, 3, 4, 3]


@pytest.mark.parametrize("kind", MASKS)
def test_the_layer_means_what_counts_whatever_the_mask(kind):
    given = draw_mask(kind, BATCH, TIME)
    layer = make(return_sequences=True, return_state=True)
    outputs, h, _, n = map(numpy, layer(sequences(), mask=given))
    expected = twin(sequences(), counting(kind))
    assert_close(outputs, expected, VALUES["float32"])
    assert_close(h, expected[:, -1], VALUES["float32"])
    np.testing.assert_array_equal(n[:, 0], counting(kind).sum(axis=1))


@on_tensorflow
@pytest.mark.parametrize("kind", MASKS)
def test_each_step_that_counts_has_an_equal_part_in_the_gradient(kind):
    layer, inputs = make(), tf.constant(sequences())
    with tf.GradientTape() as tape:
        tape.watch(inputs)
        loss = tf.reduce_sum(layer(inputs, mask=draw_mask(kind, BATCH, TIME)))
    dinputs, dkernel = tape.gradient(loss, [inputs, layer.cell.kernel])
    mask = counting(kind)[..., None]
    parts = mask / np.maximum(mask.sum(axis=1, keepdims=True), 1)
    assert_close(dinputs, parts * np.ones(UNITS), GRADIENTS["float32"])
    means = twin(sequences(), counting(kind))[:, -1]
    assert_close(dkernel, np.sum(means, axis=0)[:, None] * np.ones(UNITS), GRADIENTS["float32"])


@on_tensorflow
@pytest.mark.parametrize("kind", MASKS)
def test_every_kernel_that_serves_any_cell_serves_it(kind):
    from nlpkit.recurrence import Operands, kernels
    from nlpkit.recurrence.case import Case

    mask = None if kind == "none" else tf.constant(counting(kind))
    zeros = tuple(tf.zeros([BATCH, UNITS]) for _ in RUNNING_MEAN.states)
    operands = Operands(tf.constant(sequences()), {"kernel": tf.eye(UNITS)}, zeros, mask)
    case = Case.of(RUNNING_MEAN, operands, 1, saved=False)._replace(time=None)
    rows = dict.fromkeys(kernel for row in kernels.KERNELS.values() for kernel in row)
    serving = [kernel for kernel in rows if kernel.why_not(case) is None]
    assert {kernels.COMPILED, kernels.PACKED, kernels.LOOP} <= {*serving}
    parts = counting(kind)[..., None] / np.maximum(counting(kind).sum(axis=1), 1)[:, None, None]
    for kernel in serving:

        @tf.function
        def run(kernel=kernel):
            result = kernel.forward(RUNNING_MEAN, operands, 1, True)
            last = (tf.ones([BATCH, UNITS]), *zeros[1:])
            none = (tf.zeros_like(result.sequences[0]),)
            back = kernel.backward(RUNNING_MEAN, operands, result.trace, none, last)
            return result.sequences[0], back.inputs

        outputs, dinputs = run()
        expected = twin(sequences(), counting(kind))
        assert_close(outputs, expected, VALUES["float32"], kernel.description)
        assert_close(dinputs, parts * np.ones(UNITS), GRADIENTS["float32"], kernel.description)


@on_tensorflow
@pytest.mark.parametrize("kind", MASKS)
def test_recur_runs_it_whatever_the_mask(kind):
    from nlpkit.recurrence import Operands, recur

    zeros = tuple(tf.zeros([BATCH, UNITS]) for _ in RUNNING_MEAN.states)
    mask = draw_mask(kind, BATCH, TIME)
    mask = None if mask is None else tf.constant(mask)
    operands = Operands(tf.constant(sequences()), {"kernel": tf.eye(UNITS)}, zeros, mask)
    (outputs,), _ = recur(RUNNING_MEAN, operands)
    assert_close(outputs, twin(sequences(), counting(kind)), VALUES["float32"])


@on_tensorflow
def test_recur_runs_it_and_differentiates_it_twice():
    from nlpkit.recurrence import Operands, recur

    zeros = tuple(tf.zeros([BATCH, UNITS]) for _ in RUNNING_MEAN.states)
    inputs = tf.constant(sequences())
    with tf.GradientTape() as outer:
        outer.watch(inputs)
        with tf.GradientTape() as inner:
            inner.watch(inputs)
            operands = Operands(inputs, {"kernel": tf.eye(UNITS)}, zeros)
            (outputs,), (h, _, _) = recur(RUNNING_MEAN, operands)
            loss = tf.reduce_sum(h**2)
        first = inner.gradient(loss, inputs)
        total = tf.reduce_sum(first)
    assert_close(outputs, twin(sequences(), counting("none")), VALUES["float32"])
    assert_close(first[:, 0], 2 * h / TIME, GRADIENTS["float32"])
    second = np.full(inputs.shape, 2 / TIME)
    assert_close(outer.gradient(total, inputs), second, GRADIENTS["float32"])


def test_it_goes_on_from_where_it_was():
    first, second = sequences()[:, :4], sequences()[:, 4:]
    expected = twin(sequences(), counting("none"))[:, -1]
    layer = make(stateful=True)
    layer(first)
    assert_close(numpy(layer(second)), expected, VALUES["float32"])
    layer = make(return_state=True)
    _, *states = layer(first)
    assert_close(numpy(layer(second, initial_state=states)[0]), expected, VALUES["float32"])


def test_levels_stand_on_each_other():
    layer = make(num_layers=2, return_state=True)
    assert layer.state_names == ("h_0", "s_0", "n_0", "h_1", "s_1", "n_1")
    mask = counting("none")
    expected = twin(twin(sequences(), mask), mask)[:, -1]
    assert_close(numpy(layer(sequences())[0]), expected, VALUES["float32"])


def test_a_saved_model_in_both_directions_comes_back(tmp_path):
    both = keras.layers.Bidirectional(make(return_sequences=True), name="both")
    model = keras.Sequential([keras.Input((TIME, UNITS)), keras.layers.Masking(), both])
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(numpy(loaded(sequences())), numpy(model(sequences())))
    outputs = numpy(loaded(sequences()))[:, 0, UNITS:]
    assert_close(outputs, twin(sequences(), counting("none"))[:, -1], VALUES["float32"])


def test_its_trace_shows_what_it_adds_up():
    mask = counting("holes")
    traces = nlpkit.trace(keras.Sequential([make(name="mean")]), sequences())
    assert list(traces["mean"]) == ["x", "h", "s", "n"]
    np.testing.assert_array_equal(traces["mean"]["x"], sequences())
    trace = make().trace(sequences(), mask=mask)
    assert_close(trace["h"], twin(sequences(), mask), VALUES["float32"])
    assert_close(trace["s"], np.cumsum(sequences() * mask[..., None], axis=1), VALUES["float32"])
    np.testing.assert_array_equal(trace["n"][..., 0], np.cumsum(mask, axis=1))
    np.testing.assert_array_equal(np.isnan(trace["x"][..., 0]), ~mask)


@on_tensorflow
def test_its_layer_says_what_runs_where():
    assert "not a parallel scan over time, since a step is not linear" in make().runs_on


def classifier():
    """A classifier of texts by the mean of their characters, masked."""
    ids = keras.Input([None, PIECES], dtype="int32")
    x = ops.sum(keras.layers.Embedding(VOCABULARY, 8)(ids), axis=2)
    x = make(8)(x, mask=ops.any(ops.not_equal(ids, 0), axis=2))
    model = keras.Model(ids, keras.layers.Dense(len(CLASSES), activation="softmax")(x))
    return export.classifier(TinyEncoder(), model, CLASSES)


@on_tensorflow
@pytest.mark.slow
def test_what_is_exported_runs_in_plain_tensorflow_and_is_proven_portable(tmp_path):
    live, texts = classifier(), tf.constant(["정말 최고의 영화", "", "a"])
    export.write(live, tmp_path / "model")
    served = tf.saved_model.load(str(tmp_path / "model")).signatures["serving_default"]
    expected = live.serving_default(texts)["probabilities"]
    assert_close(served(text=texts)["probabilities"], expected, VALUES["float32"])
    report = nlpkit.export.verify(tmp_path / "model")
    assert report.passed, report.summary
