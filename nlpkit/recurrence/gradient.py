"""A cell along time with a hand-written gradient: one custom gradient for all cells and devices.

The custom gradient is outermost, with a device branch in its forward pass and another in its
backward pass. The forward pass returns a trace for each kernel; all are empty but that of the
kernel that ran.
"""

from typing import Any

import tensorflow as tf
from tensorflow.python.eager import record
from tensorflow.python.ops import gradients_util

from nlpkit.cells import Cell
from nlpkit.recurrence import autodiff, kernels, tracers
from nlpkit.recurrence.case import Case
from nlpkit.recurrence.eager import in_graph
from nlpkit.recurrence.operands import Gradients, Operands, Run, Tensors

__all__ = ["recur"]

_HIGHER_ORDER = 2
"""What TensorFlow answers while more than one tape, or a persistent one, is watching."""


def recur(
    cell: Cell, operands: Operands, *, sequences: int = 1, off: tuple[str, ...] = ()
) -> tuple[Tensors, Tensors]:
    """Runs a cell along time.

    Args:
        cell: The cell.
        operands: What it works on. All but mask, dropout and zoneout can be differentiated by.
            Derivatives of derivatives, and those of forward mode, come from
            `nlpkit.recurrence.autodiff`, and so does what vectorises or converts the graph.
        sequences: Of how many states, the first ones, every step is wanted. Default: of h alone.
        off: What turns kernels off, as `Case.off`. Default: nothing.

    Returns:
        The states after every step, as many as were wanted, [B, T, width] each; and all states
        after the last step, [B, width] each. A masked step leaves the states as they were.

    Example:
        >>> from nlpkit.cells import LSTM
        >>> inputs, zeros = tf.ones([2, 5, 3]), tf.zeros([2, 4])
        >>> weights = {
        ...     "kernel": tf.ones([3, 16]),
        ...     "recurrent_kernel": tf.ones([4, 16]),
        ...     "bias": tf.zeros([16]),
        ... }
        >>> (outputs,), (h, c) = recur(LSTM, Operands(inputs, weights, state=(zeros, zeros)))
        >>> tuple(outputs.shape), bool(tf.reduce_all(tf.abs(outputs[:, -1] - h) < 1e-6))
        ((2, 5, 4), True)
    """
    tensors = [tf.convert_to_tensor(tensor) for tensor in _flat(operands)]
    taped = record.should_record_backprop(tensors)
    possible = gradients_util.PossibleTapeGradientTypes(tensors)
    if (
        possible == _HIGHER_ORDER
        or (possible and not taped)  # forward mode
        or tracers.vectorizing()
        or tracers.converting()
        or (tracers.saving() and "use_cudnn" in off)
    ):
        return autodiff.recur(cell, operands, sequences=sequences)
    static = {
        "cell": cell,
        "sequences": sequences,
        "off": off,
        "devices": kernels.devices_of_a_call(saved=tracers.saving()),
    }
    if tracers.saved_without_gradients():
        results = _run(_forward, operands, trace=False, **static)
        # Differentiating through the branch would end TensorFlow: no gradient instead.
        return tf.nest.map_structure(tf.stop_gradient, (results.sequences, results.state))

    def clearly(*tensors):
        shown, state = autodiff.recur(cell, _filled(operands, tensors), sequences=sequences)
        return [*shown, *state]

    @tf.custom_gradient
    def run(*tensors):
        results = _run(_forward, _filled(operands, tensors), trace=taped, **static)

        def gradient(*upstream):
            cotangents = tuple(map(tf.convert_to_tensor, upstream))  # tf.gather gives slices
            if tracers.vectorizing():  # the backward pass of a Jacobian
                return autodiff.vjp(clearly, tensors, cotangents)
            return back(*tensors, *cotangents, trace=results.trace)

        return (*results.sequences, *results.state), gradient

    def back(*arguments, trace):
        @tf.custom_gradient
        def derivatives(*arguments):
            tensors, upstream = arguments[:count], arguments[count:]
            given = _filled(operands, tensors)
            # Where no tape was in sight, as with one around a traced function, forward once more.
            kept = trace or _run(_forward, given, trace=True, **static).trace
            results = _flat(
                _run(_backward, given, kept, upstream[:sequences], upstream[sequences:], **static)
            )

            def second(*cotangents):
                return autodiff.derivative_of_back(clearly, tensors, upstream, cotangents)

            return results, second

        return derivatives(*arguments)

    count = len(tensors)
    results = run(*tensors)
    return tuple(results[:sequences]), tuple(results[sequences:])


def _forward(
    operands: Operands,
    *,
    cell: Cell,
    sequences: int,
    trace: bool,
    off: tuple[str, ...],
    devices: tuple[str, ...],
) -> Run:
    """`recur` without a gradient, and what is kept for one."""
    case = Case.of(cell, operands, sequences, saved=tracers.saving(), off=off)
    chosen = kernels.by_device(case, devices=devices)
    slots = _slots(chosen)

    def run(kernel):
        shown, state, left = kernel.forward(cell, operands, sequences, trace)
        traces = tuple(left if k is kernel else k.empty(cell, operands) for k in slots)
        return shown, state, traces if trace else ()

    shown, state, traces = kernels.chosen_by_device(chosen, run)
    for after, before in zip(state, operands.state, strict=True):
        after.set_shape(before.shape)
    _set_shapes(operands, shown)
    # Nothing is differentiated through the branch, by way of the trace either.
    return Run(tuple(shown), tuple(state), tf.nest.map_structure(tf.stop_gradient, traces))


def _backward(
    operands: Operands,
    traces: tuple[Tensors, ...],
    dsequences: Tensors,
    dstate: Tensors,
    *,
    cell: Cell,
    sequences: int,
    off: tuple[str, ...],
    devices: tuple[str, ...],
) -> Gradients:
    """The gradients, from what `_forward` kept."""
    for derivative, state in zip(dstate, operands.state, strict=True):
        derivative.set_shape(state.shape)
    _set_shapes(operands, dsequences)
    case = Case.of(cell, operands, sequences, saved=tracers.saving(), off=off)
    chosen = kernels.by_device(case, devices=devices)
    slots = _slots(chosen)

    def run(kernel):
        trace = traces[slots.index(kernel)]
        return _flat(kernel.backward(cell, operands, trace, tuple(dsequences), tuple(dstate)))

    gradients = kernels.chosen_by_device(chosen, run)
    for gradient, operand in zip(gradients, _flat(operands), strict=True):
        gradient.set_shape(operand.shape)
    filled = _filled(operands, gradients)
    return Gradients(filled.inputs, filled.weights, filled.state)


def _set_shapes(operands, sequences):
    """What is known of the shapes of states after every step."""
    for states, state in zip(sequences, operands.state, strict=False):
        states.set_shape([*operands.inputs.shape[:2], state.shape[1]])


def _slots(chosen):
    """Every kernel that may run, each once."""
    return list(dict.fromkeys(chosen.values()))


def _run(half, *arguments, **static):
    """One half of the recurrence, out of sight of any tape."""
    # A tape would have XLA compile what keeps every step for it, and would never read it.
    with record.stop_recording():
        return in_graph(half, *arguments, **static)


def _flat(parts: Operands | Gradients) -> list[tf.Tensor]:
    """What can be differentiated by: inputs, the weights that there are, states."""
    return [parts.inputs, *(w for w in parts.weights.values() if w is not None), *parts.state]


def _filled(operands: Operands, tensors: Any) -> Operands:
    """The operands with other tensors at the positions of `_flat`."""
    inputs, *rest = tensors
    names = [name for name, weight in operands.weights.items() if weight is not None]
    weights = {**operands.weights, **dict(zip(names, rest, strict=False))}
    return operands._replace(inputs=inputs, weights=weights, state=tuple(rest[len(names) :]))
