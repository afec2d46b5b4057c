"""One step of a cell: its declaration, its hand-written derivative and its scan are checked.

The operands of a step are drawn in float64. Its states are those after a few steps from the
initial ones, so that they are states that the cell can be in: a sum of weights is positive.
"""

from collections.abc import Mapping
from typing import Any, get_args

import keras
import numpy as np
from keras import ops

from nlpkit.cells import Cell, GateRole
from nlpkit.testing.autodiff import cotangents, vjp
from nlpkit.testing.finite_differences import directional_derivative
from nlpkit.testing.tolerances import FINITE_DIFFERENCES, GRADIENTS, VALUES, assert_close

__all__ = ["BATCH", "FEATURES", "UNITS", "check_cell", "sample_operands", "step", "step_arguments"]

Arrays = dict[str, np.ndarray]

BATCH, FEATURES, UNITS = 4, 2, 6


def check_cell(cell: Cell, *, seed: int = 0) -> None:
    """Checks a cell: what it declares, and its derivatives.

    * `step` gives states of the declared widths, and keeps every gate.
    * Autodiff of `step` agrees with finite differences (on TensorFlow and torch).
    * The derivative by hand, if there is one, agrees with autodiff.
    * `scan`, if there is one, gives for all steps at once what `step` gives for each.

    Args:
        cell: The cell. Its weights are drawn.
        seed: Of all that is drawn.

    Raises:
        AssertionError: If something differs; it says what, and by how much.

    Example:
        >>> from nlpkit.cells import GRU
        >>> check_cell(GRU)
    """
    _check_declaration(cell, step_arguments(cell, sample_operands(cell, seed, steps=0)))
    arguments = step_arguments(cell, sample_operands(cell, seed))
    expected = _by_autodiff(cell, arguments, seed)
    if keras.backend.backend() != "jax":  # where keras.ops.tanh answers in float32
        _check_against_finite_differences(cell, arguments, expected, seed)
    if cell.hand_derivative:
        _check_same(_by_hand(cell, arguments, seed), expected)
    if cell.scan:
        _check_scan(cell, arguments)


def sample_operands(cell: Cell, seed: int = 0, *, steps: int = 3) -> Arrays:
    """Draws what a step is computed from.

    Args:
        cell: The cell.
        seed: Equal seeds give equal operands.
        steps: How many steps lie between the initial states and these.

    Returns:
        By name `inputs` [BATCH, FEATURES], the states and the weights, float64.
    """
    rng = np.random.default_rng(seed)
    sizes: dict[Any, Any] = cell.sizes(FEATURES, UNITS)
    arrays = {
        weight.name: rng.normal(size=[sizes.get(axis, axis) for axis in weight.shape])
        for weight in cell.weights
    }
    for state in cell.states:
        arrays[state.name] = np.full((BATCH, sizes[state.width]), state.initial)
    for _ in range(steps):
        after, _ = step(cell, step_arguments(cell, {**arrays, "inputs": _inputs(rng)}))
        arrays |= _numpy(dict(zip(cell.state_names, after, strict=True)))
    return {**arrays, "inputs": _inputs(rng)}


def step_arguments(cell: Cell, operands: Mapping[str, np.ndarray]) -> Arrays:
    """What `step` reads: products, states and weights.

    Args:
        cell: The cell.
        operands: As `sample_operands` gives them.

    Returns:
        By name `x`, `r` and, for gates inside of the step, their columns, `inner`; the states;
        the weights with the role "step".
    """
    tensors = {name: ops.convert_to_tensor(array) for name, array in operands.items()}
    (kernel,) = _of_role(cell, "input", tensors).values()
    product = ops.matmul(tensors["inputs"], kernel)
    arguments = {"x": cell.prepared(product, _of_role(cell, "prepare", tensors))}
    if cell.recurrent:
        (recurrent,) = _of_role(cell, "recurrent", tensors).values()
        columns = (len(cell.gates) - len(cell.inside)) * UNITS
        outside, inside = ops.split(recurrent, [columns], axis=1)
        arguments["r"] = ops.matmul(tensors[cell.state_names[0]], outside)
        arguments |= {"inner": inside} if cell.inside else {}
    arguments |= {name: tensors[name] for name in cell.state_names}
    return _numpy(arguments | _of_role(cell, "step", tensors))


def step(cell: Cell, arguments: Mapping[str, Any]) -> tuple[tuple, Any]:
    """Calls a cell's `step`.

    Args:
        cell: The cell.
        arguments: As `step_arguments` gives them, arrays or tensors.

    Returns:
        The states after the step, and what it keeps.
    """
    given = {name: ops.convert_to_tensor(value) for name, value in arguments.items()}
    inner = {"inner": lambda v: ops.matmul(v, given["inner"])} if cell.inside else {}
    state = tuple(given[name] for name in cell.state_names)
    weights = _of_role(cell, "step", given)
    return cell.step(given["x"], given.get("r"), state, weights, **cell.options, **inner)


def _inputs(rng):
    """Inputs wide enough that gates are open, shut and between."""
    return rng.normal(size=(BATCH, FEATURES)) * 1.5


def _of_role(cell, role, values):
    """The weights of a role by name."""
    return {w.name: values[w.name] for w in cell.weights if role in w.roles}


def _numpy(tensors):
    return {name: ops.convert_to_numpy(tensor) for name, tensor in tensors.items()}


def _check_declaration(cell, arguments):
    """`step` gives what is declared."""
    after, kept = step(cell, arguments)
    sizes = cell.sizes(FEATURES, UNITS)
    got = [tuple(state.shape) for state in after]
    expected = [(BATCH, sizes[state.width]) for state in cell.states]
    if got != expected:
        raise AssertionError(f"the states after a step have the shapes {got}, expected {expected}")
    if missing := [gate for gate in cell.gates if gate not in cell.kept]:
        raise AssertionError(f"`kept` lacks the gates {missing}, has {list(cell.kept)}")
    if unknown := sorted(set(cell.gate_roles.values()) - set(get_args(GateRole))):
        raise AssertionError(f"`gate_roles` has {unknown}, expected of {list(get_args(GateRole))}")
    if tuple(kept.shape) != (BATCH, len(cell.kept) * UNITS):
        raise AssertionError(
            f"what a step keeps has the shape {tuple(kept.shape)}, expected "
            f"{(BATCH, len(cell.kept) * UNITS)}: {UNITS} columns for each of {list(cell.kept)}"
        )


def _by_autodiff(cell, arguments, seed):
    """The derivatives by all arguments of a step, of random cotangents."""

    def states(*values):
        return step(cell, dict(zip(arguments, values, strict=True)))[0]

    _, gradients = vjp(states, [], list(arguments.values()), seed=seed)
    return dict(zip(arguments, gradients, strict=True))


def _by_hand(cell, arguments, seed):
    """The same by the derivative by hand, which may take several steps at once: here two."""
    given = {name: ops.convert_to_tensor(value) for name, value in arguments.items()}
    after, kept = step(cell, given)
    weights = _of_role(cell, "step", given)
    state = tuple(_in_two_steps(given[name]) for name in cell.state_names)
    local = cell.derivative.local(_in_two_steps(kept), state, weights)
    dstate = tuple(_in_two_steps(ops.convert_to_tensor(d)) for d in cotangents(after, seed))
    dx, dr, dbefore = cell.derivative.adjoint(local, dstate, weights)
    gradients = {"x": dx, "r": dr, **dict(zip(cell.state_names, dbefore, strict=True))}
    gradients = {name: ops.reshape(d, (BATCH, -1)) for name, d in gradients.items()}
    if weights:
        gradients |= cell.derivative.weights(_in_two_steps(kept), state, dx, dr)
    return _numpy(gradients)


def _in_two_steps(rows):
    """[B, N] as [T, B / T, N]."""
    return ops.reshape(rows, (2, BATCH // 2, -1))


def _check_same(got, expected):
    """The derivatives by hand are there, and those of autodiff."""
    if got.keys() != expected.keys():
        raise AssertionError(
            f"the derivative by hand is by {sorted(got)}, expected {sorted(expected)}"
        )
    for name, want in expected.items():
        assert_close(got[name], want, GRADIENTS["float64"], f"the derivative by {name}, by hand")


def _check_against_finite_differences(cell, arguments, gradients, seed):
    """Along a random direction of all arguments together."""
    rng = np.random.default_rng(seed)
    direction = {name: rng.normal(size=value.shape) for name, value in arguments.items()}
    length = np.sqrt(sum(np.sum(d**2) for d in direction.values()))
    direction = {name: d / length for name, d in direction.items()}

    def loss(values):
        after = [ops.convert_to_numpy(state) for state in step(cell, values)[0]]
        pairs = zip(cotangents(after, seed), after, strict=True)
        return sum(np.sum(cotangent * state) for cotangent, state in pairs)

    got = sum(np.sum(gradients[name] * d) for name, d in direction.items())
    expected = directional_derivative(loss, arguments, direction)
    assert_close(got, expected, FINITE_DIFFERENCES, "the derivative of `step` by autodiff")


def _check_scan(cell, arguments):
    """All steps at once are the steps one by one."""
    given = {name: ops.convert_to_tensor(value) for name, value in arguments.items()}
    x, h, weights = given["x"], given[cell.state_names[0]], _of_role(cell, "step", given)
    (a, b), all_kept = cell.scan(_in_two_steps(x), weights, **cell.options)
    (after,), kept = step(cell, arguments)
    got = a * _in_two_steps(h) + b
    assert_close(got, _in_two_steps(after), VALUES["float64"], "the state by `scan`")
    assert_close(all_kept, _in_two_steps(kept), VALUES["float64"], "what `scan` keeps")
