"""The recurrence on a CPU, compiled by XLA while the process lives; never in an artefact.

XLA fuses a step into a few passes over memory, which helps most where steps are small. It has two
weaknesses:

* It compiles for one length, which takes half a second. So time is cut into windows of one of a few
  lengths, and sequences of any length reuse what was compiled for them.
* It runs a loop on one core. So the rows of a batch are split into shards, one loop for each core.
"""

import functools
import math
import os

import tensorflow as tf

from nlpkit.cells import Cell
from nlpkit.recurrence import sequence
from nlpkit.recurrence.engine import Engine, run_backward, run_forward
from nlpkit.recurrence.operands import Gradients, Operands, Run, Tensors

__all__ = ["backward", "empty", "forward"]

MIN_ROWS_PER_CORE = 4
"""With fewer rows another core does not pay."""

MAX_CORES = 8
"""Cores to use: each adds a loop to the graph."""

STEPS = 16
"""Steps of a window where the length of the sequences is not known when the graph is traced."""

MAX_STEPS = 128
"""Steps of a window at most. They are a multiple of STEP_MULTIPLE, so that few lengths occur."""

STEP_MULTIPLE = 4

MAX_ROW_STEPS = 2048
"""Rows times steps of a window: the results of more would not stay in the cache."""


def forward(cell: Cell, operands: Operands, sequences: int, trace: bool) -> Run:
    """As `nlpkit.recurrence.sequence.forward`; the trace is all shards' traces."""
    runs = [sequence.forward(cell, s, sequences, trace, _ENGINE) for s in _shards(operands)]
    shown = _joined([run.sequences for run in runs])
    return Run(shown, _joined([run.state for run in runs]), tuple(t for r in runs for t in r.trace))


def backward(
    cell: Cell, operands: Operands, trace: Tensors, dsequences: Tensors, dstate: Tensors
) -> Gradients:
    """As `nlpkit.recurrence.sequence.backward`, from the trace that `forward` gave."""
    shards, sizes = _shards(operands), _sizes(operands)
    parts = len(trace) // len(shards)
    traces = [trace[k : k + parts] for k in range(0, len(trace), parts)]
    derivatives = _cut_all(dsequences, sizes), _cut_all(dstate, sizes)
    gradients = [
        sequence.backward(cell, shard, part, dy, ds, _ENGINE)
        for shard, part, dy, ds in zip(shards, traces, *derivatives, strict=True)
    ]
    inputs, weights, state = zip(*gradients, strict=True)
    sums = {
        name: None if derivative is None else tf.add_n([shard[name] for shard in weights])
        for name, derivative in weights[0].items()
    }
    return Gradients(tf.concat(inputs, axis=0), sums, _joined(state))


def empty(cell: Cell, operands: Operands) -> Tensors:
    """An empty trace, of the same types and ranks."""
    return sequence.empty(cell, operands) * len(_sizes(operands))


def _steps(time: int | None, rows: int | None) -> int:
    """The steps of a window: few windows, well filled, and not too large."""
    if time is None:
        return STEPS
    limit = min(MAX_STEPS, max(STEPS, MAX_ROW_STEPS // (rows or 1)))
    windows = math.ceil(time / limit)
    return math.ceil(time / windows / STEP_MULTIPLE) * STEP_MULTIPLE


_compiled = functools.partial(tf.function, jit_compile=True, autograph=False)
_ENGINE = Engine(
    _compiled(functools.partial(run_forward, compiled=True)),
    _compiled(run_backward),
    _steps,
)


def _shards(operands):
    """The operands of each core."""
    sizes = _sizes(operands)
    zoneout = operands.zoneout
    return [
        operands._replace(inputs=i, state=s, mask=m, dropout=d, zoneout=z)
        for i, s, m, d, z in zip(
            _cut(operands.inputs, sizes),
            _cut_all(operands.state, sizes),
            _cut(operands.mask, sizes),
            _cut(operands.dropout, sizes, axis=1),
            [None] * len(sizes) if zoneout is None else _cut_all(zoneout, sizes),
            strict=True,
        )
    ]


def _sizes(operands):
    """How many rows each core gets; where B is not known, the later ones may get none."""
    cores = min(MAX_CORES, len(os.sched_getaffinity(0)))
    batch = operands.inputs.shape[0]
    if batch is not None:
        shard = math.ceil(batch / max(1, min(cores, batch // MIN_ROWS_PER_CORE)))
        return [min(shard, batch - k) for k in range(0, batch, shard)] or [0]
    batch = tf.shape(operands.inputs)[0]
    count = tf.clip_by_value(batch // MIN_ROWS_PER_CORE, 1, cores)
    shard = (batch + count - 1) // count
    return [tf.clip_by_value(batch - k * shard, 0, shard) for k in range(cores)]


def _cut(value, sizes, axis=0):
    """A tensor in pieces of these sizes; None for each from None."""
    if value is None or len(sizes) == 1:
        return [value] * len(sizes)
    return tf.split(value, sizes, axis=axis)


def _cut_all(tensors, sizes):
    """Each shard's tensors."""
    cut = [_cut(tensor, sizes) for tensor in tensors]
    return list(zip(*cut, strict=True)) if cut else [()] * len(sizes)


def _joined(states):
    """The states of all rows from those of each shard."""
    return tuple(tf.concat(parts, axis=0) for parts in zip(*states, strict=True))
