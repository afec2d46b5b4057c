"""A few steps at each turn of the loop, so that the loop itself takes less of the time."""

import tensorflow as tf

from nlpkit.cells import Cell
from nlpkit.recurrence import sequence
from nlpkit.recurrence.operands import Operands, Run, Tensors

__all__ = ["STEPS", "forward", "is_short", "turn"]

STEPS = 4
"""Steps of a turn; more leave more that do not fill one."""


def turn(
    cell: Cell, operands: Operands, inputs: tf.Tensor, state: Tensors, steps: int
) -> tuple[Tensors, ...]:
    """The steps of one turn.

    Args:
        cell: The cell.
        operands: The weights.
        inputs: [steps, B, I].
        state: The states before the first of them, [B, U] each.
        steps: How many they are.

    Returns:
        The states after each.
    """
    x = sequence.projected(operands, inputs)
    states = []
    for step in range(steps):
        r = tf.matmul(state[0], operands.recurrent_kernel)
        state, _ = cell.step(x[step], r, state, **cell.activations)
        states.append(state)
    return tuple(states)


def is_short(operands: Operands) -> bool:
    """Whether there are known to be so few steps that they need no loop; decoding has one."""
    time = operands.inputs.shape[1]
    return time is not None and time <= STEPS and operands.mask is None


def forward(cell: Cell, operands: Operands, keep: str) -> Run:
    """As `nlpkit.recurrence.sequence.forward`, for what has neither mask nor dropout.

    The rows are halved, for two loops that run side by side; a few steps need no loop.
    """
    if is_short(operands):
        inputs = tf.transpose(operands.inputs, [1, 0, 2])
        states = turn(cell, operands, inputs, operands.state, operands.inputs.shape[1])
        outputs = None if keep == "last" else tf.stack([h for h, *_ in states], axis=1)
        return Run(outputs, states[-1], ())
    batch = tf.shape(operands.inputs)[0]
    sizes = [(batch + 1) // 2, batch // 2]
    halves = zip(*[tf.split(s, sizes) for s in (operands.inputs, *operands.state)], strict=True)
    runs = [_run(cell, operands, inputs, tuple(state), keep) for inputs, *state in halves]
    state = zip(*[run.state for run in runs], strict=True)
    outputs = None if keep == "last" else tf.concat([run.outputs for run in runs], axis=0)
    return Run(outputs, tuple(tf.concat(parts, axis=0) for parts in state), ())


def _run(cell, operands, inputs, state, keep):
    """One loop, and another for the steps that do not fill a turn."""
    time, units = tf.shape(inputs)[1], state[0].shape[1]
    turns, left = time // STEPS, time % STEPS
    inputs = tf.transpose(inputs, [1, 0, 2])
    whole, rest = inputs[: turns * STEPS], inputs[turns * STEPS :]
    array = tf.TensorArray(inputs.dtype, turns + left, infer_shape=False)
    state, array = _turns(cell, operands, whole, state, keep, array, 0, STEPS)
    state, array = _turns(cell, operands, rest, state, keep, array, turns, 1)
    if keep == "last":
        return Run(None, state, ())
    outputs = tf.ensure_shape(array.concat(), [None, None, units])
    return Run(tf.transpose(outputs, [1, 0, 2]), state, ())


def _turns(cell, operands, inputs, state, keep, array, at, steps):
    """A loop over turns of some steps, which leaves h after every step in an array."""

    def run(k, state, array):
        states = turn(cell, operands, inputs[k * steps : (k + 1) * steps], state, steps)
        if keep != "last":
            array = array.write(at + k, tf.stack([h for h, *_ in states]))
        return k + 1, states[-1], array

    turns = tf.shape(inputs)[0] // steps
    _, state, array = tf.while_loop(lambda k, *_: k < turns, run, (0, state, array))
    return state, array
