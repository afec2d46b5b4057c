"""The way back of every kernel, against autodiff and finite differences."""

from itertools import product

import numpy as np
import pytest
import tensorflow as tf

from nlpkit.recurrence.eager import in_graph
from nlpkit.testing import FEW_MASKS, FINITE_DIFFERENCES, GRADIENTS, MASKS, VALUES, assert_close
from tests.recurrence import by_autodiff
from tests.recurrence.cases import (
    BACKWARD,
    CELLS,
    EVERYWHERE,
    OPTIONS,
    PATHS,
    SIZES,
    cotangents,
    has,
    named,
    numpy,
    operands,
    with_named,
)

pytestmark = pytest.mark.usefixtures("small_windows", "cudnn_on_cpu")

# Every kernel with a cell, by hand or not, that it goes through with every option and mask.
THOROUGH = [
    (cell, path) for cell, path in BACKWARD if cell in EVERYWHERE or path in ("cudnn", "scan")
]
OTHERS = [pair for pair in BACKWARD if pair not in THOROUGH]
LSTM = [(cell, path) for cell, path in BACKWARD if cell == "lstm"]
CASES = [(*pair, option) for pair, option in product(THOROUGH, OPTIONS) if has(*pair, option)]
OTHER_CASES = [(*pair, option) for pair, option in product(OTHERS, OPTIONS) if has(*pair, option)]
# cuDNN's branch asks for no size that the graph may know.
KNOWN_SIZES = [(*pair, size) for pair, size in product(LSTM, SIZES) if pair[1] != "cudnn"]


def there_and_back(given, dsequences, dstate, *, cell, path):
    """Sequences, states and gradients of one kernel."""
    kernel, sequences = PATHS[path], len(dsequences)
    batch_time = given.inputs.shape[:2]
    dsequences = tuple(
        tf.ensure_shape(d, [*batch_time, s.shape[1]])
        for d, s in zip(dsequences, given.state, strict=False)
    )
    dstate = tuple(tf.ensure_shape(d, s.shape) for d, s in zip(dstate, given.state, strict=True))
    run = kernel.forward(CELLS[cell], given, sequences, True)
    back = kernel.backward(CELLS[cell], given, run.trace, dsequences, dstate)
    return run.sequences, run.state, back


# Batch and time are known to the graph, or vary from call to call.
GRAPHS = {
    "static": tf.function(there_and_back, autograph=False),
    "dynamic": lambda *tensors, **static: in_graph(there_and_back, *tensors, **static),
}


def assert_equal_to_autodiff(graph, cell, path, case):
    """One kernel in one kind of graph does what the cell's step and autodiff do."""
    size, kind, option, sequences = case
    given = operands(size, kind, option, CELLS[cell])
    upstream = cotangents(given, sequences)
    shown, state, back = GRAPHS[graph](given, *upstream, cell=cell, path=path)
    want_shown, want_state, want = by_autodiff.answers(*case, cell)
    for what, actual, expected in (("step", shown, want_shown), ("last", state, want_state)):
        names = CELLS[cell].state_names[: len(expected)]
        for name, mine, other in zip(names, actual, expected, strict=True):
            assert_close(mine, other, VALUES["float64"], f"{name} of the {what}")
    got = named(back)
    assert got.keys() == want.keys()
    for name in want:
        assert_close(got[name], want[name], GRADIENTS["float64"], f"derivative by {name}")


def assert_equal_to_finite_differences(cell, path, option):
    """Along a random direction of everything that can be differentiated by."""
    rng, small = np.random.default_rng(3), 1e-5
    given = operands("several windows", "holes", option, CELLS[cell])
    upstream = cotangents(given)

    def answered(values):
        moved = with_named(given, values)
        return GRAPHS["dynamic"](moved, *upstream, cell=cell, path=path)

    def loss(values):
        shown, state, _ = answered(values)
        pairs = zip([*upstream[0], *upstream[1]], [*shown, *state], strict=True)
        return sum(np.sum(cotangent * tensor) for cotangent, tensor in pairs)

    values = named(given)
    got = named(answered(values)[2])
    for name, value in values.items():
        direction = rng.normal(size=value.shape)
        direction /= np.linalg.norm(direction)
        ahead, behind = (loss(values | {name: value + s * direction}) for s in (small, -small))
        expected = (ahead - behind) / (2 * small)
        actual = np.sum(numpy(got[name]) * direction)
        assert_close(actual, expected, FINITE_DIFFERENCES, f"directional derivative by {name}")


@pytest.mark.parametrize("kind", MASKS)
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(("cell", "path"), LSTM)
def test_one_graph_for_all_sizes_equals_autodiff(cell, path, size, kind):
    assert_equal_to_autodiff("dynamic", cell, path, (size, kind, "all weights", 1))


@pytest.mark.parametrize("kind", MASKS)
@pytest.mark.parametrize(("cell", "path", "size"), KNOWN_SIZES)
def test_a_graph_that_knows_the_size_equals_autodiff(cell, path, size, kind):
    assert_equal_to_autodiff("static", cell, path, (size, kind, "all weights", 1))


# One test for both: they share a graph, and its tracing takes the time. One option goes without a
# mask.
@pytest.mark.parametrize(
    ("cell", "path", "option", "kind"),
    [
        (*case, kind)
        for case, kind in product(CASES, FEW_MASKS)
        if kind != "none" or case[2] == "all weights"
    ],
)
def test_every_option_equals_autodiff_and_finite_differences(cell, path, option, kind):
    assert_equal_to_autodiff("dynamic", cell, path, ("several windows", kind, option, 1))
    if kind == "holes":
        assert_equal_to_finite_differences(cell, path, option)


@pytest.mark.parametrize(("cell", "path", "option"), OTHER_CASES)
def test_every_cell_equals_autodiff_by_the_loop(cell, path, option):
    assert_equal_to_autodiff("dynamic", cell, path, ("one row", "holes", option, 1))


@pytest.mark.parametrize(("cell", "path"), THOROUGH)
def test_a_loss_of_the_last_states_equals_autodiff(cell, path):
    assert_equal_to_autodiff("dynamic", cell, path, ("several windows", "holes", "all weights", 0))


@pytest.mark.parametrize(
    ("cell", "path"),
    [pair for pair in BACKWARD if len(CELLS[pair[0]].states) > 1 and pair[1] != "cudnn"],
)
def test_a_loss_of_every_state_of_every_step_equals_autodiff(cell, path):
    case = ("several windows", "holes", "all weights", len(CELLS[cell].states))
    assert_equal_to_autodiff("dynamic", cell, path, case)
