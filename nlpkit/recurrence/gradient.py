"""A cell along time with the hand-written way back: one custom gradient for every cell and device.

The custom gradient is outermost, with a device branch in its forward half and another in its
backward half. What the first keeps for the second is a trace for each implementation, of which only
that of the one that ran holds anything.
"""

import tensorflow as tf
from tensorflow.python.eager import record
from tensorflow.python.ops import gradients_util

from nlpkit.cells import Cell
from nlpkit.recurrence import clear
from nlpkit.recurrence.devices import (
    PORTABLE,
    chosen_by_device,
    devices,
    saved_without_gradients,
)
from nlpkit.recurrence.eager import in_graph
from nlpkit.recurrence.operands import Gradients, Operands, Run, Tensors

__all__ = ["recur"]

_HIGHER_ORDER = 2
"""What TensorFlow says where more than one tape, or a persistent one, is watching."""


def recur(
    cell: Cell, operands: Operands, *, sequences: bool = True, use_cudnn: bool = True
) -> tuple[tf.Tensor | None, Tensors]:
    """Runs a cell along time.

    Args:
        cell: The cell.
        operands: What it works on. All but the mask and the dropout can be differentiated by.
            Derivatives of derivatives, and those of forward mode, come from
            `nlpkit.recurrence.clear`.
        sequences: Whether h of every step is wanted. Default: `True`.
        use_cudnn: Whether cuDNN may run it on a GPU. Default: `True`.

    Returns:
        h after every step, [B, T, U], or None; and the states after the last step, [B, U] each. A
        step that does not count leaves the states as they were.

    Example:
        >>> from nlpkit.cells import LSTM
        >>> inputs, zeros = tf.ones([2, 5, 3]), tf.zeros([2, 4])
        >>> weights = tf.ones([3, 16]), tf.ones([4, 16]), tf.zeros([16])
        >>> outputs, (h, c) = recur(LSTM, Operands(inputs, *weights, state=(zeros, zeros)))
        >>> tuple(outputs.shape), bool(tf.reduce_all(tf.abs(outputs[:, -1] - h) < 1e-6))
        ((2, 5, 4), True)
    """
    tensors = [tf.convert_to_tensor(tensor) for tensor in _flat(operands)]
    taped = record.should_record_backprop(tensors)
    possible = gradients_util.PossibleTapeGradientTypes(tensors)
    if possible == _HIGHER_ORDER or (possible and not taped):  # the latter is forward mode
        return clear.recur(cell, operands, sequences=sequences)
    keep = "trace" if taped else "outputs" if sequences else "last"
    static = {"cell": cell, "use_cudnn": use_cudnn}
    if saved_without_gradients():
        found = _run(_forward, operands, keep=keep, **static)
        # Differentiating through the branch would end TensorFlow: no gradient instead.
        outputs, state = tf.nest.map_structure(tf.stop_gradient, (found.outputs, found.state))
        return (outputs if sequences else None), state

    def clearly(*tensors):
        outputs, state = clear.recur(cell, _filled(operands, tensors), sequences=sequences)
        return [outputs, *state] if sequences else [*state]

    @tf.custom_gradient
    def run(*tensors):
        found = _run(_forward, _filled(operands, tensors), keep=keep, **static)

        def gradient(*upstream):
            upstream = [tf.convert_to_tensor(u) for u in upstream]  # tf.gather gives slices
            return back(*tensors, *upstream, trace=found.trace)

        return (found.outputs, *found.state) if sequences else found.state, gradient

    def back(*arguments, trace):
        @tf.custom_gradient
        def derivatives(*arguments):
            tensors, upstream = arguments[:count], arguments[count:]
            doutputs, dstate = (upstream[0], upstream[1:]) if sequences else (None, upstream)
            given = _filled(operands, tensors)
            # Where no tape was in sight, as with one around a traced function, forward once more.
            kept = trace or _run(_forward, given, keep="trace", **static).trace
            found = _flat(_run(_backward, given, kept, doutputs, dstate, **static))

            def second(*cotangents):
                return clear.derivative_of_back(clearly, tensors, upstream, cotangents)

            return found, second

        return derivatives(*arguments)

    count = len(tensors)
    results = run(*tensors)
    return (results[0], tuple(results[1:])) if sequences else (None, tuple(results))


def _forward(operands: Operands, *, cell: Cell, keep: str, use_cudnn: bool) -> Run:
    """`recur` without a gradient, and what is kept for one."""
    chosen = devices(cell, operands, use_cudnn=use_cudnn)
    slots = _slots(chosen)

    def run(implementation):
        outputs, state, trace = implementation.forward(cell, operands, keep)
        traces = ()
        if keep == "trace":
            traces = tuple(trace if i is implementation else i.empty(cell, operands) for i in slots)
        return () if outputs is None else outputs, state, traces

    outputs, state, traces = chosen_by_device(chosen, run)
    for after, before in zip(state, operands.state, strict=True):
        after.set_shape(before.shape)
    if keep == "last":
        return Run(None, tuple(state), ())
    # Nothing is differentiated through the branch, by way of the trace either.
    traces = tf.nest.map_structure(tf.stop_gradient, traces)
    outputs.set_shape([*operands.inputs.shape[:2], operands.state[0].shape[1]])
    return Run(outputs, tuple(state), traces)


def _backward(
    operands: Operands,
    traces: tuple[Tensors, ...],
    doutputs: tf.Tensor | None,
    dstate: Tensors,
    *,
    cell: Cell,
    use_cudnn: bool,
) -> Gradients:
    """The gradients, from what `_forward` kept."""
    for derivative, state in zip(dstate, operands.state, strict=True):
        derivative.set_shape(state.shape)
    if doutputs is not None:
        doutputs.set_shape([*operands.inputs.shape[:2], operands.state[0].shape[1]])
    chosen = devices(cell, operands, use_cudnn=use_cudnn)
    slots = _slots(chosen)

    def run(implementation):
        trace = traces[slots.index(implementation)]
        return _flat(implementation.backward(cell, operands, trace, doutputs, dstate))

    gradients = chosen_by_device(chosen, run)
    for gradient, operand in zip(gradients, _flat(operands), strict=True):
        gradient.set_shape(operand.shape)
    return Gradients(*_filled(operands, gradients)[: len(Gradients._fields)])


def _slots(chosen):
    """Every implementation that may run, each once."""
    return list(dict.fromkeys([*chosen.values(), PORTABLE]))


def _run(half, *arguments, **static):
    """One half of the recurrence, out of sight of any tape."""
    # A tape would have XLA compile what keeps every step for it, and would never read it.
    with record.stop_recording():
        return in_graph(half, *arguments, **static)


def _flat(parts):
    """What can be differentiated by, in the order of `Gradients`, without what there is not."""
    values = [getattr(parts, name) for name in Gradients._fields]
    return [value for value in tf.nest.flatten(values) if value is not None]


def _filled(operands, tensors):
    """The operands with other tensors in the places of `_flat`."""
    tensors = iter(tensors)
    values = {
        name: tuple(next(tensors) for _ in value) if name == "state" else next(tensors)
        for name in Gradients._fields
        if (value := getattr(operands, name)) is not None
    }
    return operands._replace(**values)
