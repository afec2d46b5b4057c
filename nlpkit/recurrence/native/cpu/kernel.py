"""Recurrent cells in C, in float32, in the process that has the library; never in an artefact."""

import tensorflow as tf

from nlpkit.cells import Cell
from nlpkit.recurrence.case import Case
from nlpkit.recurrence.native.cpu import library
from nlpkit.recurrence.operands import Gradients, Operands, Run, Tensors

__all__ = ["CELLS", "backward", "description", "empty", "forward", "refusal"]

CELLS = ("lstm", "gru", "simple-rnn")
"""The names of the cells that it has."""


def description() -> str:
    """What it is, with the instruction set that it was compiled for."""
    instructions = library.instructions()
    return f"a kernel in C{f', compiled for {instructions}' if instructions else ''}"


def refusal(case: Case) -> str | None:
    """Why it cannot run the case, or None."""
    if case.saved:
        return "an exported model holds TensorFlow's ops alone"
    if case.cell.hand_derivative is None:
        return "it knows sigmoid and tanh alone, and no bound of the cell state"
    if case.dtype != "float32":
        return f"it does not compute in {case.dtype}"
    if not case.kernel:
        return "the inputs are multiplied already"
    if case.zoneout:
        return "the state has zoneout"
    if case.sequences > 1:
        return "every step of the cell state is wanted"
    if case.time == 1 and not case.masked:
        return "laying out the weights would cost more than running one step"
    return library.missing()


def forward(cell: Cell, operands: Operands, sequences: int, trace: bool) -> Run:
    """As `nlpkit.recurrence.sequence.forward`; the trace is h of every step, and what it kept."""
    ops, given, states = library.ops(), _given(operands), len(cell.states)
    if trace:
        y, *state, kept = ops.nlpkit_recur_traced(*given, cell=cell.name)
        return Run((y,)[:sequences], tuple(state[:states]), (y, kept))
    if sequences:
        y, *state = ops.nlpkit_recur(*given, cell=cell.name)
        return Run((y,), tuple(state[:states]), ())
    return Run((), tuple(ops.nlpkit_recur_last(*given, cell=cell.name))[:states], ())


def backward(
    cell: Cell, operands: Operands, trace: Tensors, dsequences: Tensors, dstate: Tensors
) -> Gradients:
    """As `nlpkit.recurrence.sequence.backward`, from the trace that `forward` gave."""
    dy = dsequences[0] if dsequences else tf.zeros([0, 0, 0])
    derivatives = library.ops().nlpkit_recur_back(
        *_given(operands), *trace, dy, *_both(dstate), cell=cell.name
    )
    dinputs, dkernel, drecurrent_kernel, dbias, *before = derivatives
    dweights = {
        "kernel": dkernel,
        "recurrent_kernel": drecurrent_kernel,
        "bias": None if operands.weights["bias"] is None else dbias,
    }
    return Gradients(dinputs, dweights, tuple(before[: len(cell.states)]))


def empty(cell: Cell, operands: Operands) -> Tensors:
    """Nothing, in the types and ranks of the trace."""
    return tf.zeros([0, 0, 0]), tf.zeros([0, 0, 0])


def _given(operands):
    """The inputs of every op; empty tensors stand for what is absent."""
    weights, mask, dropout = operands.weights, operands.mask, operands.dropout
    return (
        operands.inputs,
        weights["kernel"],
        weights["recurrent_kernel"],
        tf.zeros([0]) if weights["bias"] is None else weights["bias"],
        *_both(operands.state),
        tf.zeros([0, 0], tf.bool) if mask is None else mask,
        tf.zeros([0, 0, 0]) if dropout is None else dropout,
    )


def _both(state):
    """h and c; a cell with one state has nothing in the place of c."""
    return state if len(state) == 2 else (*state, tf.zeros([0, 0]))
