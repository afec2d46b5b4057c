"""Every cell again, in float64 NumPy loops as slow and plain as possible: the oracle of the tests.

One row and one step at a time, so that nothing is shared with the code under test, not even the
way in which it batches.
"""

from collections.abc import Callable

import numpy as np


def sigmoid(z: np.ndarray) -> np.ndarray:
    """The logistic function."""
    return 1 / (1 + np.exp(-z))


def lstm_step(x: np.ndarray, r: np.ndarray, h: np.ndarray, c: np.ndarray) -> tuple:
    """One step of one row: projections [4U], states [U]."""
    z_i, z_f, z_g, z_o = np.split(x + r, 4)
    c = sigmoid(z_f) * c + sigmoid(z_i) * np.tanh(z_g)
    return sigmoid(z_o) * np.tanh(c), c


STEPS = {"lstm": (lstm_step, 2)}


def run(
    name: str,
    inputs: np.ndarray,
    weights: list[np.ndarray],
    *,
    mask: np.ndarray | None = None,
    initial_state: list[np.ndarray] | None = None,
    go_backwards: bool = False,
    zero_output_for_mask: bool = False,
    starts_from_zero: bool = True,
) -> tuple[np.ndarray, list[np.ndarray]]:
    """A cell along time.

    Args:
        name: Key of `STEPS`.
        inputs: [B, T, I].
        weights: kernel [I, G·U], recurrent kernel [U, G·U] and bias [G·U].
        mask: [B, T], false at steps to skip. Default: none is skipped.
        initial_state: One [B, U] for each state. Default: zeros.
        go_backwards: Whether to begin with the last step.
        zero_output_for_mask: Whether a skipped step's output is zero, not the one before.
        starts_from_zero: Whether the output before the first step is zero, not the initial h.

    Returns:
        Outputs [B, T, U] in the order of computation, and the last states [B, U].
    """
    step, states = STEPS[name]
    batch, time, _ = inputs.shape
    units = weights[1].shape[0]
    if mask is None:
        mask = np.ones((batch, time), bool)
    if initial_state is None:
        initial_state = [np.zeros((batch, units))] * states
    order = range(time)[::-1] if go_backwards else range(time)
    rows = [
        _run_row(
            step,
            [(inputs[b, t].astype("float64"), mask[b, t]) for t in order],
            [state[b].astype("float64") for state in initial_state],
            [weight.astype("float64") for weight in weights],
            zero_output_for_mask,
            starts_from_zero,
        )
        for b in range(batch)
    ]
    outputs = np.stack([outputs for outputs, _ in rows])
    return outputs, [np.stack([state[s] for _, state in rows]) for s in range(states)]


def _run_row(
    step: Callable, steps: list, state: list, weights: list, zero: bool, starts_from_zero: bool
) -> tuple:
    """One row: outputs [T, U] and the last states."""
    kernel, recurrent_kernel, bias = weights
    output = np.zeros_like(state[0]) if starts_from_zero else state[0]
    outputs = []
    for entry, counts in steps:
        if counts:
            state = step(entry @ kernel + bias, state[0] @ recurrent_kernel, *state)
            output = state[0]
        outputs.append(np.zeros_like(output) if zero and not counts else output)
    return np.stack(outputs), list(state)
