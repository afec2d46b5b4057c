"""The LSTM, the GRU and the vanilla RNN by cuDNN, in the branch of the graph that a GPU runs.

cuDNN takes all weights in one vector: for each gate the transposed block of the kernel, then those
of the recurrent kernel, then two biases a gate, one for each projection, of which cells other than
the GRU have one. Of an LSTM, whose gates come in our order, it is

    Wᵀ_i Wᵀ_f Wᵀ_g Wᵀ_o  Rᵀ_i Rᵀ_f Rᵀ_g Rᵀ_o  0 0 0 0  b_i b_f b_g b_o

It takes no mask, but lengths from 1 to T. Rows whose valid steps are contiguous, with padding on
either side or on both, are aligned left; with any other mask the loop runs, with the same numbers.
The graph chooses when it runs.
"""

from typing import NamedTuple

import keras
import tensorflow as tf

from nlpkit.cells import Cell
from nlpkit.recurrence import sequence
from nlpkit.recurrence.case import Case
from nlpkit.recurrence.operands import Gradients, Operands, Run, Tensors
from nlpkit.recurrence.valid_spans import ValidSpans

__all__ = ["TRACE", "backward", "empty", "forward", "pack", "refusal", "unpack"]

TRACE = 5
"""How many tensors cuDNN itself needs for the backward pass."""


class Mode(NamedTuple):
    """What cuDNN calls a cell, and the order in which it wants the blocks of our gates."""

    name: str
    order: tuple[int, ...]


_RELU = keras.activations.relu


def _mode(cell: Cell) -> Mode | None:
    """What cuDNN calls the cell, or None."""
    if cell.name == "simple-rnn" and cell.options["activation"] is _RELU:
        return Mode("rnn_relu", (0,))
    if cell.hand_derivative is None:
        return None
    modes = {
        "lstm": Mode("lstm", (0, 1, 2, 3)),
        "gru": Mode("gru", (1, 0, 2)),
        "simple-rnn": Mode("rnn_tanh", (0,)),
    }
    return modes.get(cell.name)


def _required_mode(cell: Cell) -> Mode:
    """What cuDNN calls a cell that it can run."""
    mode = _mode(cell)
    if mode is None:
        raise ValueError(f"cuDNN cannot run the cell {cell.name!r}.")
    return mode


def refusal(case: Case) -> str | None:
    """Why cuDNN cannot run it, whatever the mask, or None."""
    if tf.sysconfig.get_build_info().get("is_rocm_build"):
        return "its AMD counterpart has another order of gates"
    if _mode(case.cell) is None:
        return "it has the cell with other options only"
    if case.state_dropout:
        return "the state has dropout or zoneout"
    if not case.kernel:
        return "single gates have dropout of their own"
    if case.sequences > 1:
        return "every step of the cell state is wanted"
    return None


def forward(cell: Cell, operands: Operands, sequences: int, trace: bool) -> Run:
    """As `nlpkit.recurrence.sequence.forward`; the trace is that, or empty, and then cuDNN's."""

    def by_cudnn():
        shown, state, kept = _forward(cell, operands, sequences, trace)
        return Run(shown, state, (*sequence.empty(cell, operands), *kept) if trace else ())

    def by_loop():
        run = sequence.forward(cell, operands, sequences, trace)
        return run._replace(trace=(*run.trace, *_empty(operands)) if trace else ())

    return _chosen(operands, by_cudnn, by_loop)


def backward(
    cell: Cell, operands: Operands, trace: Tensors, dsequences: Tensors, dstate: Tensors
) -> Gradients:
    """As `nlpkit.recurrence.sequence.backward`, from the trace that `forward` gave."""

    def by_cudnn():
        return _backward(cell, operands, trace[-TRACE:], dsequences, dstate)

    def by_loop():
        return sequence.backward(cell, operands, trace[:-TRACE], dsequences, dstate)

    return _chosen(operands, by_cudnn, by_loop)


def empty(cell: Cell, operands: Operands) -> Tensors:
    """Nothing, in the types and ranks of the trace."""
    return (*sequence.empty(cell, operands), *_empty(operands))


def _empty(operands):
    """Nothing, in the types and ranks of cuDNN's own trace."""
    dtype = operands.inputs.dtype
    ranks = ((dtype, 3), (dtype, 3), (dtype, 3), (dtype, 1), (tf.int8, 1))
    return tuple(tf.zeros([0] * rank, dtype) for dtype, rank in ranks)


def pack(
    kernel: tf.Tensor,
    recurrent_kernel: tf.Tensor,
    bias: tf.Tensor | None,
    order: tuple[int, ...],
) -> tf.Tensor:
    """Keras's weights as cuDNN's vector.

    Args:
        kernel: [I, G·U].
        recurrent_kernel: [U, G·U].
        bias: [G·U]; [2, G·U], one for each projection; or None for zeros.
        order: Our gate at each of cuDNN's positions.

    Returns:
        [G·U·I + G·U·U + 2·G·U].
    """
    zeros = tf.zeros([kernel.shape[1]], kernel.dtype)
    if bias is None:
        biases = [zeros, zeros]
    else:
        biases = [zeros, bias] if bias.shape.rank == 1 else tf.unstack(bias)
    blocks = [_reordered(weight, order) for weight in (kernel, recurrent_kernel)]
    flat = [tf.reshape(tf.transpose(block), [-1]) for half in blocks for block in half]
    return tf.concat([*flat, *(b for half in biases for b in _reordered(half, order))], axis=0)


def unpack(
    params: tf.Tensor, features: int, units: int, order: tuple[int, ...]
) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
    """The inverse of `pack`, which is its derivative too.

    Args:
        params: [G·U·I + G·U·U + 2·G·U].
        features: I.
        units: U.
        order: As `pack` had it.

    Returns:
        kernel [I, G·U], recurrent kernel [U, G·U] and both biases [2, G·U].
    """
    gates = len(order)
    sizes = [units * features] * gates + [units * units] * gates + [units] * (2 * gates)
    parts = tf.split(params, sizes)
    indices = [order.index(gate) for gate in range(gates)]
    blocks = [tf.transpose(tf.reshape(part, [units, -1])) for part in parts[: 2 * gates]]
    kernel, recurrent = (
        tf.concat([half[index] for index in indices], axis=1)
        for half in (blocks[:gates], blocks[gates:])
    )
    halves = parts[2 * gates : 3 * gates], parts[3 * gates :]
    biases = [tf.concat([half[index] for index in indices], axis=0) for half in halves]
    return kernel, recurrent, tf.stack(biases)


def _reordered(weight, order):
    """The blocks of our gates, in cuDNN's order."""
    blocks = tf.split(weight, len(order), axis=-1)
    return [blocks[gate] for gate in order]


def _chosen(operands, by_cudnn, by_loop):
    """cuDNN if the mask allows it, else the loop."""
    if operands.mask is None:
        return by_cudnn()
    spans = ValidSpans.of(operands.mask)
    return tf.cond(spans.contiguous & tf.reduce_all(spans.length > 0), by_cudnn, by_loop)


def _forward(cell, operands, sequences, trace):
    """Sequences, state and trace of cuDNN."""
    inputs, spans = operands.inputs, None
    if operands.mask is not None:
        spans = ValidSpans.of(operands.mask)
        inputs = spans.align_left(inputs)
    result = tf.raw_ops.CudnnRNNV3(**_arguments(cell, operands, inputs, spans), is_training=trace)
    state = tuple(s[0] for s in (result.output_h, result.output_c)[: len(cell.states)])
    shown: Tensors = ()
    if sequences:
        outputs = sequence.swapped(result.output)
        if spans is not None:  # at masked steps stands the state that is carried
            carried = tf.where(spans.ahead, operands.state[0][:, None], state[0][:, None])
            outputs = tf.where(
                spans.mask[:, :, None], spans.align_left(outputs, undo=True), carried
            )
        shown = (outputs,)
    none = tf.zeros([0, 0, 0], operands.inputs.dtype)
    c = result.output_c if len(state) > 1 else none
    return shown, state, (result.output, result.output_h, c, *result[3:])


def _backward(cell, operands, trace, dsequences, dstate):
    """The gradients by cuDNN."""
    output, output_h, output_c, reserve_space, host_reserved = trace
    features, units = operands.kernel(cell).shape[0], operands.recurrent_kernel(cell).shape[0]
    output = tf.ensure_shape(output, [None, None, units])
    inputs, spans, dh = operands.inputs, None, dstate[0]
    doutputs = dsequences[0] if dsequences else None
    dh_ahead = tf.zeros_like(dh)
    if operands.mask is not None:
        spans = ValidSpans.of(operands.mask)
        inputs = spans.align_left(inputs)
    if doutputs is not None and spans is not None:
        nothing, live = tf.zeros_like(doutputs), spans.mask[:, :, None]
        masked = tf.where(live, nothing, doutputs)
        ahead = tf.where(spans.ahead, masked, tf.zeros_like(masked))
        dh_ahead = tf.reduce_sum(ahead, axis=1)
        dh += tf.reduce_sum(masked - ahead, axis=1)
        doutputs = spans.align_left(tf.where(live, doutputs, nothing))
    dy = tf.zeros_like(output) if doutputs is None else sequence.swapped(doutputs)
    has_c = len(dstate) > 1
    none = tf.zeros([], output.dtype)
    result = tf.raw_ops.CudnnRNNBackpropV3(
        **_arguments(cell, operands, inputs, spans),
        output=output,
        output_h=output_h,
        output_c=output_c if has_c else none,
        output_backprop=dy,
        output_h_backprop=dh[None],
        output_c_backprop=dstate[1][None] if has_c else none,
        reserve_space=reserve_space,
        host_reserved=host_reserved,
    )
    dinputs = sequence.swapped(result.input_backprop)
    if spans is not None:
        dinputs = spans.align_left(dinputs, undo=True)
        dinputs = tf.where(spans.mask[:, :, None], dinputs, tf.zeros_like(dinputs))
    unpacked = unpack(result.params_backprop, features, units, _required_mode(cell).order)
    dc = (result.input_c_backprop[0],) if has_c else ()
    state = (result.input_h_backprop[0] + dh_ahead, *dc)
    return Gradients(dinputs, _named(operands, *unpacked), state)


def _named(operands, kernel, recurrent_kernel, biases):
    """The derivatives by name; where there is one bias, it is cuDNN's second."""
    bias = operands.weights["bias"]
    if bias is not None:
        bias = biases if bias.shape.rank == 2 else biases[1]
    return {"kernel": kernel, "recurrent_kernel": recurrent_kernel, "bias": bias}


def _arguments(cell, operands, inputs, spans):
    """What cuDNN wants both ways: inputs [B, T, I], time first, states [1, B, U], weights."""
    batch, time, mode = tf.shape(inputs)[0], tf.shape(inputs)[1], _required_mode(cell)
    h, *c = operands.state
    weights = operands.weights
    return {
        "input": sequence.swapped(inputs),
        "input_h": h[None],
        "input_c": c[0][None] if c else tf.zeros([], h.dtype),
        "params": pack(weights["kernel"], weights["recurrent_kernel"], weights["bias"], mode.order),
        "sequence_lengths": tf.fill([batch], time) if spans is None else spans.length,
        "rnn_mode": mode.name,
        "time_major": True,
    }
