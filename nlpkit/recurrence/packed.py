"""The recurrence forward on a CPU without XLA: in a SavedModel, which Serving has to run.

TensorFlow spends microseconds on every op, so this runs few ops, on as few rows as possible, and
keeps both cores busy:

* a few steps need no loop;
* the loop takes a chunk of several steps at a time;
* without a mask the rows are halved, for two loops that run side by side;
* with a mask the rows are sorted by length, so that each step runs on the rows that have not ended.
  Every state of every step goes into a table, from which each row gathers its own;
* a few rows are left to an op that runs all steps at once, if the cell has one.

Masks with holes, and runs that will be differentiated, go to `nlpkit.recurrence.sequence`.
"""

from collections.abc import Callable

import tensorflow as tf

from nlpkit.cells import Cell
from nlpkit.recurrence import loop, sequence
from nlpkit.recurrence.operands import Operands, Run, Tensors
from nlpkit.recurrence.valid_spans import ValidSpans

__all__ = ["forward", "is_short"]

SHORT = 4
"""Steps that need no loop, and steps of a chunk without a mask; a remainder runs one by one."""

STEPS = 8
"""Steps of a chunk of the loop over rows of different lengths."""

FEW_ROWS = 4
"""Up to so many rows an op that runs all steps at once is faster."""

AllSteps = Callable[[Operands, tf.Tensor, Tensors, tf.Tensor], Tensors]
"""From operands, inputs [T, B, I], states and the number of steps to all states [T, B, width]."""


def forward(
    cell: Cell, operands: Operands, sequences: int, trace: bool, *, few: AllSteps | None = None
) -> Run:
    """As `nlpkit.recurrence.sequence.forward`.

    Args:
        cell: The cell.
        operands: What it works on.
        sequences: Of how many states every step is wanted.
        trace: Whether `nlpkit.recurrence.sequence.backward` will be called.
        few: The op for a few rows. Default: there is none.

    Returns:
        The run.
    """
    if trace or operands.dropout is not None or operands.zoneout is not None:
        return sequence.forward(cell, operands, sequences, trace)
    if operands.mask is None:
        return _whole(cell, operands, sequences, few)
    spans = ValidSpans.of(operands.mask)

    def few_rows():
        order = tf.range(tf.shape(operands.inputs)[0])
        return _by_tables(operands, spans, order, _in_one_op(operands, few), sequences)

    def many_rows():
        order = tf.argsort(spans.length, direction="DESCENDING", stable=True)
        return _by_tables(operands, spans, order, _ongoing_rows(cell, operands), sequences)

    return tf.cond(
        spans.contiguous,
        lambda: _few_or_many(operands, few and few_rows, many_rows),
        lambda: sequence.forward(cell, operands, sequences, trace),
    )


def is_short(operands: Operands) -> bool:
    """Whether there are known to be so few steps that they need no loop; decoding has one."""
    time = operands.inputs.shape[1]
    return time is not None and time <= SHORT and operands.mask is None


def _few_or_many(operands, few, many):
    """The function for few rows or for many, chosen when the graph runs."""
    if few is None:
        return many()
    return tf.cond(tf.shape(operands.inputs)[0] <= FEW_ROWS, few, many)


def _chunk(cell, operands, inputs, state, steps):
    """The states after each of a few steps, from inputs [steps, B, I]."""
    x = sequence.projected(cell, operands, inputs)
    run = loop.step_of(cell, operands.product(cell), operands.by_role(cell, "step"))
    states = []
    for step in range(steps):
        state, _ = run(x[step], state)
        states.append(state)
    return states


def _whole(cell, operands, sequences, few):
    """Rows without a mask."""
    if is_short(operands):
        inputs = sequence.swapped(operands.inputs)
        states = _chunk(cell, operands, inputs, operands.state, operands.inputs.shape[1])
        shown = [tf.stack(s, axis=1) for s in zip(*states, strict=True)][:sequences]
        return Run(tuple(shown), tuple(states[-1]), ())

    def in_one_op():
        inputs = sequence.swapped(operands.inputs)
        states = few(operands, inputs, operands.state, tf.shape(inputs)[0])
        shown = tuple(map(sequence.swapped, states[:sequences]))
        return Run(shown, tuple(s[-1] for s in states), ())

    def in_halves():
        batch = tf.shape(operands.inputs)[0]
        sizes = [(batch + 1) // 2, batch // 2]
        halves = zip(*[tf.split(s, sizes) for s in (operands.inputs, *operands.state)], strict=True)
        runs = [_in_chunks(cell, operands, half, tuple(s), sequences) for half, *s in halves]
        shown, state = (
            tuple(tf.concat(parts, axis=0) for parts in zip(*each, strict=True))
            for each in zip(*[(run.sequences, run.state) for run in runs], strict=True)
        )
        return Run(shown, state, ())

    return _few_or_many(operands, few and in_one_op, in_halves)


def _in_chunks(cell, operands, inputs, state, sequences):
    """One loop of chunks, and another for the steps that do not fill one."""
    inputs = sequence.swapped(inputs)
    chunks, left = tf.shape(inputs)[0] // SHORT, tf.shape(inputs)[0] % SHORT
    shapes = [[None, s.shape[0], s.shape[1]] for s in state[:sequences]]
    arrays = [tf.TensorArray(inputs.dtype, chunks + left, infer_shape=False) for _ in shapes]
    for part, begin, steps in [
        (inputs[: chunks * SHORT], 0, SHORT),
        (inputs[chunks * SHORT :], chunks, 1),
    ]:
        state, arrays = _chunks_of(cell, operands, part, state, arrays, begin, steps)
    shown = [tf.ensure_shape(a.concat(), s) for a, s in zip(arrays, shapes, strict=True)]
    return Run(tuple(map(sequence.swapped, shown)), state, ())


def _chunks_of(cell, operands, inputs, state, arrays, begin, steps):
    """A loop over chunks of some steps, which leaves the states of every step in arrays."""
    chunks = tf.shape(inputs)[0] // steps

    def chunk(k, state, arrays):
        states = _chunk(cell, operands, inputs[k * steps : (k + 1) * steps], state, steps)
        left = zip(arrays, zip(*states, strict=True), strict=False)
        return k + 1, states[-1], [a.write(begin + k, tf.stack(s)) for a, s in left]

    _, state, arrays = tf.while_loop(lambda k, *_: k < chunks, chunk, (0, tuple(state), arrays))
    return state, arrays


def _by_tables(operands, spans, order, run, sequences):
    """Runs the rows in an order and reads sequences and last states from the tables."""
    length, first = tf.gather(spans.length, order), tf.gather(spans.first, order)
    state = tuple(tf.gather(s, order) for s in operands.state)
    tables, index = run(_aligned_left(operands.inputs, order, length, first), length, state)
    ranks = tf.math.invert_permutation(order)
    # Each table ends with the states before the first step, which rows show until they begin.
    begin = tf.shape(tables[0])[0] + tf.range(tf.shape(order)[0])
    tables = [tf.concat(pair, axis=0) for pair in zip(tables, operands.state, strict=True)]
    end = tf.maximum(spans.length - 1, 0)
    last = tf.where(spans.length > 0, index(end, ranks), begin)
    state = tuple(tf.gather(table, last) for table in tables)
    if not sequences:
        return Run((), state, ())
    since = tf.range(tf.shape(operands.inputs)[1]) - spans.first[:, None]
    begun = (since >= 0) & (spans.length > 0)[:, None]
    index = index(tf.clip_by_value(since, 0, end[:, None]), ranks[:, None])
    index = tf.where(begun, index, begin[:, None])
    return Run(tuple(tf.gather(table, index) for table in tables[:sequences]), state, ())


def _aligned_left(inputs, order, length, first):
    """The rows in their order, time first, each from its own first step to the last of all."""
    time, longest = tf.shape(inputs)[1], tf.maximum(tf.reduce_max(length), 1)
    chunks = (longest + STEPS - 1) // STEPS
    steps = tf.range(chunks * STEPS)[:, None]
    flat = tf.reshape(inputs, [-1, inputs.shape[2]])
    return tf.gather(flat, order * time + (steps + first) % time)


def _ongoing_rows(cell, operands):
    """Runs any cell over the rows that are still going on.

    What it gives takes inputs [T, B, I] in the order of the rows, their lengths [B] and the states,
    and gives a table of each state after every step, [N, width], and a function from step and row,
    int32 tensors, to the index in it.
    """

    def run(inputs, length, state):
        chunks = tf.shape(inputs)[0] // STEPS
        live = tf.reduce_sum(tf.cast(length > tf.range(chunks)[:, None] * STEPS, tf.int32), axis=1)

        def chunk(k, state, arrays):
            count = live[k]
            state = tuple(s[:count] for s in state)
            window = inputs[k * STEPS : (k + 1) * STEPS, :count]
            states = _chunk(cell, operands, window, state, STEPS)
            left = [tf.concat(steps, axis=0) for steps in zip(*states, strict=True)]
            arrays = [a.write(k, part) for a, part in zip(arrays, left, strict=True)]
            return k + 1, states[-1], arrays

        arrays = [tf.TensorArray(inputs.dtype, chunks, infer_shape=False) for _ in state]
        shapes = tuple(tf.TensorShape([None, s.shape[1]]) for s in state)
        _, _, arrays = tf.while_loop(
            lambda k, *_: k < chunks,
            chunk,
            (0, state, arrays),
            shape_invariants=(tf.TensorShape([]), shapes, [tf.TensorShape(None)] * len(arrays)),
        )
        begin = STEPS * tf.cumsum(live, exclusive=True)

        def index(step, row):
            k = step // STEPS
            return tf.gather(begin, k) + step % STEPS * tf.gather(live, k) + row

        tables = zip(arrays, shapes, strict=True)
        return tuple(tf.ensure_shape(a.concat(), shape) for a, shape in tables), index

    return run


def _in_one_op(operands, few):
    """As `_ongoing_rows`, by an op that runs all steps at once, for every row."""

    def run(inputs, length, state):
        rows = tf.shape(inputs)[1]
        states = few(operands, inputs, state, tf.maximum(tf.reduce_max(length), 0))
        tables = tuple(tf.reshape(s, [-1, s.shape[2]]) for s in states)
        return tables, lambda step, row: step * rows + row

    return run
