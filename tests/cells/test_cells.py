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


ROLES = {
    "simple-rnn": {},
    "lstm-1997": {"i": "input"},
    "coupled-lstm": {"i": "input"},
    **dict.fromkeys(("gru", "gru-reset-before", "layer-norm-gru"), {"z": "update"}),
    "min-gru": {"z": "input"},
}
SHUT, OPEN = -40.0, 40.0
WITHOUT_EFFECT = {  # what the new memory does not depend on, and where the gate is then
    "forget": ("memory", SHUT),
    "input": ("candidate", SHUT),
    "update": ("candidate", OPEN),
}


def new_memory(cell, arrays, gate, at, changed=None):
    """The memory after a step in which a gate is shut or open; a little else may be changed."""
    memory = "c" if "c" in cell.state_names else "h"
    arguments = step_arguments(cell, arrays)
    x, more = arguments["x"].reshape(BATCH, len(cell.gates), UNITS), np.linspace(0.1, 0.3, UNITS)
    x[:, cell.gates.index(gate)] = at
    if changed == "candidate":
        x[:, cell.gates.index("z" if cell.name == "slstm" else "g")] += more
    elif changed == "memory":
        arguments[memory] = arguments[memory] + more
    after, _ = step(cell, {**arguments, "x": x.reshape(BATCH, -1)})
    return ops.convert_to_numpy(after[cell.state_names.index(memory)])


@ALL
def test_gates_do_what_their_roles_say(cell):
    roles = {gate: role for gate, role in cell.gate_roles.items() if gate in cell.gates}
    assert roles == ROLES.get(cell.name, {"f": "forget", "i": "input"})
    assert cell.forget_gate == ("f" if "f" in roles else None)
    arrays = sample_operands(cell)
    arrays |= {name: 0 * array for name, array in arrays.items() if "peephole" in name}
    for gate, role in roles.items():
        changed, none = WITHOUT_EFFECT[role]
        for at in (SHUT, OPEN):
            one, other = (new_memory(cell, arrays, gate, at, each) for each in (None, changed))
            assert (np.abs(one - other).max() < 1e-6) == (at == none), (gate, at)


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
