"""The LSTM in one op, BlockLSTM of TensorFlow, on a CPU and without XLA.

It runs all steps in C++, with the gates in our order. It pays for a few rows, where a step does so
little that TensorFlow would spend its time on dispatching ops.
"""

import tensorflow as tf

from nlpkit.cells import Cell
from nlpkit.recurrence import packed
from nlpkit.recurrence.case import Case
from nlpkit.recurrence.operands import Operands, Run, Tensors

__all__ = ["forward", "refusal", "run"]

_TYPES = ("float16", "float32")


def refusal(case: Case) -> str | None:
    """Why the op cannot run it, or None."""
    if case.cell.hand_derivative is None:
        return "it knows sigmoid and tanh alone, and no bound of the cell state"
    if not case.kernel:
        return "the inputs are multiplied already"
    if case.dtype not in _TYPES:
        return f"it does not compute in {case.dtype}"
    return None


def forward(cell: Cell, operands: Operands, sequences: int, trace: bool) -> Run:
    """As `nlpkit.recurrence.packed.forward`, with the op for a few rows."""
    return packed.forward(cell, operands, sequences, trace, few=run)


def run(operands: Operands, inputs: tf.Tensor, state: Tensors, steps: tf.Tensor) -> Tensors:
    """All steps of an LSTM.

    Args:
        operands: The weights.
        inputs: [T, B, I].
        state: h and c before the first step, [B, U] each.
        steps: How many of the T steps to run, int32 [].

    Returns:
        h and c after every step, [T, B, U] each.
    """
    h, c = state
    units, weights = h.shape[1], operands.weights
    unused = tf.zeros([units], h.dtype)
    bias = weights["bias"]
    result = tf.raw_ops.BlockLSTMV2(
        seq_len_max=tf.cast(steps, tf.int64),
        x=inputs,
        cs_prev=c,
        h_prev=h,
        w=tf.concat([weights["kernel"], weights["recurrent_kernel"]], axis=0),
        wci=unused,
        wcf=unused,
        wco=unused,
        b=tf.zeros([4 * units], h.dtype) if bias is None else bias,
    )
    shape = [None, None, units]
    return tf.ensure_shape(result.h, shape), tf.ensure_shape(result.cs, shape)
