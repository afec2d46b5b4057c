"""Any mask is legal, means the same everywhere, and is handed on."""

from itertools import product

import keras
import numpy as np
import pytest
from keras import ops

from nlpkit.layers import FAMILY, LSTM
from nlpkit.testing import MASKS, VALUES, assert_close, draw_mask
from tests import reference
from tests.layers.members import every_member

BATCH, TIME, FEATURES, UNITS = 4, 5, 3, 6

# Keras's loops disagree on what a masked first step outputs: JAX's begins with the initial h.
STARTS_FROM_ZERO = keras.backend.backend() != "jax"
# The type; with a state, backwards, zeros for outputs. One call with all of them is in float64.
OPTIONS = [*product(["float32"], *[[False, True]] * 3), ("float64", True, True, True)]


def inputs(dtype="float32"):
    """Sequences and an initial state."""
    rng = np.random.default_rng(0)
    shapes = [(BATCH, TIME, FEATURES), (BATCH, UNITS), (BATCH, UNITS)]
    sequences, *state = [rng.normal(size=shape).astype(dtype) for shape in shapes]
    return sequences, state


@pytest.mark.parametrize("kind", MASKS)
@pytest.mark.parametrize(("dtype", "with_state", "go_backwards", "zero"), OPTIONS)
def test_the_layer_follows_the_reference(kind, dtype, with_state, go_backwards, zero):
    assert_follows_reference(FAMILY["lstm"], kind, dtype, with_state, go_backwards, zero)


@pytest.mark.parametrize("kind", [kind for kind in MASKS if kind != "none"])
@every_member
def test_every_member_follows_the_reference_backwards(member, kind):
    # Every second kind with the other options: what they do is the same code for all members.
    other = list(MASKS).index(kind) % 2 == 0
    assert_follows_reference(member, kind, "float32", False, True, other)


def assert_follows_reference(member, kind, dtype, with_state, go_backwards, zero):
    sequences, state = inputs(dtype)
    initial_state = state if with_state else None
    mask = draw_mask(kind, BATCH, TIME)
    options = {"go_backwards": go_backwards, "zero_output_for_mask": zero}
    layer = member.make(UNITS, return_sequences=True, return_state=True, dtype=dtype, **options)
    got = layer(sequences, initial_state=initial_state, mask=mask)
    weights = {
        name: ops.convert_to_numpy(w) for name, w in layer.cell.weights_by_name(dtype).items()
    }
    options |= {"mask": mask, "initial_state": initial_state}
    outputs, states = reference.run(
        member.name, sequences, weights, starts_from_zero=STARTS_FROM_ZERO, **options
    )
    names = ["outputs", *layer.state_names]
    for name, tensor, want in zip(names, got, [outputs, *states], strict=True):
        assert_close(ops.convert_to_numpy(tensor), want, VALUES[dtype], name)


@pytest.mark.parametrize("kind", [kind for kind in MASKS if kind != "none"])
def test_what_a_mask_hides_does_not_matter(kind):
    sequences, _ = inputs()
    mask = draw_mask(kind, BATCH, TIME)
    layer = LSTM(UNITS, return_sequences=True)
    other = np.where(mask[..., None], sequences, np.nan).astype("float32")
    got, expected = layer(other, mask=mask), layer(sequences, mask=mask)
    assert_close(ops.convert_to_numpy(got), ops.convert_to_numpy(expected), VALUES["float32"])


def test_an_empty_row_keeps_the_initial_state_and_outputs_what_keras_does():
    sequences, state = inputs()
    layer = LSTM(UNITS, return_sequences=True, return_state=True)
    mask = draw_mask("all empty", BATCH, TIME)
    outputs, *states = layer(sequences, initial_state=state, mask=mask)
    before = np.zeros_like(state[0]) if STARTS_FROM_ZERO else state[0]
    for step in range(TIME):
        np.testing.assert_array_equal(ops.convert_to_numpy(outputs)[:, step], before)
    for got, want in zip(states, state, strict=True):
        np.testing.assert_array_equal(ops.convert_to_numpy(got), want)


@pytest.mark.parametrize("return_state", [False, True])
@every_member
def test_a_sequence_carries_its_mask_on_and_a_last_output_carries_none(member, return_state):
    mask = draw_mask("right", BATCH, TIME)
    states = [None] * len(member.cell.states) if return_state else []
    for return_sequences, expected in [(True, mask), (False, None)]:
        layer = member.make(UNITS, return_sequences=return_sequences, return_state=return_state)
        got = layer.compute_mask(None, mask)
        got = got if return_state else [got]
        assert got[0] is expected and got[1:] == states


def test_the_cell_states_of_every_step_carry_the_mask_on():
    mask = draw_mask("right", BATCH, TIME)
    layer = LSTM(UNITS, return_cell_sequences=True, return_state=True, num_layers=2)
    assert layer.compute_mask(None, mask) == [None, mask, None, None, None, None]


@pytest.mark.parametrize("shape", [(BATCH,), (BATCH, TIME - 1), (1, TIME), (BATCH, TIME, 1, 1)])
def test_a_mask_of_another_shape_is_named(shape):
    sequences = np.zeros((BATCH, TIME, FEATURES), "float32")
    with pytest.raises(ValueError, match=r"`mask` must be \[batch, time\], as the inputs have"):
        LSTM(UNITS)(sequences, mask=np.ones(shape, bool))


def test_a_mask_passes_through_a_stack():
    ids = np.array([[1, 2, 0, 0], [3, 0, 4, 0], [0, 0, 0, 0]])
    embedding = keras.layers.Embedding(5, FEATURES, mask_zero=True)
    first, second = LSTM(4, return_sequences=True), LSTM(3)
    stack = keras.Sequential([embedding, first, second])
    by_hand = second(first(embedding(ids), mask=ids != 0), mask=ids != 0)
    got, expected = ops.convert_to_numpy(stack(ids)), ops.convert_to_numpy(by_hand)
    assert_close(got, expected, VALUES["float32"])
    assert not got[2].any()
