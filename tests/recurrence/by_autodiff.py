"""The clear path: the cell's step in a Python loop, and TensorFlow's own derivatives of it."""

import functools

import tensorflow as tf

from nlpkit.cells import Cell
from nlpkit.recurrence import Operands
from tests.recurrence.cases import CELLS, cotangents, named, operands, with_named


def run(cell: Cell, given: Operands, sequences: int = 1) -> tuple:
    """The first states of every step [B, T, width], and the last states."""
    state, shown = given.state, []
    for t in range(given.inputs.shape[1]):
        x = _projected(cell, given, given.inputs[:, t])
        r, inner = _recurrent(cell, given, state[0])
        after, _ = cell.step(x, r, state, given.weights, **cell.options, **inner)
        if given.zoneout is not None:
            kept = [k[:, t] for k in given.zoneout]
            after = [k * s + (1 - k) * a for k, s, a in zip(kept, state, after, strict=True)]
        if given.mask is not None:
            live = given.mask[:, t, None]
            after = [tf.where(live, *pair) for pair in zip(after, state, strict=True)]
        state = tuple(after)
        shown.append(state[:sequences])
    return tuple(tf.stack(states, axis=1) for states in zip(*shown, strict=True)), state


def derivatives(cell: Cell, given: Operands, dsequences, dstate) -> dict[str, tf.Tensor]:
    """Vector-Jacobian products by everything that `named` names."""
    sources = named(given)
    with tf.GradientTape() as tape:
        tape.watch(list(sources.values()))
        shown, state = run(cell, with_named(given, sources), len(dsequences))
    upstream = [*dsequences, *dstate]
    return tape.gradient([*shown, *state], sources, upstream, unconnected_gradients="zero")


@functools.cache
def answers(size: str, kind: str, option: str, sequences: int, cell: str) -> tuple:
    """Sequences, states and derivatives of a case, computed once for all paths."""
    given = operands(size, kind, option, CELLS[cell])
    gradients = derivatives(CELLS[cell], given, *cotangents(given, sequences))
    return *run(CELLS[cell], given, sequences), gradients


def _projected(cell, given, inputs):
    """x from the inputs of one step."""
    (name,) = (weight.name for weight in cell.weights if "input" in weight.roles)
    kernel = given.weights[name]
    return cell.prepared(inputs if kernel is None else inputs @ kernel, given.weights)


def _recurrent(cell, given, h):
    """r, and the product that the step makes itself; each gate's read h through its own mask."""
    names = [weight.name for weight in cell.weights if "recurrent" in weight.roles]
    if not names:
        return None, {}
    columns = tf.split(given.weights[names[0]], len(cell.gates), axis=1)
    masks = [1.0] * len(columns) if given.dropout is None else tf.unstack(given.dropout)
    pairs = list(zip(masks, columns, strict=True))
    outside = len(pairs) - len(cell.inside)

    def product(v, pairs):
        return tf.concat([(v * mask) @ column for mask, column in pairs], axis=1)

    inner = {"inner": lambda v: product(v, pairs[outside:])} if cell.inside else {}
    return product(h, pairs[:outside]), inner
