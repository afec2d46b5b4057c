"""States: handed in, learned, kept, read and set; and what is said of wrong ones."""

import keras
import numpy as np
import pytest
from keras import ops

from nlpkit.errors import InputError
from nlpkit.layers import FAMILY, GRU, LSTM
from nlpkit.testing import VALUES, assert_close
from tests.layers.members import KINDS, every_kind

BATCH, TIME, FEATURES, UNITS = 3, 5, 2, 4

on_tensorflow = pytest.mark.skipif(
    keras.backend.backend() != "tensorflow", reason="only TensorFlow traces unknown batches"
)


def sequences(batch=BATCH):
    return np.random.default_rng(0).normal(size=(batch, TIME, FEATURES)).astype("float32")


def numpy(tensor):
    return ops.convert_to_numpy(tensor)


def states_of(layer, batch=BATCH, seed=1):
    """States drawn alike for all layers."""
    rng = np.random.default_rng(seed)
    return [rng.normal(size=(batch, width)).astype("float32") for width in layer.state_size]


@every_kind
def test_one_row_of_states_serves_all_rows(member):
    layer = member.make(UNITS, return_sequences=True)
    one = states_of(layer, batch=1)
    every = [np.repeat(state, BATCH, axis=0) for state in one]
    got, expected = (layer(sequences(), initial_state=state) for state in (one, every))
    assert_close(numpy(got), numpy(expected), VALUES["float32"])


@on_tensorflow
def test_one_row_of_states_serves_a_batch_that_a_graph_does_not_know():
    import tensorflow as tf

    layer = LSTM(UNITS)
    one = states_of(layer, batch=1)
    graph = tf.function(
        lambda inputs: layer(inputs, initial_state=one),
        input_signature=[tf.TensorSpec([None, TIME, FEATURES])],
    )
    expected = layer(sequences(), initial_state=one)
    assert_close(graph(tf.constant(sequences())), expected, VALUES["float32"])


# What is handed in for h [3, 4] and c [3, 4], and what is said of it.
WRONG = {
    "too few": ([(3, 4)], r"got 1: \[3, 4\]\."),
    "too many": ([(3, 4)] * 3, r"got 3: \[3, 4\], \[3, 4\], \[3, 4\]\."),
    "width": ([(3, 5), (3, 4)], r"got 2: \[3, 5\], \[3, 4\]\."),
    "rows": ([(2, 4), (2, 4)], r"got 2: \[2, 4\], \[2, 4\]\."),
    "rank": ([(4,), (3, 4)], r"got 2: \[4\], \[3, 4\]\."),
}


@pytest.mark.parametrize(("shapes", "sentence"), WRONG.values(), ids=WRONG)
def test_wrong_states_are_answered_by_a_sentence(shapes, sentence):
    states = [np.zeros(shape, "float32") for shape in shapes]
    wanted = r"`initial_state` must be a list of 2: h \[3, 4\], c \[3, 4\]; "
    with pytest.raises(ValueError, match=wanted + sentence):
        LSTM(UNITS)(sequences(), initial_state=states)


def test_a_single_tensor_and_nested_lists_are_answered_by_a_sentence():
    state = np.zeros((BATCH, UNITS), "float32")
    with pytest.raises(ValueError, match=r"must be a list of 2: .*; got 1: \[3, 4\]\."):
        LSTM(UNITS)(sequences(), initial_state=state)
    with pytest.raises(ValueError, match=r"got 1: a list\."):
        LSTM(UNITS)(sequences(), initial_state=[[state, state]])
    assert GRU(UNITS)(sequences(), initial_state=state).shape == (BATCH, UNITS)


@every_kind
def test_states_that_are_learned_are_trained_saved_and_used(member, tmp_path):
    layer = member.make(UNITS, learned_initial_state=True)
    model = keras.Sequential([keras.Input((TIME, FEATURES)), layer])
    first = numpy(model(sequences()))
    model.compile(keras.optimizers.SGD(0.5), "mse", run_eagerly=True)
    model.fit(sequences(), np.ones(first.shape), verbose=0)
    names = [f"initial_{state.name}" for state in member.cell.states if not state.tied]
    learned = {w.name: numpy(w) for w in layer.trainable_weights if w.name in names}
    assert [*learned] == names
    assert np.abs(learned["initial_h"]).max() > 0 or member.cell.scan is None
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    assert_close(numpy(again(sequences())), numpy(model(sequences())), VALUES["float32"])
    plain = member.make(UNITS)
    plain.build((BATCH, TIME, FEATURES))
    given = plain.get_initial_state(BATCH)
    given[: len(names)] = [np.repeat(learned[name][None], BATCH, axis=0) for name in names]
    for weight, of in zip(plain.trainable_weights, layer.cell.trainable_weights, strict=True):
        weight.assign(of)
    expected = plain(sequences(), initial_state=given)
    assert_close(numpy(model(sequences())), numpy(expected), VALUES["float32"])


def test_states_that_could_not_be_learned_or_read_are_refused():
    with pytest.raises(InputError, match="`learned_initial_state` must be False where `stateful`"):
        LSTM(UNITS, stateful=True, learned_initial_state=True)
    with pytest.raises(InputError, match=r"^layer 'a' must be built before it gives initial sta"):
        LSTM(UNITS, learned_initial_state=True, name="a").get_initial_state(BATCH)


@on_tensorflow
def test_rows_that_the_graph_does_not_know_are_spread_or_refused():
    import tensorflow as tf

    layer = GRU(UNITS)
    unknown = [tf.TensorSpec([None, TIME, FEATURES]), tf.TensorSpec([None, UNITS])]
    graph = tf.function(lambda x, h: layer(x, initial_state=h), input_signature=unknown)
    (state,) = states_of(layer)
    for rows in (state, state[:1]):
        expected = layer(sequences(), initial_state=rows)
        assert_close(numpy(graph(sequences(), rows)), numpy(expected), VALUES["float32"])
    sentence = r"`initial_state` must have one row, or as many as the inputs, got.*2"
    with pytest.raises(tf.errors.InvalidArgumentError, match=sentence):
        graph(sequences(), state[:2])


@every_kind
def test_states_of_a_stateful_layer_are_read_set_and_set_back(member):
    layer = member.make(UNITS, stateful=True)
    first = numpy(layer(sequences()))
    kept = [numpy(state) for state in layer.states]
    second = numpy(layer(sequences()))
    layer.reset_state(kept)
    assert_close(numpy(layer(sequences())), second, VALUES["float32"])
    layer.reset_state()
    assert_close(numpy(layer(sequences())), first, VALUES["float32"])


def test_states_are_set_where_they_are_kept_only():
    with pytest.raises(ValueError, match=r"`states` must be None where `stateful` is False"):
        LSTM(UNITS).reset_state([np.zeros((BATCH, UNITS))])
    layer = LSTM(UNITS, stateful=True)
    layer(sequences())
    with pytest.raises(ValueError, match=r"must be a list of 2: .*; got 1: \[3, 4\]\."):
        layer.reset_state([np.zeros((BATCH, UNITS))])


@every_kind
def test_another_batch_than_that_of_a_stateful_layer_is_named(member):
    layer = member.make(UNITS, stateful=True)
    layer(sequences())
    sentence = "a stateful layer takes batches of the size it was built for, 3, got 2."
    with pytest.raises(ValueError, match=sentence):
        layer(sequences(2))


@on_tensorflow
@every_kind
def test_a_graph_that_does_not_know_the_batch_says_the_same(member):
    import tensorflow as tf

    layer = member.make(UNITS, stateful=True)
    layer(sequences())
    graph = tf.function(layer, input_signature=[tf.TensorSpec([None, TIME, FEATURES])])
    graph(tf.constant(sequences()))
    sentence = r"a stateful layer takes batches of the size it was built for, 3, got.*2"
    with pytest.raises(tf.errors.InvalidArgumentError, match=sentence):
        graph(tf.constant(sequences(2)))


CELL_STATES = [name for name, member in FAMILY.items() if "c" in member.cell.state_names]


@pytest.mark.parametrize("name", [name for name in KINDS if name in CELL_STATES])
@pytest.mark.parametrize("mask", [None, [[1, 1, 0, 1, 0]] * BATCH], ids=["all", "holes"])
def test_the_cell_state_of_every_step_is_that_of_shorter_sequences(name, mask):
    layer = FAMILY[name].make(
        UNITS, return_sequences=True, return_cell_sequences=True, return_state=True
    )
    mask = None if mask is None else np.array(mask, bool)
    outputs, cells, *states = layer(sequences(), mask=mask)
    assert outputs.shape[:2] == cells.shape[:2] == (BATCH, TIME)
    c = layer.state_names.index("c")
    assert_close(numpy(cells)[:, -1], numpy(states[c]), VALUES["float32"])
    for stop in range(1, TIME):
        part = None if mask is None else mask[:, :stop]
        *_, state = layer(sequences()[:, :stop], mask=part)[2:][: c + 1]
        assert_close(numpy(cells)[:, stop - 1], numpy(state), VALUES["float32"])


@pytest.mark.parametrize("name", [name for name in KINDS if name in CELL_STATES])
@pytest.mark.parametrize("zero", [False, True])
@pytest.mark.parametrize("backwards", [False, True])
def test_the_cell_state_of_every_step_is_the_same_whoever_runs_the_loop(name, zero, backwards):
    arguments = {"return_sequences": True, "return_cell_sequences": True}
    arguments |= {"zero_output_for_mask": zero, "go_backwards": backwards}
    mask = np.array([[0, 1, 1, 0, 0], [0, 0, 1, 1, 0], [0, 1, 0, 1, 1]], bool)
    loop, unrolled = (FAMILY[name].make(UNITS, unroll=u, **arguments) for u in (False, True))
    loop.build((BATCH, TIME, FEATURES))
    unrolled.build((BATCH, TIME, FEATURES))
    unrolled.set_weights(loop.get_weights())
    # On JAX Keras's loop shows the first h, not zero, ahead of the first step that counts.
    states = states_of(loop) if keras.backend.backend() == "tensorflow" else None
    got, expected = (layer(sequences(), states, mask=mask) for layer in (loop, unrolled))
    for mine, other in zip(got, expected, strict=True):
        assert_close(numpy(mine), numpy(other), VALUES["float32"])


def test_the_last_output_can_come_with_all_cell_states():
    layer = LSTM(UNITS, return_cell_sequences=True)
    last, cells = layer(sequences())
    assert last.shape == (BATCH, UNITS) and cells.shape == (BATCH, TIME, UNITS)
    shapes = layer.compute_output_shape((BATCH, TIME, FEATURES))
    assert [tuple(shape) for shape in shapes] == [(BATCH, UNITS), (BATCH, TIME, UNITS)]


def test_cell_states_of_every_step_come_in_both_directions_with_the_last_states():
    layer = LSTM(UNITS, return_sequences=True, return_cell_sequences=True, return_state=True)
    both = keras.layers.Bidirectional(layer)
    outputs, cells, *_, cells_back, _, _ = both(sequences())
    _, alone, *_ = both.forward_layer(sequences())
    _, alone_back, *_ = both.backward_layer(sequences())
    assert outputs.shape == (BATCH, TIME, 2 * UNITS)
    assert_close(numpy(cells), numpy(alone), VALUES["float32"])
    assert_close(numpy(cells_back), numpy(alone_back), VALUES["float32"])


def test_bidirectional_takes_no_cell_states_of_every_step_without_the_last_states():
    with pytest.raises(InputError, match="`return_state` must be True where"):
        keras.layers.Bidirectional(LSTM(UNITS, return_cell_sequences=True))


@pytest.mark.parametrize("name", [name for name in FAMILY if name not in CELL_STATES])
def test_a_cell_without_a_cell_state_has_none_to_return(name):
    with pytest.raises((ValueError, TypeError), match="return_cell_sequences"):
        FAMILY[name].make(UNITS, return_cell_sequences=True)
