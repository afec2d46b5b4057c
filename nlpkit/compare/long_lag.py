"""Sequences until a cell has learnt to bridge a lag: the experiments of the LSTM's paper.

A layer and a dense layer learn from sequences that are made as training goes on; see
`nlpkit.data.long_lag`. As in the paper, a task is solved when the last 2,000 sequences were
answered rightly before they were learnt from, or all but a few of them where the paper allows that.
Every cell has the same size and optimizer, and learns from as many sequences at most: those that
the paper's LSTM took, but at least 100,000.

The bias of a gate that keeps the state begins as log u, that of a gate that writes to it as -log u,
with u uniform from 1 to T - 1: the memories of the units begin with time constants of up to the
length of a sequence. A vanilla RNN has no gate; its recurrent kernel begins orthogonal.

References:
    S. Hochreiter, J. Schmidhuber: Long Short-Term Memory. Neural Computation 9(8), 1997, section 5.
    C. Tallec, Y. Ollivier: Can Recurrent Neural Networks Warp Time? ICLR 2018, section 2 (biases).
"""

import time
from collections.abc import Callable
from statistics import fmean, median
from typing import Any, NamedTuple

import keras
import numpy as np
import tensorflow as tf
from matplotlib.figure import Figure

from nlpkit.cells import Cell
from nlpkit.checks import check_choice
from nlpkit.compare.benchmark import Benchmark, Plan
from nlpkit.compare.implementations import require_tensorflow
from nlpkit.compare.report import grid
from nlpkit.data.long_lag import LONG_LAG_TASKS, Task
from nlpkit.layers import FAMILY
from nlpkit.reports.pictures import empty_figure
from nlpkit.training import LazyAdam
from nlpkit.training.uncompiled import uncompiled

__all__ = ["BENCHMARK"]

_TASKS, _CELLS = ("adding", "temporal-order-3"), ("simple-rnn", "lstm-1997", "lstm", "gru")
_UNITS, _BATCH, _RATE, _CLIP = 32, 20, 5e-3, 1.0
_RECENT = 2_000
_LEAST = 100_000
_TINY = 2_000


class _Learnt(NamedTuple):
    """How one training went."""

    sequences: int | None  # None if the task was not solved
    right: float  # of the last 2,000
    seconds: float


def require(plan: Plan) -> None:
    """Requires that the tasks exist, and TensorFlow; see `Benchmark`."""
    require_tensorflow(plan)
    for name in plan.tasks:
        check_choice("--tasks", name, LONG_LAG_TASKS)


def measure(plan: Plan, say: Callable[[str], None]) -> dict[str, Any]:
    """Trains each cell on each task from each seed; see `Benchmark`."""
    seeds = range(plan.seed, plan.seed + plan.seeds)
    rows = []
    for name in plan.tasks or _TASKS:
        task = LONG_LAG_TASKS[name]
        published = task.published.get(plan.lag)
        limit = _TINY if plan.quick else max(_LEAST, published or 0)
        for cell in plan.cells or _CELLS:
            runs = [_learn(task, cell, plan.lag, limit, seed) for seed in seeds]
            solved = [run.sequences for run in runs if run.sequences is not None]
            rows.append(
                {
                    "task": name,
                    "title": task.title,
                    "cell": cell,
                    "published": published,
                    "limit": limit,
                    "sequences": [run.sequences for run in runs],
                    "right": [run.right for run in runs],
                    "seconds": [run.seconds for run in runs],
                }
            )
            took = f", after {median(solved):,.0f} sequences" if solved else ""
            say(f"long-lag: {name}, {cell}: solved {len(solved)} of {len(runs)} times{took}")
    return {"lag": plan.lag, "seeds": list(seeds), "rows": rows}


def _learn(task: Task, cell: str, lag: int, limit: int, seed: int) -> _Learnt:
    """Learns until the task is solved, or from `limit` sequences."""
    keras.utils.set_random_seed(seed)
    rng = np.random.default_rng(seed)
    example = task.make(rng, 1, lag)
    step = _training_step(task, cell, example.inputs.shape, example.targets.shape[-1], rng)
    recent = np.zeros(_RECENT, bool)
    begun = time.monotonic()
    for seen in range(_BATCH, limit + 1, _BATCH):
        sequences = task.make(rng, _BATCH, lag)
        outputs = step(sequences.inputs, sequences.targets, sequences.live, sequences.counted)
        recent[np.arange(seen - _BATCH, seen) % _RECENT] = task.answered(outputs.numpy(), sequences)
        if seen >= _RECENT and np.sum(~recent) <= task.wrong:
            return _Learnt(seen, float(recent.mean()), time.monotonic() - begun)
    return _Learnt(None, float(recent[:limit].mean()), time.monotonic() - begun)


def _training_step(
    task: Task, cell: str, shape: tuple[int, ...], answers: int, rng: np.random.Generator
) -> Callable[..., tf.Tensor]:
    """A function that learns from sequences, and returns the outputs from before that."""
    layer = FAMILY[cell].make_width(_UNITS, return_sequences=True)
    dense = keras.layers.Dense(answers)
    layer.build(shape)
    dense.build((None, None, _UNITS))
    _set_time_constants(layer, FAMILY[cell].cell, shape[1], rng)
    weights = layer.trainable_variables + dense.trainable_variables
    optimizer = LazyAdam(_RATE)
    optimizer.build(weights)
    loss_of = tf.nn.softmax_cross_entropy_with_logits if task.classes else _squared_error

    @uncompiled
    def step(inputs, targets, live, counted):
        with tf.GradientTape() as tape:
            outputs = dense(layer(inputs, mask=live, training=True))
            loss = tf.reduce_mean(tf.boolean_mask(loss_of(targets, outputs), counted))
        gradients, _ = tf.clip_by_global_norm(tape.gradient(loss, weights), _CLIP)
        optimizer.apply(gradients, weights)
        return outputs

    return step


def _squared_error(targets: tf.Tensor, outputs: tf.Tensor) -> tf.Tensor:
    """The mean squared error of each step."""
    return tf.reduce_mean(tf.square(targets - outputs), axis=-1)


def _signs(cell: Cell) -> dict[str, int]:
    """The gates that keep the state, 1, and those that write to it, -1."""
    if "f" in cell.gates:
        return {"f": 1, "i": -1} if "i" in cell.gates else {"f": 1}
    if "i" in cell.gates:  # it keeps all of the state, or what it does not write
        return {"i": -1}
    if "r" in cell.gates:
        return {"z": 1}  # a GRU
    return {"z": -1} if "z" in cell.gates else {}  # a minimal GRU


def _set_time_constants(
    layer: keras.layers.RNN, cell: Cell, steps: int, rng: np.random.Generator
) -> None:
    """Sets the biases of gates; see the module."""
    logarithms = np.log(rng.uniform(1.0, steps - 1.0, size=_UNITS))
    for bias in [weight for weight in layer.trainable_variables if weight.name == "bias"]:
        values = bias.numpy()  # [G·U], or [2, G·U] of a GRU, of which the second is the recurrent
        by_gate = values.reshape(-1, len(cell.gates), _UNITS)
        for gate, sign in _signs(cell).items():
            by_gate[0, cell.gates.index(gate)] = sign * logarithms
        bias.assign(by_gate.reshape(values.shape))


def table(results: dict[str, Any], width: int) -> list[str]:
    """How often a task was solved, and after how many sequences; see `Benchmark`."""
    rows = {}
    for row in results["rows"]:
        solved = [sequences for sequences in row["sequences"] if sequences is not None]
        published = row["published"]
        rows[f"{row['task']}, {row['cell']}"] = [
            f"{len(solved)} of {len(row['sequences'])}",
            f"{median(solved):,.0f}" if solved else f"over {row['limit']:,}",
            f"{fmean(row['right']):.1%}",
            f"{fmean(row['seconds']):.0f}",
            "" if published is None else f"{published:,}",
        ]
    seeds = ", ".join(map(str, results["seeds"]))
    title = (
        f"Lag {results['lag']}, seeds {seeds}: how often a task was solved, the sequences that it "
        "took (median), and those that the LSTM took in its paper of 1997:"
    )
    heads = [
        ("", "solved"),
        ("", "sequences"),
        ("right", "at last"),
        ("", "s"),
        ("in the", "paper"),
    ]
    return grid(title, heads, rows, width=width)


def picture(results: dict[str, Any]) -> Figure:
    """The sequences that each training took, a cross where the task was not solved."""
    rows = results["rows"]
    tasks = list(dict.fromkeys(row["task"] for row in rows))
    figure = empty_figure(max(6.0, 4.0 * len(tasks)), 3.5)
    panels = figure.subplots(1, len(tasks), squeeze=False)[0]
    for axes, task in zip(panels, tasks, strict=True):
        own = [row for row in rows if row["task"] == task]
        for index, row in enumerate(own):
            for sequences in row["sequences"]:
                failed = sequences is None
                at, marker = (row["limit"], "x") if failed else (sequences, "o")
                axes.plot(at, index, marker, color=f"C{index}")
        if own[0]["published"] is not None:
            axes.axvline(own[0]["published"], color="gray", ls="--", label="the LSTM of the paper")
            axes.legend(fontsize="x-small")
        axes.set_yticks(range(len(own)), labels=[row["cell"] for row in own])
        title = f"{own[0]['title']}, lag {results['lag']}"
        axes.set(title=title, xlabel="sequences", xscale="log")
        axes.set_ylim(len(own) - 0.5, -0.5)
    return figure


BENCHMARK = Benchmark(require=require, measure=measure, table=table, picture=picture)
