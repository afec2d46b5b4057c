"""However a derivative is asked for, it is that of autodiff through the cell."""

import pytest
import tensorflow as tf

from nlpkit.cells import LSTM
from nlpkit.recurrence import recur
from nlpkit.recurrence.kernels import CUDNN, LOOP, PACKED
from nlpkit.testing import GRADIENTS, MASKS, VALUES, assert_close
from tests.recurrence import by_autodiff
from tests.recurrence.cases import CELLS, cotangents, named, operands, with_named
from tests.toys import TOYS

pytestmark = pytest.mark.usefixtures("small_windows")

SIZE, OPTION = "several windows", "all weights"


def flat(results):
    shown, state = results
    return [*shown, *state]


def taped(function, sources, upstream, **tape_options):
    """Results and derivatives by a tape around the function."""
    with tf.GradientTape(**tape_options) as tape:
        tape.watch(list(sources.values()))
        results = function(sources)
    return results, tape.gradient(results, sources, upstream)


def eager(function, sources, upstream):
    return taped(function, sources, upstream)


def persistent(function, sources, upstream):
    return taped(function, sources, upstream, persistent=True)


def around_a_graph(function, sources, upstream):
    return taped(tf.function(function, autograph=False), sources, upstream)


def around_a_jitted_graph(function, sources, upstream):
    jitted = tf.function(function, autograph=False, jit_compile=True)
    return taped(jitted, sources, upstream)


def persistent_around_a_graph(function, sources, upstream):
    return taped(tf.function(function, autograph=False), sources, upstream, persistent=True)


def in_a_graph(function, sources, upstream):
    return tf.function(lambda: taped(function, sources, upstream), autograph=False)()


def in_a_jitted_graph(function, sources, upstream):
    return tf.function(lambda s, u: taped(function, s, u), autograph=False, jit_compile=True)(
        sources, upstream
    )


def around_a_graph_in_a_graph(function, sources, upstream):
    inner = tf.function(function, autograph=False)
    return tf.function(lambda: taped(inner, sources, upstream), autograph=False)()


def by_graph_gradients(function, sources, upstream):
    def run():
        copies = {name: tf.identity(source) for name, source in sources.items()}
        results = function(copies)
        gradients = tf.gradients(results, list(copies.values()), upstream)
        return results, dict(zip(copies, gradients, strict=True))

    return tf.function(run, autograph=False)()


WAYS = {
    function.__name__: function
    for function in (
        eager,
        persistent,
        in_a_graph,
        in_a_jitted_graph,
        around_a_graph,
        around_a_jitted_graph,
        persistent_around_a_graph,
        around_a_graph_in_a_graph,
        by_graph_gradients,
    )
}


def assert_right(way, kind, sequences=1, *, cell="lstm", make=tf.identity):
    given = operands(SIZE, kind, OPTION, CELLS[cell])
    upstream = flat(cotangents(given, sequences))

    def function(sources):
        return flat(recur(CELLS[cell], with_named(given, sources), sequences=sequences))

    sources = {name: make(value) for name, value in named(given).items()}
    results, got = WAYS[way](function, sources, upstream)
    shown, state, want = by_autodiff.answers(SIZE, kind, OPTION, sequences, cell)
    for actual, expected in zip(results, flat((shown, state)), strict=True):
        assert_close(actual, expected, VALUES["float64"], "results")
    assert got.keys() == want.keys()
    for name in want:
        assert_close(got[name], want[name], GRADIENTS["float64"], f"derivative by {name}")


@pytest.mark.parametrize("sequences", [0, 1, 2])
def test_as_many_states_of_every_step_are_given_as_were_wanted(sequences):
    assert_right("eager", "holes", sequences)


@pytest.mark.parametrize("way", WAYS)
def test_every_way_to_ask_for_a_derivative_gives_that_of_autodiff(way):
    assert_right(way, "holes", 0)


# Unlike a tensor that is handed to a graph, a variable is watched while the graph is traced.
@pytest.mark.parametrize("way", WAYS)
def test_every_way_gives_derivatives_by_variables(way):
    assert_right(way, "none", make=tf.Variable)


@pytest.mark.parametrize(
    ("way", "kind"),
    [
        *((way, "holes") for way in ("in_a_graph", "in_a_jitted_graph", "around_a_graph")),
        *(("eager", kind) for kind in MASKS),
    ],
)
@pytest.mark.parametrize("cell", TOYS)
def test_cells_that_no_kernel_was_written_for_have_the_derivatives_of_autodiff(cell, way, kind):
    assert_right(way, kind, cell=cell)


@pytest.mark.parametrize(
    ("way", "kind"), [("eager", "none"), ("eager", "holes"), ("around_a_graph", "right")]
)
@pytest.mark.parametrize("cell", ["lstm", "gru"])
def test_cudnn_s_trace_passes_from_branch_to_branch(cell, way, kind, cudnn_on_cpu, on_cpu):
    on_cpu(CUDNN)
    assert_right(way, kind, cell=cell)


@pytest.mark.parametrize("kind", ["none", "left", "holes"])
@pytest.mark.parametrize("cell", ["lstm", "toy", "toy-by-autodiff"])
def test_what_an_artefact_runs_can_be_differentiated(cell, kind, on_cpu):
    on_cpu(PACKED)
    assert_right("around_a_graph", kind, cell=cell)


def test_a_derivative_by_one_operand_alone_is_given():
    given = operands(SIZE)
    with tf.GradientTape() as tape:
        tape.watch(given.weights["bias"])
        results = flat(recur(LSTM, given))
    got = tape.gradient(results, given.weights["bias"], flat(cotangents(given)))
    want = by_autodiff.answers(SIZE, "none", OPTION, 1, "lstm")[2]["bias"]
    assert_close(got, want, GRADIENTS["float64"])


def test_a_jacobian_is_that_of_autodiff():
    given = operands("one row")

    def jacobian(run):
        with tf.GradientTape(persistent=True) as tape:
            tape.watch(given.inputs)
            (outputs,), _ = run(LSTM, given)
        return tape.jacobian(outputs, given.inputs)

    assert_close(jacobian(recur), jacobian(by_autodiff.run), GRADIENTS["float64"])


def test_results_that_a_loss_does_not_read_count_for_nothing():
    given = operands(SIZE)
    with tf.GradientTape() as tape:
        tape.watch(given.inputs)
        _, (_, c) = recur(LSTM, given)
    dc = cotangents(given)[1][1]
    want = by_autodiff.derivatives(LSTM, given, (), (tf.zeros_like(dc), dc))["inputs"]
    assert_close(tape.gradient(c, given.inputs, dc), want, GRADIENTS["float64"])


@pytest.mark.parametrize("sequences", [0, 1, 2])
@pytest.mark.parametrize("watched", [False, True])
def test_only_a_tape_that_watches_makes_a_run_keep_its_trace(watched, sequences, on_cpu):
    seen = []

    def forward(cell, given, count, trace):
        seen.append((count, trace))
        return LOOP.forward(cell, given, count, trace)

    on_cpu(LOOP._replace(forward=forward))
    given = operands("one step")
    with tf.GradientTape() as tape:
        if watched:
            tape.watch(given.inputs)
        recur(LSTM, given, sequences=sequences)
    assert set(seen) == {(sequences, watched)}


def test_shapes_that_are_known_stay_known():
    @tf.function(autograph=False)
    def run(given):
        return recur(LSTM, given, sequences=2)

    specification = tf.nest.map_structure(
        lambda t: None if t is None else tf.TensorSpec(t.shape, t.dtype), operands(SIZE)
    )
    shapes = run.get_concrete_function(specification).output_shapes
    assert [s.as_list() for s in shapes[0]] == [[3, 11, 3]] * 2
    assert [s.as_list() for s in shapes[1]] == [[3, 3]] * 2
