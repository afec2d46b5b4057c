"""Every cell of the table: its step against NumPy, its derivative by hand against autodiff."""

import keras
import numpy as np
import pytest
from keras import ops

from nlpkit.cells import CELLS
from tests import reference
from tests.autodiff import cotangents, vjp
from tests.tolerances import FINITE_DIFFERENCES, GRADIENTS, VALUES, assert_close

BATCH, FEATURES, UNITS = 4, 2, 6

ALL = pytest.mark.parametrize("cell", CELLS.values(), ids=CELLS)
BY_HAND = {name: cell for name, cell in CELLS.items() if cell.derivative}
LINEAR = {name: cell for name, cell in CELLS.items() if cell.scan}


def drawn(cell, seed=1):
    """Inputs, states and weights, float64, by name, with gates open, shut and between."""
    rng = np.random.default_rng(seed)
    sizes = cell.sizes(FEATURES, UNITS)
    arrays = {"inputs": rng.normal(size=(BATCH, FEATURES)) * 1.5}
    for state in cell.states:
        arrays[state.name] = rng.normal(size=(BATCH, sizes[state.width]))
    if "n" in cell.state_names:  # the sum of weights, which are positive
        arrays["n"] = 1 + np.abs(arrays["n"])
    for weight in cell.weights:
        arrays[weight.name] = rng.normal(size=[sizes.get(axis, axis) for axis in weight.shape])
    return arrays


def projected(cell, arrays):
    """What a step reads: x, r and, for gates inside of the step, their columns; states, weights."""
    tensors = {name: ops.convert_to_tensor(array) for name, array in arrays.items()}
    weights = {w.name: tensors[w.name] for w in cell.weights}
    product = ops.matmul(tensors["inputs"], weights["kernel"])
    reads = {"x": cell.prepared(product, of_role(cell, "prepare", weights))}
    if cell.recurrent:
        columns = (len(cell.gates) - len(cell.inside)) * UNITS
        outer, inner = ops.split(weights["recurrent_kernel"], [columns], axis=1)
        reads["r"] = ops.matmul(tensors[cell.state_names[0]], outer)
        reads |= {"inner": inner} if cell.inside else {}
    reads |= {name: tensors[name] for name in cell.state_names}
    return reads | of_role(cell, "step", weights)


def of_role(cell, role, weights):
    """The weights of a role by name."""
    return {w.name: weights[w.name] for w in cell.weights if role in w.roles}


def step(cell, reads):
    """The next states, and what is kept."""
    inner = {"inner": lambda v: ops.matmul(v, reads["inner"])} if cell.inside else {}
    state = tuple(reads[name] for name in cell.state_names)
    weights = of_role(cell, "step", reads)
    return cell.step(reads["x"], reads.get("r"), state, weights, **cell.options, **inner)


def numpy(tensors):
    """Tensors by name as arrays."""
    return {name: ops.convert_to_numpy(tensor) for name, tensor in tensors.items()}


def by_autodiff(cell, reads):
    """The derivatives by all that a step reads."""

    def states(*tensors):
        return step(cell, dict(zip(reads, tensors, strict=True)))[0]

    _, gradients = vjp(states, [], list(reads.values()))
    return dict(zip(reads, gradients, strict=True))


def by_hand(cell, reads):
    """The same by the hand-written derivative; half of the rows play a second step."""
    tensors = {name: ops.convert_to_tensor(array) for name, array in reads.items()}
    after, kept = step(cell, tensors)
    dstate = tuple(ops.convert_to_tensor(array) for array in cotangents(after))
    weights = of_role(cell, "step", tensors)
    state = tuple(in_two_steps(tensors[name]) for name in cell.state_names)
    local = cell.derivative.local(in_two_steps(kept), state, weights)
    dstate = tuple(in_two_steps(d) for d in dstate)
    dx, dr, dbefore = cell.derivative.adjoint(local, dstate, weights)
    gradients = {"x": dx, "r": dr, **dict(zip(cell.state_names, dbefore, strict=True))}
    gradients = {name: ops.reshape(d, (BATCH, -1)) for name, d in gradients.items()}
    if weights:
        gradients |= cell.derivative.weights(in_two_steps(kept), state, dx, dr)
    return numpy(gradients)


def in_two_steps(rows):
    """[B, N] as [T, B / T, N]."""
    return ops.reshape(rows, (2, BATCH // 2, -1))


@ALL
def test_the_declaration_names_its_table_entry(cell):
    assert CELLS[cell.name] is cell


@ALL
def test_the_gates_are_kept_for_whoever_looks_at_them(cell):
    _, kept = step(cell, projected(cell, drawn(cell)))
    assert set(cell.gates) <= set(cell.kept)
    assert tuple(kept.shape) == (BATCH, len(cell.kept) * UNITS)


@ALL
def test_step_follows_the_reference(cell):
    arrays = drawn(cell)
    got, _ = step(cell, projected(cell, arrays))
    weights = {w.name: arrays[w.name] for w in cell.weights}
    state = [arrays[name] for name in cell.state_names]
    _, expected = reference.run(cell.name, arrays["inputs"][:, None], weights, initial_state=state)
    for name, tensor, want in zip(cell.state_names, got, expected, strict=True):
        assert_close(ops.convert_to_numpy(tensor), want, VALUES["float64"], name)


@pytest.mark.parametrize("cell", BY_HAND.values(), ids=BY_HAND)
def test_derivative_by_hand_equals_autodiff(cell):
    reads = numpy(projected(cell, drawn(cell)))
    got, expected = by_hand(cell, reads), by_autodiff(cell, reads)
    assert got.keys() == expected.keys()
    for name, want in expected.items():
        assert_close(got[name], want, GRADIENTS["float64"], f"d{name}")


@pytest.mark.skipif(
    keras.backend.backend() == "jax", reason="keras.ops.tanh answers in float32 on JAX"
)
@ALL
def test_derivative_equals_finite_differences(cell):
    rng, small = np.random.default_rng(3), 1e-5
    reads = numpy(projected(cell, drawn(cell)))
    direction = {name: rng.normal(size=array.shape) for name, array in reads.items()}

    def loss(sign):
        moved = {
            n: ops.convert_to_tensor(a + sign * small * direction[n]) for n, a in reads.items()
        }
        states, _ = step(cell, moved)
        pairs = zip(cotangents(states), states, strict=True)
        return sum(np.sum(ct * ops.convert_to_numpy(state)) for ct, state in pairs)

    expected = (loss(1) - loss(-1)) / (2 * small)
    gradients = by_hand(cell, reads) if cell.derivative else by_autodiff(cell, reads)
    got = sum(np.sum(gradients[name] * d) for name, d in direction.items())
    assert np.isfinite(got)
    assert_close(got, expected, FINITE_DIFFERENCES, "directional derivative")


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


@pytest.mark.parametrize("cell", LINEAR.values(), ids=LINEAR)
def test_a_scan_gives_all_steps_at_once_what_the_step_gives_one_by_one(cell):
    reads = projected(cell, drawn(cell))
    ((a, b), all_kept) = cell.scan(in_two_steps(reads["x"]), {}, **cell.options)
    (h,), kept = step(cell, reads)
    got = a * in_two_steps(reads["h"]) + b
    assert_close(
        ops.convert_to_numpy(got), ops.convert_to_numpy(in_two_steps(h)), VALUES["float64"]
    )
    assert_close(
        ops.convert_to_numpy(all_kept),
        ops.convert_to_numpy(in_two_steps(kept)),
        VALUES["float64"],
    )


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
    cell, arrays = CELLS["slstm"], drawn(CELLS["slstm"])
    arrays |= {"c": np.zeros((BATCH, UNITS)), "n": np.zeros((BATCH, UNITS))}
    (h, *_), _ = step(cell, projected(cell, arrays))
    for begins in (0.0, -1e4):
        arrays["m"] = np.full((BATCH, UNITS), begins)
        (other, *_), _ = step(cell, projected(cell, arrays))
        assert_close(ops.convert_to_numpy(other), ops.convert_to_numpy(h), VALUES["float64"])
