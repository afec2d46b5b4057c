"""The kernel in C: the numbers of the clear path, whatever the size, the mask and the processor."""

import os
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from nlpkit.cells import LSTM
from nlpkit.recurrence import Operands, recur, sequence
from nlpkit.recurrence.eager import in_graph
from nlpkit.recurrence.kernels import NATIVE
from nlpkit.recurrence.native.cpu import library
from nlpkit.testing import FEW_MASKS, GRADIENTS, MASKS, VALUES, assert_close, draw_mask
from tests.recurrence import by_autodiff
from tests.recurrence.cases import SIZES, cotangents, named, operands

pytestmark = pytest.mark.usefixtures("native")

REPOSITORY = Path(__file__).parents[2]
OPTIONS = ("all weights", "no bias", "recurrent dropout")
# B, T, I, U. Groups have 128 rows at most, a vector up to 16 units; two threads share the rows from
# some 8 million operations on, and the units from 371 units on.
DIMENSIONS = {
    "one unit": (2, 3, 1, 1),
    "a vector and one unit": (5, 9, 17, 33),
    "several groups": (300, 6, 7, 20),
    "rows of each thread": (40, 24, 40, 100),
    "units of each thread": (7, 5, 33, 380),
}


@pytest.fixture(params=["avx512", "avx2", "portable"])
def variant(request):
    """Each compilation that this processor can run."""
    before = library.variant()
    if not library.use(request.param):
        pytest.skip(f"the processor has no {request.param}")
    yield request.param
    library.use(before)


def there_and_back(given, dsequences, dstate):
    """Sequences, states and gradients."""
    run = NATIVE.forward(LSTM, given, len(dsequences), True)
    back = NATIVE.backward(LSTM, given, run.trace, dsequences, dstate)
    return run.sequences, run.state, back


def clearly(given, dsequences, dstate):
    """The same by TensorFlow's ops."""
    units = given.state[0].shape[1]
    dsequences = [tf.ensure_shape(d, [None, None, units]) for d in dsequences]
    dstate = [tf.ensure_shape(d, [None, units]) for d in dstate]
    run = sequence.forward(LSTM, given, len(dsequences), True)
    back = sequence.backward(LSTM, given, run.trace, dsequences, dstate)
    return run.sequences, run.state, back


def converted(tensors, dtype):
    """Floating-point tensors in another type, the rest as it is."""

    def convert(tensor):
        floating = tensor is not None and tensor.dtype.is_floating
        return tf.cast(tensor, dtype) if floating else tensor

    return tf.nest.map_structure(convert, tensors)


def drawn(dimensions, kind="none", dropout=False):
    """Operands, with derivatives by what comes of them."""
    rng = np.random.default_rng(1)
    batch, time, features, units = dimensions

    def normal(*shape, scale=1.0):
        return tf.constant(rng.normal(size=shape, scale=scale), "float32")

    weights = {
        "kernel": normal(features, 4 * units, scale=features**-0.5),
        "recurrent_kernel": normal(units, 4 * units, scale=units**-0.5),
        "bias": normal(4 * units, scale=0.5),
    }
    inputs, state = normal(batch, time, features), (normal(batch, units), normal(batch, units))
    mask, kept = draw_mask(kind, batch, time), None
    if dropout:
        kept = tf.constant(2.0 * (rng.random((4, batch, units)) < 0.5), "float32")
    given = Operands(inputs, weights, state, None if mask is None else tf.constant(mask), kept)
    return given, (normal(batch, time, units),), (normal(batch, units), normal(batch, units))


def assert_same(got, want):
    """Sequences and states as values, the rest as gradients."""
    for mine, other in zip((*got[0], *got[1]), (*want[0], *want[1]), strict=True):
        assert_close(mine, other, VALUES["float32"], "a state")
    mine, others = (each if isinstance(each, dict) else named(each) for each in (got[2], want[2]))
    assert mine.keys() == others.keys()
    for name, other in others.items():
        assert_close(mine[name], other, GRADIENTS["float32"], f"derivative by {name}")


@pytest.mark.parametrize("kind", MASKS)
@pytest.mark.parametrize("option", OPTIONS)
@pytest.mark.parametrize("size", SIZES)
def test_every_option_and_mask_gives_the_numbers_of_autodiff(size, option, kind):
    given = operands(size, kind, option, dtype="float32")
    upstream = converted(cotangents(given), "float32")
    want = by_autodiff.answers(size, kind, option, 1, "lstm")
    assert_same(in_graph(there_and_back, given, *upstream), want)


@pytest.mark.parametrize("kind", FEW_MASKS)
@pytest.mark.parametrize("dropout", [False, True])
@pytest.mark.parametrize("name", DIMENSIONS)
def test_every_processor_gives_the_numbers_of_the_clear_path(name, dropout, kind, variant):
    case = drawn(DIMENSIONS[name], kind, dropout)
    want = in_graph(clearly, *converted(case, "float64"))
    assert_same(in_graph(there_and_back, *case), want)


@pytest.mark.parametrize("kind", FEW_MASKS)
@pytest.mark.parametrize("dropout", [False, True])
def test_what_is_kept_changes_no_number(dropout, kind):
    given, *_ = drawn((5, 9, 17, 33), kind, dropout)
    (y,), state, _ = NATIVE.forward(LSTM, given, 1, True)
    for count, shown in ((1, (y,)), (0, ())):
        run = NATIVE.forward(LSTM, given, count, False)
        for got, want in zip((*run.sequences, *run.state), (*shown, *state), strict=True):
            assert np.array_equal(got, want)


@pytest.mark.parametrize("masked", [False, True])
def test_without_outputs_of_every_step_the_last_states_and_gradients_are_the_same(masked):
    given, dsequences, dstate = drawn((4, 5, 3, 20), "holes" if masked else "none")
    nothing = tuple(tf.zeros_like(d) for d in dsequences)
    _, state, back = in_graph(there_and_back, given, (), dstate)
    assert_same(((), state, back), ((), *in_graph(there_and_back, given, nothing, dstate)[1:]))


@pytest.mark.parametrize("masked", [False, True])
def test_without_a_step_the_states_and_their_derivatives_stay(masked):
    given, dsequences, dstate = drawn((3, 1, 2, 5), "full" if masked else "none")
    mask = given.mask[:, :0] if masked else None
    none = given._replace(inputs=given.inputs[:, :0], mask=mask)
    shown, state, back = in_graph(there_and_back, none, (dsequences[0][:, :0],), dstate)
    assert shown[0].shape == (3, 0, 5) and back.inputs.shape == (3, 0, 2)
    for got, want in zip((*state, *back.state), (*given.state, *dstate), strict=True):
        assert np.array_equal(got, want)
    assert not any(np.any(derivative) for derivative in back.weights.values())


def test_without_a_row_there_are_none_and_gradients_of_weights_are_zero():
    given, dsequences, dstate = drawn((1, 3, 2, 5), "full")
    none = given._replace(
        inputs=given.inputs[:0], mask=given.mask[:0], state=tuple(s[:0] for s in given.state)
    )
    shown, state, back = in_graph(
        there_and_back, none, (dsequences[0][:0],), tuple(d[:0] for d in dstate)
    )
    assert [t.shape for t in (*shown, *state)] == [(0, 3, 5), (0, 5), (0, 5)]
    assert not any(np.any(derivative) for derivative in back.weights.values())


def test_nan_stays_in_its_row_from_its_step_on(variant):
    given, *upstream = drawn((8, 6, 3, 20))
    inputs = given.inputs.numpy()
    inputs[3, 2, 1] = np.nan
    (shown,), _, back = in_graph(
        there_and_back, given._replace(inputs=tf.constant(inputs)), *upstream
    )
    expected = np.zeros([8, 6], bool)
    expected[3, 2:] = True
    assert np.array_equal(np.isnan(shown).all(axis=2), expected)
    assert np.array_equal(np.isnan(shown).any(axis=2), expected)
    assert np.isnan(back.weights["kernel"]).any()


def test_infinite_inputs_saturate_the_gates(variant):
    given, *upstream = drawn((2, 6, 3, 20))
    inputs = given.inputs.numpy()
    inputs[0, 2, 1] = np.inf
    case = given._replace(inputs=tf.constant(inputs)), *upstream
    (shown,), _, _ = in_graph(there_and_back, *case)
    (expected,), _, _ = in_graph(clearly, *case)
    assert np.isfinite(shown).all()
    assert_close(shown, expected, VALUES["float32"])


def test_masked_inputs_are_not_read():
    given, *upstream = drawn((4, 7, 3, 20), "holes")
    poisoned = tf.where(given.mask[:, :, None], given.inputs, np.nan)
    got = in_graph(there_and_back, given._replace(inputs=poisoned), *upstream)
    assert_same(got, in_graph(there_and_back, given, *upstream))


def test_a_graph_that_xla_compiles_runs_the_loop_with_the_same_numbers():
    given, *_ = drawn((4, 7, 3, 20), "holes")

    def gradients(given):
        with tf.GradientTape() as tape:
            tape.watch(given.weights["kernel"])
            (outputs,), _ = recur(LSTM, given)
            loss = tf.reduce_sum(outputs**2)
        return outputs, tape.gradient(loss, given.weights["kernel"])

    outputs, gradient = tf.function(gradients, autograph=False)(given)
    jitted = tf.function(gradients, autograph=False, jit_compile=True)(given)
    assert_close(outputs, jitted[0], VALUES["float32"])
    assert_close(gradient, jitted[1], GRADIENTS["float32"])


def test_threads_that_call_at_once_get_the_numbers_of_one():
    case = drawn(DIMENSIONS["rows of each thread"], "holes")
    want = in_graph(there_and_back, *case)
    results = []

    def call():
        results.extend(in_graph(there_and_back, *case) for _ in range(4))

    threads = [threading.Thread(target=call) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 32
    for got in results:  # a share of the rows has gradients of weights of its own
        assert_same(got, want)


def test_many_calls_leave_no_memory_behind():
    case = drawn((16, 8, 8, 40))

    def resident():
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")

    for _ in range(50):
        in_graph(there_and_back, *case)
    before = resident()
    for _ in range(1000):
        in_graph(there_and_back, *case)
    assert resident() - before < 8 << 20


FORKING = """
import os, sys, time
import tensorflow as tf
from nlpkit.recurrence.native.cpu import library

rows = tf.ones([64, 20, 100])
operands = [rows, tf.ones([100, 400]), tf.ones([100, 400]) / 100, tf.ones([400]),
            tf.ones([64, 100]), tf.ones([64, 100]), tf.zeros([0, 0], tf.bool), tf.zeros([0, 0, 0])]
run = library.ops().nlpkit_lstm_last
h, _ = run(*operands)
child = os.fork()
if not child:
    again, _ = run(*operands)
    os._exit(0 if (again.numpy() == h.numpy()).all() else 3)
for _ in range(300):
    ended, status = os.waitpid(child, os.WNOHANG)
    if ended:
        sys.exit(os.waitstatus_to_exitcode(status))
    time.sleep(0.1)
os.kill(child, 9)
sys.exit("the child hangs")
"""


@pytest.mark.slow
def test_a_forked_child_has_a_team_of_its_own():
    environment = os.environ | {"PYTHONPATH": str(REPOSITORY), "TF_CPP_MIN_LOG_LEVEL": "3"}
    command = [sys.executable, "-c", FORKING]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"recurrent_kernel": [4, 16]}, r"`recurrent_kernel` .* must have the shape \[3, 12\]"),
        ({"bias": [3]}, r"`bias` .* must have the shape \[12\]"),
        ({"mask": [2, 4]}, r"`mask` .* must have the shape \[2, 5\]"),
        ({"x": [2, 5]}, "`x` .* must have three axes"),
    ],
)
def test_operands_of_a_wrong_shape_are_refused(wrong, message):
    shapes = {
        "x": [2, 5, 1],
        "kernel": [1, 12],
        "recurrent_kernel": [3, 12],
        "bias": [12],
        "h0": [2, 3],
        "c0": [2, 3],
        "mask": [2, 5],
        "dropout": [4, 2, 3],
    }
    given = {name: tf.ones(shape) for name, shape in (shapes | wrong).items()}
    given["mask"] = tf.cast(given["mask"], tf.bool)
    with pytest.raises(tf.errors.InvalidArgumentError, match=message):
        library.ops().nlpkit_lstm(**given)


def test_turned_off_it_leaves_the_case_to_the_others(monkeypatch):
    monkeypatch.setenv(library.VARIABLE, "0")
    assert library.missing() == "the environment variable NLPKIT_NATIVE is 0"


def test_the_graph_knows_the_shapes_of_what_comes_back():
    given, dsequences, dstate = drawn((4, 7, 3, 20))

    @tf.function(autograph=False)
    def shapes(given, dsequences, dstate):
        run, state, back = there_and_back(given, dsequences, dstate)
        found.extend(tensor.shape for tensor in (*run, *state, back.inputs, *back.state))

    found = []
    shapes(given, dsequences, dstate)
    assert found == [(4, 7, 20), (4, 20), (4, 20), (4, 7, 3), (4, 20), (4, 20)]
