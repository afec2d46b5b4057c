"""Every cell of the table: its step against NumPy, and what `check_cell` checks."""

import keras
import numpy as np
import pytest
from keras import ops

from nlpkit.cells import CELLS
from nlpkit.testing import VALUES, assert_close, check_cell, vjp
from nlpkit.testing.cells import BATCH, FEATURES, UNITS, sample_operands, step, step_arguments
from tests import reference

ALL = pytest.mark.parametrize("cell", CELLS.values(), ids=CELLS)
BY_HAND = {name: cell for name, cell in CELLS.items() if cell.derivative}


@ALL
def test_the_declaration_names_its_table_entry(cell):
    assert CELLS[cell.name] is cell


@ALL
def test_a_cell_passes_the_check_of_its_declaration_and_derivatives(cell):
    check_cell(cell)


@ALL
def test_step_follows_the_reference(cell):
    arrays = sample_operands(cell)
    got, _ = step(cell, step_arguments(cell, arrays))
    weights = {w.name: arrays[w.name] for w in cell.weights}
    state = [arrays[name] for name in cell.state_names]
    _, expected = reference.run(cell.name, arrays["inputs"][:, None], weights, initial_state=state)
    for name, tensor, want in zip(cell.state_names, got, expected, strict=True):
        assert_close(ops.convert_to_numpy(tensor), want, VALUES["float64"], name)


@ALL
def test_other_options_are_another_cell_and_equal_ones_the_same(cell):
    other = cell.with_options(activation=keras.activations.relu)
    assert other.options == {**cell.options, "activation": keras.activations.relu}
    assert other is cell.with_options(activation=keras.activations.relu)
    assert (other.name, other.weights) == (cell.name, cell.weights)
    assert cell.with_options(**cell.options) is cell


@pytest.mark.parametrize("cell", BY_HAND.values(), ids=BY_HAND)
def test_a_derivative_by_hand_is_for_its_own_options_alone(cell):
    assert cell.hand_derivative is cell.derivative
    for name in cell.options:
        other = 2.0 if name == "cell_clip" else keras.activations.relu
        assert cell.with_options(**{name: other}).hand_derivative is None, name


@pytest.mark.parametrize("dtype", ["float16", "float32"])
@pytest.mark.parametrize("name", ["slstm", "min-lstm"])
def test_gates_that_divide_stay_finite_however_large_what_they_receive(name, dtype):
    cell, sizes = CELLS[name], CELLS[name].sizes(FEATURES, UNITS)
    rng = np.random.default_rng(0)
    columns = len(cell.gates) * UNITS
    state = [np.full((64, sizes[s.width]), s.initial, dtype) for s in cell.states]
    for _ in range(6):
        x = 80.0 * rng.integers(-1, 2, size=(64, columns)).astype(dtype)

        def stepped(x, *state):
            return cell.step(x, ops.zeros_like(x), state, {}, **cell.options)[0]

        after, derivatives = vjp(stepped, [], [x, *state])
        for array in (*after, *derivatives):
            assert np.all(np.isfinite(array))
        state = after


def test_the_slstm_does_not_depend_on_where_its_stabiliser_begins():
    cell, arrays = CELLS["slstm"], sample_operands(CELLS["slstm"])
    arrays |= {"c": np.zeros((BATCH, UNITS)), "n": np.zeros((BATCH, UNITS))}
    (h, *_), _ = step(cell, step_arguments(cell, arrays))
    for begins in (0.0, -1e4):
        arrays["m"] = np.full((BATCH, UNITS), begins)
        (other, *_), _ = step(cell, step_arguments(cell, arrays))
        assert_close(ops.convert_to_numpy(other), ops.convert_to_numpy(h), VALUES["float64"])
