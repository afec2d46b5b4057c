"""Cells that are linear in their only state, by a parallel scan: no loop over all steps.

    (1)  h_t = a_t * h_(t-1) + b_t

Time is cut into some √T chunks of some √T steps each. A chunk's steps come out as one of the same
form, h_end = A * h_begin + B, and all chunks are run side by side:

    (2)  A = Π a_t,  B = (1) from zero       √T steps, all chunks at once
    (3)  h_begin of the next = A * h_begin + B   √T steps, a chunk each
    (4)  (1) from h_begin                    √T steps, all chunks at once

Back, with dy_t the derivative by h_t from outside, the same scan runs from the last step:

    (5)  dh_t = dy_t + a_(t+1) * dh_(t+1)
    (6)  da_t = dh_t * h_(t-1)      db_t = dh_t

A masked step has a = 1 and b = 0.

References:
    L. Feng, F. Tung, M. O. Ahmed, Y. Bengio, H. Hajimirsadeghi: Were RNNs All We Needed? 2024,
    section 3; https://arxiv.org/abs/2410.01201.
    G. Blelloch: Prefix Sums and Their Applications. Carnegie Mellon, CMU-CS-90-190, 1990.
"""

import tensorflow as tf

from nlpkit.cells import Cell
from nlpkit.recurrence import loop, sequence
from nlpkit.recurrence.case import Case
from nlpkit.recurrence.operands import Gradients, Operands, Run, Tensors

__all__ = ["backward", "empty", "forward", "linear", "refusal"]

MIN_STEPS = 16
"""With fewer steps a plain loop is faster."""


def refusal(case: Case) -> str | None:
    """Why it cannot run the case, or None."""
    if case.cell.scan is None:
        return "a step is not linear in the state"
    if case.time is not None and case.time < MIN_STEPS:
        return f"{case.time} steps are too few"
    return None


def forward(cell: Cell, operands: Operands, sequences: int, trace: bool) -> Run:
    """As `nlpkit.recurrence.sequence.forward`; the trace holds h of all steps, [T, B, U]."""
    a, b = _coefficients(cell, operands)
    h = linear(a, b, operands.state[0])
    # Without steps there is no last one.
    last = tf.concat([operands.state[0][None], h], axis=0)[-1]
    shown = (sequence.swapped(h),) if sequences else ()
    return Run(shown, (last,), (h,) if trace else ())


def backward(
    cell: Cell, operands: Operands, trace: Tensors, dsequences: Tensors, dstate: Tensors
) -> Gradients:
    """As `nlpkit.recurrence.sequence.backward`, from the trace that `forward` gave."""
    (h,), (start,) = trace, operands.state
    h = tf.ensure_shape(h, [operands.inputs.shape[1], *start.shape])
    names = [name for name, weight in operands.weights.items() if weight is not None]
    read = [tf.identity(operands.inputs), *(tf.identity(operands.weights[n]) for n in names)]
    given = operands._replace(
        inputs=read[0], weights={**operands.weights, **dict(zip(names, read[1:], strict=True))}
    )
    a, b = _coefficients(cell, given)
    dy = tf.zeros_like(h) if not dsequences else sequence.swapped(dsequences[0])
    later = tf.concat([a[1:], tf.ones_like(a[:1])], axis=0)
    dh = linear(later, dy, dstate[0], backwards=True)  # (5)
    (before,) = loop.before((h,), (start,))
    dinputs, *dweights = tf.gradients(  # (6)
        [a, b], read, [dh * before, dh], unconnected_gradients="zero"
    )
    # Without steps the state before the first one is the last.
    dstart = tf.concat([a * dh, dstate[0][None]], axis=0)[0]
    named = dict.fromkeys(operands.weights) | dict(zip(names, dweights, strict=True))
    return Gradients(dinputs, named, (dstart,))


def empty(cell: Cell, operands: Operands) -> Tensors:
    """Nothing, in the types and ranks of the trace."""
    return (tf.zeros([0, 0, 0], operands.inputs.dtype),)


def linear(a: tf.Tensor, b: tf.Tensor, start: tf.Tensor, *, backwards: bool = False) -> tf.Tensor:
    """(1) for all steps.

    Args:
        a: [T, B, U].
        b: [T, B, U].
        start: The state before the first step, [B, U].
        backwards: Whether to go from the last step to the first. Default: `False`.

    Returns:
        h after every step, [T, B, U].
    """
    if backwards:
        return tf.reverse(linear(tf.reverse(a, [0]), tf.reverse(b, [0]), start), [0])
    time = tf.shape(a)[0] if a.shape[0] is None else a.shape[0]
    steps = _root(time)
    count = (time + steps - 1) // steps
    pad = [[0, count * steps - time], [0, 0], [0, 0]]
    shape = [count, steps, *tf.unstack(tf.shape(a)[1:])]
    a = _time_first(tf.reshape(tf.pad(a, pad, constant_values=1), shape))
    b = _time_first(tf.reshape(tf.pad(b, pad), shape))
    ends, _ = _steps(a, b, tf.zeros_like(a[0]), keep=False)  # (2)
    _, begins = _steps(tf.reduce_prod(a, axis=0), ends, start, keep=True)  # (3)
    begins = tf.concat([start[None], begins[:-1]], axis=0)
    _, h = _steps(a, b, begins, keep=True)  # (4)
    h = tf.reshape(_time_first(h), [count * steps, *shape[2:]])[:time]
    return tf.ensure_shape(h, [time if isinstance(time, int) else None, *start.shape])


def _coefficients(cell, operands):
    """a and b of all steps, [T, B, U] each."""
    x = sequence.projected(cell, operands, sequence.swapped(operands.inputs))
    (a, b), _ = cell.scan(x, operands.by_role(cell, "step"), **cell.options)
    if operands.zoneout is not None:
        fraction = sequence.swapped(operands.zoneout[0])
        a, b = fraction + (1 - fraction) * a, (1 - fraction) * b
    if operands.mask is not None:
        live = sequence.swapped(operands.mask)[:, :, None]
        a, b = tf.where(live, a, tf.ones_like(a)), tf.where(live, b, tf.zeros_like(b))
    return a, b


def _steps(a, b, state, *, keep):
    """(1) step by step: the last state, and all of them where they are kept."""
    # A known 1 beside an unknown size would be taken for one that may broadcast.
    a, b = (tf.ensure_shape(each, [None, *state.shape]) for each in (a, b))
    time = tf.shape(a)[0]
    arrays = [tf.TensorArray(a.dtype, time)] if keep else []

    def step(t, state, arrays):
        state = a[t] * state + b[t]
        return t + 1, state, [array.write(t, state) for array in arrays]

    _, state, arrays = tf.while_loop(lambda t, *_: t < time, step, (0, state, arrays))
    return state, arrays[0].stack() if keep else None


def _root(time):
    """The number of steps of a chunk, of T steps: a number or a tensor int32 []."""
    if isinstance(time, int):
        return max(1, round(time**0.5))
    return tf.maximum(1, tf.cast(tf.math.sqrt(tf.cast(time, tf.float32)), tf.int32))


def _time_first(chunks):
    """[chunks, steps, B, U] to [steps, chunks, B, U], or back again."""
    return tf.transpose(chunks, [1, 0, 2, 3])
