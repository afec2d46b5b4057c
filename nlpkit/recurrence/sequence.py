"""A batch of sequences through a cell, and back: the loop over time with the products around it.

    (1)  x = prepare(inputs · W)   for all steps of a window at once, before its loop
    (2)  the loop over time        nlpkit.recurrence.loop
    (3)  dproduct, db = dx through prepare                  undoes the rest of (1)
    (4)  dinputs = dproduct · Wᵀ                            undoes its product
    (5)  dW = Σ inputsᵀ · dproduct   over all T·B rows, as (1) used W for each; window by window
    (6)  dR = Σ h_(t-1)ᵀ · dr_t      likewise, as the loop used R for each
    (7)  dw, by what each step reads, from the loop or from all steps at once

W  kernel [I, G·U]    R  recurrent kernel [H, G·U]    b, w  the weights of `prepare` and of `step`
x  input projections [T, B, G·U]       dx, dr  derivatives by the input and recurrent projections
"""

from typing import Any

import tensorflow as tf

from nlpkit.cells import Cell
from nlpkit.recurrence import loop
from nlpkit.recurrence.derivative import derivative_of
from nlpkit.recurrence.engine import PLAIN, Engine
from nlpkit.recurrence.operands import Gradients, Operands, Run, Tensors, rows_of, steps_of
from nlpkit.recurrence.windows import Windows

__all__ = [
    "backward",
    "empty",
    "forward",
    "projected",
    "swapped",
]


def forward(
    cell: Cell, operands: Operands, sequences: int, trace: bool, engine: Engine = PLAIN
) -> Run:
    """Runs a cell along the time of a batch.

    Args:
        cell: The cell.
        operands: What it works on.
        sequences: Of how many states every step is wanted.
        trace: Whether `backward` will be called.
        engine: What runs the loop. Default: TensorFlow.

    Returns:
        The run; its trace holds each state of all steps and what they kept for a derivative by
        hand, [T, B, …] each, and then each state before each window, [windows, B, width].
    """
    inputs, mask, *zoneout = map(swapped, _along_time(operands))
    windows, state = _windows(operands, engine), operands.state
    kernel, weights = operands.recurrent_kernel(cell), operands.by_role(cell, "step")
    kept = trace and derivative_of(cell).keeps
    count = len(state) if trace else sequences

    def run(k, state):
        x = projected(cell, operands, windows.exact(inputs, k))  # (1)
        after, left = engine.forward(  # (2)
            cell,
            count,
            kept,
            windows.pad(x, k),
            windows.first(k),
            state,
            kernel,
            weights,
            *_masks(windows, k, mask, zoneout, operands.dropout),
        )
        left = [windows.trim(t, k) for t in (*left.states, left.kept) if t is not None]
        return after, (*left, *(s[None] for s in state)) if trace else tuple(left)

    states, residue = _shapes(cell, operands)
    shapes = [*states[:count], *[residue] * kept, *states * trace]
    state, left = windows.scan(run, state, kept=shapes, dtype=inputs.dtype)
    shown = tuple(swapped(s) for s in left[:sequences])
    return Run(shown, state, left if trace else ())


def backward(
    cell: Cell,
    operands: Operands,
    trace: Tensors,
    dsequences: Tensors,
    dstate: Tensors,
    engine: Engine = PLAIN,
) -> Gradients:
    """Runs back along the time of a batch.

    Args:
        cell: The cell.
        operands: What `forward` worked on.
        trace: What it kept.
        dsequences: Derivatives of the loss by the sequences, [B, T, width] each.
        dstate: Derivatives by the last states, [B, width] each.
        engine: As `forward` had it. Default: TensorFlow.

    Returns:
        The derivatives by the operands.
    """
    inputs, mask, *zoneout = map(swapped, _along_time(operands))
    dsequences = tuple(map(swapped, dsequences))
    windows, derivative = _windows(operands, engine), derivative_of(cell)
    kernel, weights = operands.recurrent_kernel(cell), operands.by_role(cell, "step")
    transposed = None if kernel is None else tf.transpose(kernel)
    product = operands.product(cell, transposed)
    states, kept, starts = _parts(cell, operands, trace)

    def run(k, carry):
        dstate, dweights = carry
        start, exact = tuple(s[k] for s in starts), windows.exact(inputs, k)
        given = windows.pad(projected(cell, operands, exact), k) if kept is None else kept
        dprojections, dstate, sums = engine.backward(  # (2)
            cell,
            given if kept is None else windows.padded(kept, k),
            tuple(windows.padded(s, k) for s in states),
            windows.first(k),
            start,
            dstate,
            tuple(windows.padded(d, k) for d in dsequences),
            kernel,
            transposed,
            weights,
            *_masks(windows, k, mask, zoneout, operands.dropout),
        )
        dx, dr = (windows.trim(d, k) for d in (dprojections[0], dprojections[-1]))
        before = loop.before(tuple(windows.exact(s, k) for s in states), start)
        left = None if kept is None else windows.exact(kept, k)
        dinputs, dmade = _unprojected(cell, operands, exact, dx)  # (3), (4), (5)
        dread = derivative.weights(left, before, dx, dr, weights, sums)  # (7)
        dkernel = {}
        if kernel is not None:
            inner = None if product.inner_kernel is None else sums[-1]
            gradient = product.gradient(before[0], dr, inner)  # (6)
            dkernel = dict.fromkeys(operands.by_role(cell, "recurrent"), gradient)
        return (dstate, _added(dweights, dmade, dread, dkernel)), (dinputs,)

    zeros = {name: tf.zeros_like(w) for name, w in operands.weights.items() if w is not None}
    (dstate, dweights), (dinputs,) = windows.scan(
        run, (tuple(dstate), zeros), kept=[inputs.shape[1:]], dtype=inputs.dtype, backwards=True
    )
    dweights = {name: dweights.get(name) for name in operands.weights}
    return Gradients(swapped(dinputs), dweights, dstate)


def empty(cell: Cell, operands: Operands) -> Tensors:
    """An empty trace, of the same types and ranks."""
    count = 2 * len(cell.states) + derivative_of(cell).keeps
    return tuple(tf.zeros([0, 0, 0], operands.inputs.dtype) for _ in range(count))


def projected(cell: Cell, operands: Operands, inputs: tf.Tensor) -> tf.Tensor:
    """The input projections of inputs.

    Args:
        cell: The cell.
        operands: The weights.
        inputs: [T, B, I]; or their products, where there is no kernel.

    Returns:
        [T, B, G·U].
    """
    kernel = operands.kernel(cell)
    product = rows_of(inputs)
    product = product if kernel is None else tf.matmul(product, kernel)
    return steps_of(cell.prepared(product, operands.by_role(cell, "prepare")), inputs)


def swapped(sequence: Any) -> Any:
    """[B, T, …] to [T, B, …], or back again; None from None."""
    if sequence is None:
        return None
    return tf.transpose(sequence, [1, 0, *range(2, sequence.shape.rank)])


def _unprojected(cell, operands, inputs, dx):
    """The derivatives by inputs [T, B, I], and by the weights that made x, by name."""
    kernel, weights = operands.kernel(cell), operands.by_role(cell, "prepare")
    rows = rows_of(inputs)
    product = tf.identity(rows if kernel is None else tf.matmul(rows, kernel))
    names = [name for name, weight in weights.items() if weight is not None]
    read = [tf.identity(weights[name]) for name in names]
    x = cell.prepared(product, {**weights, **dict(zip(names, read, strict=True))})
    drows, *dread = tf.gradients(  # (3)
        x, [product, *read], rows_of(dx), unconnected_gradients="zero"
    )
    dweights = dict(zip(names, dread, strict=True))
    if kernel is None:
        return steps_of(drows, inputs), dweights
    dinputs = steps_of(tf.matmul(drows, kernel, transpose_b=True), inputs)  # (4)
    dkernel = tf.matmul(rows, drows, transpose_a=True)  # (5)
    return dinputs, dict.fromkeys(operands.by_role(cell, "input"), dkernel) | dweights


def _added(*parts):
    """The sums of derivatives by name; not all parts have all names."""
    sums: dict[str, tf.Tensor] = {}
    for name, derivative in (pair for part in parts for pair in part.items()):
        sums[name] = sums[name] + derivative if name in sums else derivative
    return sums


def _along_time(operands):
    """The operands with an axis for time."""
    return operands.inputs, operands.mask, *(operands.zoneout or ())


def _windows(operands, engine):
    """The windows that an engine wants."""
    rows, time, _ = operands.inputs.shape
    steps = engine.steps(time, rows)
    return Windows(tf.shape(operands.inputs)[1] if time is None else time, steps)


def _masks(windows, k, mask, zoneout, dropout):
    """The mask, what zoneout keeps and what dropout does in a window."""
    return windows.padded(mask, k), tuple(windows.padded(z, k) for z in zoneout), dropout


def _shapes(cell, operands):
    """The shapes of one step of each state, and of what a step keeps."""
    rows, kernel = operands.inputs.shape[0], operands.kernel(cell)
    columns = operands.inputs.shape[2] if kernel is None else kernel.shape[1]
    states = [[rows, state.shape[1]] for state in operands.state]
    return states, [rows, len(cell.kept) * (columns // len(cell.gates))]


def _parts(cell, operands, trace):
    """The states of every step, what they kept or None, and the states before every window."""
    states, residue = _shapes(cell, operands)
    kept = [residue] * derivative_of(cell).keeps
    shapes = [[None, *shape] for shape in (*states, *kept, *states)]
    shaped = [tf.ensure_shape(t, s) for t, s in zip(trace, shapes, strict=True)]
    count = len(states)
    return tuple(shaped[:count]), shaped[count] if kept else None, tuple(shaped[-count:])
