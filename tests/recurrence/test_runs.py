"""What each kernel keeps of a run, and that this never changes the numbers."""

from itertools import product

import numpy as np
import pytest
import tensorflow as tf

from nlpkit.recurrence.eager import in_graph
from nlpkit.testing import MASKS, VALUES, assert_close
from tests.recurrence import by_autodiff
from tests.recurrence.cases import (
    CELLS,
    EVERYWHERE,
    FORWARD,
    OPTIONS,
    PATHS,
    SIZES,
    by_reference,
    has,
    numpy,
    operands,
)

pytestmark = pytest.mark.usefixtures("small_windows", "cudnn_on_cpu")

# What an artefact runs, by cells that are of two kinds to it; BlockLSTM in float32 alone.
EXPORTED = [("lstm", "packed"), ("lstm", "block lstm"), ("toy", "packed")]
COUNTED = [
    (cell, path, count) for cell, path in EXPORTED for count in range(len(CELLS[cell].states) + 1)
]
PACKED = [
    (cell, option)
    for cell, option in product((*EVERYWHERE, "toy-linear"), OPTIONS)
    if has(cell, "packed", option)
]
# cuDNN refuses a batch without rows, and so does its twin.
WITHOUT_ROWS = [
    (cell, path)
    for cell, path in FORWARD
    if path != "cudnn" and (cell in EVERYWHERE or path == "scan")
]
LSTM = [path for cell, path in FORWARD if cell == "lstm"]


def forward(given, *, cell, path, sequences, trace):
    return PATHS[path].forward(CELLS[cell], given, sequences, trace)


def assert_follows(expected, run, cell, dtype):
    """Sequences and states are those of somebody else."""
    shown, state = expected
    assert len(run.sequences) == len(shown)
    for name, got, want in zip(CELLS[cell].state_names, run.sequences, shown, strict=False):
        assert_close(got, want, VALUES[dtype], f"{name} of every step")
    for name, got, want in zip(CELLS[cell].state_names, run.state, state, strict=True):
        assert_close(got, want, VALUES[dtype], f"last {name}")


@pytest.mark.parametrize("kind", MASKS)
@pytest.mark.parametrize(("sequences", "trace"), [(1, True), (1, False), (0, False)])
@pytest.mark.parametrize("path", LSTM)
def test_whatever_is_kept_a_run_follows_the_reference(path, sequences, trace, kind):
    given = operands("several windows", kind)
    kept = {"sequences": sequences, "trace": trace}
    run = in_graph(forward, given, cell="lstm", path=path, **kept)
    shown, state = by_reference("lstm", given)
    assert_follows((shown[:sequences], state), run, "lstm", "float64")
    assert bool(run.trace) == trace


# Rows are few or many for the packed path, which takes another op for few in float32.
@pytest.mark.parametrize("kind", MASKS)
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(("cell", "path", "sequences"), COUNTED)
def test_what_an_artefact_runs_follows_autodiff_s_path_at_every_size(
    cell, path, sequences, size, kind
):
    given = operands(size, kind, cell=CELLS[cell], dtype="float32")
    run = in_graph(forward, given, cell=cell, path=path, sequences=sequences, trace=False)
    expected = by_autodiff.answers(size, kind, "all weights", sequences, cell)[:2]
    assert_follows(expected, run, cell, "float32")


@pytest.mark.parametrize("kind", ["none", "left", "holes"])
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(("cell", "path"), EXPORTED)
def test_what_an_artefact_runs_may_know_the_size(cell, path, size, kind):
    given = operands(size, kind, cell=CELLS[cell], dtype="float32")
    static = {"cell": cell, "path": path, "sequences": 1, "trace": False}
    run = tf.function(lambda: forward(given, **static), autograph=False)()
    expected = by_autodiff.answers(size, kind, "all weights", 1, cell)[:2]
    assert_follows(expected, run, cell, "float32")


@pytest.mark.parametrize("kind", MASKS)
@pytest.mark.parametrize(("cell", "option"), PACKED)
def test_what_an_artefact_runs_has_every_option_and_any_cell(cell, option, kind):
    given = operands("odd batch", kind, option, CELLS[cell])
    run = in_graph(forward, given, cell=cell, path="packed", sequences=1, trace=False)
    expected = by_autodiff.answers("odd batch", kind, option, 1, cell)[:2]
    assert_follows(expected, run, cell, "float64")


@pytest.mark.parametrize(("cell", "path"), WITHOUT_ROWS)
@pytest.mark.parametrize("masked", [False, True])
def test_a_batch_without_rows_gives_none(cell, path, masked):
    given = operands("one row", "full" if masked else "none", cell=CELLS[cell])
    none = given._replace(
        inputs=given.inputs[:0],
        state=tuple(s[:0] for s in given.state),
        mask=given.mask[:0] if masked else None,
    )
    run = in_graph(forward, none, cell=cell, path=path, sequences=1, trace=False)
    assert [s.shape for s in run.sequences] == [(0, 3, given.state[0].shape[1])]
    assert [s.shape for s in run.state] == [(0, s.shape[1]) for s in given.state]


@pytest.mark.parametrize(("cell", "path"), FORWARD)
def test_nothing_has_the_types_and_ranks_of_a_trace(cell, path):
    given = operands("odd batch", cell=CELLS[cell])
    nothing = in_graph(lambda given: PATHS[path].empty(CELLS[cell], given), given)
    trace = in_graph(forward, given, cell=cell, path=path, sequences=1, trace=True).trace
    assert [(t.dtype, t.shape.rank) for t in nothing] == [(t.dtype, t.shape.rank) for t in trace]
    assert [int(np.prod(tensor.shape)) for tensor in nothing] == [0] * len(trace)


@pytest.mark.parametrize("kind", ["none", "left", "holes"])
@pytest.mark.parametrize("size", ["one step", "one row", "several windows"])
def test_with_few_steps_a_scan_is_the_loop(size, kind):
    given = operands(size, kind, cell=CELLS["toy-linear"])
    for steps in (1, given.inputs.shape[1]):
        mask = None if given.mask is None else given.mask[:, :steps]
        short = given._replace(inputs=given.inputs[:, :steps], mask=mask)
        runs = [
            in_graph(forward, short, cell="toy-linear", path=path, sequences=1, trace=False)
            for path in ("scan", "loop")
        ]
        for got, want in zip(*(map(numpy, (*r.sequences, *r.state)) for r in runs), strict=True):
            assert_close(got, want, VALUES["float64"])
