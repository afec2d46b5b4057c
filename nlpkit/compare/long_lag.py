"""Sequences until a cell has learnt to remember: experiments of the LSTM's paper, and copy memory.

A recurrent layer and a dense layer learn from sequences that are made as training goes on; see
`nlpkit.data.long_lag`. A task is solved when the last 2,000 sequences were answered correctly
before they were learnt from, by the tolerance of the paper and with the mistakes that it allows.
(Its experiments 4 to 6 end so, 4 and 6 by a bound on the average error too; 1 and 2 by a test set.)
Experiment 3 ends by a test set, as in the paper; it is drawn after every 2,000 sequences.
All cells have as many units, the same optimizer and the same sequences, of which they learn from as
many as the paper's LSTM did, but from 100,000 if these are more.

Chrono initialization: the bias of a gate that keeps the state begins as log u, that of a gate that
writes to it as -log u, with u uniform from 1 to S - 1, S steps being the longest sequence. So the
memories of the units begin with time constants of up to the length of a sequence. Which gates do so
the cell declares (`nlpkit.cells.Cell.gate_roles`). Other weights begin as ever; a vanilla RNN has
no gate.

The comparison with 1997 is of orders of magnitude: the paper's networks had some hundred weights,
and learnt from one sequence at a time by plain gradient descent; ours have 32 units and learn from
20 at a time by Adam.

References:
    S. Hochreiter, J. Schmidhuber: Long Short-Term Memory. Neural Computation 9(8), 1997, section 5.
    C. Tallec, Y. Ollivier: Can Recurrent Neural Networks Warp Time? ICLR 2018, section 2 (biases).
"""

import math
import time
from collections.abc import Callable
from statistics import median
from typing import Any, NamedTuple

import keras
import numpy as np
import tensorflow as tf

from nlpkit.checks import check_choice
from nlpkit.compare.benchmark import Benchmark, Plan, Size
from nlpkit.compare.implementations import require_tensorflow
from nlpkit.compare.long_lag_report import conclusion, contents, picture
from nlpkit.data.long_lag import LONG_LAG_TASKS, Sequences, Task
from nlpkit.layers import FAMILY
from nlpkit.training import LazyAdam
from nlpkit.training.uncompiled import uncompiled

__all__ = ["BENCHMARK", "Learner"]

_TASKS, _CELLS = ("adding",), ("simple-rnn", "lstm-1997", "lstm", "gru")
_UNITS, _BATCH, _RATE, _CLIP = 32, 20, 5e-3, 1.0
_RECENT = 2_000
_LEAST = 100_000
_TINY = 2_000
_SIGNS = {"forget": 1, "update": 1, "input": -1}  # of the biases of gates, by role


class Learnt(NamedTuple):
    """How one training went.

    Attributes:
        sequences: How many it took; None if the task was not solved.
        correct: The fraction of the last 2,000 that was answered correctly; not a number after a
            training that diverged.
        seconds: How long it took.
    """

    sequences: int | None
    correct: float
    seconds: float


class Learner:
    """A layer that is to learn a task; see the module.

    Args:
        task: The task.
        cell: A key of `nlpkit.layers.FAMILY`.
        lag: The lag of the task.
        seed: The seed of the weights and the sequences, also set globally.

    Attributes:
        layer: The recurrent layer.
    """

    def __init__(self, task: Task, cell: str, lag: int, seed: int) -> None:
        keras.utils.set_random_seed(seed)
        for_data, for_biases, self._for_tests = np.random.default_rng(seed).spawn(3)
        self._task, self._lag, self._rng = task, lag, for_data
        example = task.make(self._rng, 1, lag)
        self.layer = FAMILY[cell].make_width(_UNITS, return_sequences=True)
        self.layer.build(example.inputs.shape)
        _set_time_constants(self.layer, example.inputs.shape[1], for_biases)
        self._step, self._answers = _functions(task, self.layer, example.targets.shape[-1])

    def sequences(self, count: int) -> Sequences:
        """Makes further sequences.

        Args:
            count: How many.

        Returns:
            The sequences.
        """
        return self._task.make(self._rng, count, self._lag)

    def learn(self, limit: int) -> Learnt:
        """Learns until the task is solved.

        Args:
            limit: The most sequences to learn from.

        Returns:
            How it went.
        """
        recent, begun = np.zeros(_RECENT, bool), time.monotonic()
        for seen in range(_BATCH, limit + 1, _BATCH):
            new = self.sequences(_BATCH)
            outputs = self._step(new.inputs, new.targets, new.mask, new.counted).numpy()
            if not np.isfinite(outputs).all():
                return Learnt(None, math.nan, time.monotonic() - begun)
            recent[np.arange(seen - _BATCH, seen) % _RECENT] = self._task.solved(outputs, new)
            if self._is_solved(seen, recent):
                return Learnt(seen, float(recent.mean()), time.monotonic() - begun)
        return Learnt(None, float(recent[:limit].mean()), time.monotonic() - begun)

    def _is_solved(self, seen: int, recent: np.ndarray) -> bool:
        """Whether the task is; by a test every 2,000 sequences if it has one."""
        task = self._task
        if not task.tested:
            return seen >= _RECENT and bool(np.sum(~recent) <= task.mistakes)
        if seen % _RECENT:
            return False
        test = task.make(self._for_tests, task.tested, self._lag)
        outputs = self._answers(test.inputs, test.mask).numpy()
        few = np.sum(~task.solved(outputs, test)) <= task.mistakes
        return bool(few and task.errors(outputs, test).mean() < task.mean_error)


def require(plan: Plan) -> None:
    """Requires that cells and tasks exist, and that Keras runs on TensorFlow; see `Benchmark`."""
    require_tensorflow(plan)
    for name in plan.tasks:
        check_choice("--tasks", name, LONG_LAG_TASKS)


def measure(plan: Plan, say: Callable[[str], None]) -> dict[str, Any]:
    """Trains each cell on each task from each seed; see `Benchmark`."""
    seeds = range(plan.seed, plan.seed + plan.seeds)
    rows = []
    for name in plan.tasks or _TASKS:
        task = LONG_LAG_TASKS[name]
        published = task.published.get(plan.lag, task.published.get(None))
        limit = _TINY if plan.quick else max(_LEAST, published or 0)
        for cell in plan.cells or _CELLS:
            runs = [Learner(task, cell, plan.lag, seed).learn(limit) for seed in seeds]
            solved = [run.sequences for run in runs if run.sequences is not None]
            rows.append(
                {
                    "task": name,
                    "title": task.title,
                    "cell": cell,
                    "published": published,
                    "limit": limit,
                    "sequences": [run.sequences for run in runs],
                    "correct": [run.correct for run in runs],
                    "seconds": [run.seconds for run in runs],
                }
            )
            took = f", after {median(solved):,.0f} sequences" if solved else ""
            say(f"long-lag: {name}, {cell}: solved {len(solved)} of {len(runs)} times{took}")
    return {"lag": plan.lag, "seeds": list(seeds), "rows": rows}


def _functions(
    task: Task, layer: keras.layers.RNN, width: int
) -> tuple[Callable[..., tf.Tensor], Callable[..., tf.Tensor]]:
    """One that learns from sequences and returns the outputs from before that; one that answers."""
    dense = keras.layers.Dense(width)
    dense.build(layer.compute_output_shape((None, None, None)))
    weights = layer.trainable_variables + dense.trainable_variables
    optimizer = LazyAdam(_RATE)
    optimizer.build(weights)
    loss_of = tf.nn.softmax_cross_entropy_with_logits if task.classes else _squared_error

    @uncompiled
    def step(inputs, targets, mask, counted):
        with tf.GradientTape() as tape:
            outputs = dense(layer(inputs, mask=mask, training=True))
            loss = tf.reduce_mean(tf.boolean_mask(loss_of(targets, outputs), counted))
        gradients, _ = tf.clip_by_global_norm(tape.gradient(loss, weights), _CLIP)
        optimizer.apply(gradients, weights)
        return outputs

    @uncompiled
    def answers(inputs, mask):
        return dense(layer(inputs, mask=mask))

    return step, answers


def _squared_error(targets: tf.Tensor, outputs: tf.Tensor) -> tf.Tensor:
    """The mean squared error of each step."""
    return tf.reduce_mean(tf.square(targets - outputs), axis=-1)


def _set_time_constants(layer: keras.layers.RNN, steps: int, rng: np.random.Generator) -> None:
    """Sets the biases of gates; see the module."""
    gates, roles = layer.declaration.gates, layer.declaration.gate_roles
    for bias in [weight for weight in layer.trainable_variables if weight.name == "bias"]:
        values = bias.numpy()  # [G·U], or [2, G·U] of a GRU, of which the second is the recurrent
        by_gate = values.reshape(-1, len(gates), layer.units)
        logarithms = np.log(rng.uniform(1.0, steps - 1.0, size=layer.units))
        for index, gate in enumerate(gates):
            if gate in roles:
                by_gate[0, index] = logarithms * _SIGNS[roles[gate]]
        bias.assign(by_gate.reshape(values.shape))


BENCHMARK = Benchmark(
    title="Long lags",
    question="From how many sequences does a cell learn to remember over many steps?",
    shows="The sequences that each training took, and crosses where the task was not solved",
    sizes=(
        Size(0.7, {"lag": 30, "seeds": 1}),
        Size(1.2, {"lag": 50, "seeds": 1}),
        Size(2.5, {"seeds": 1}),
        Size(7.0, {}),
    ),
    require=require,
    measure=measure,
    contents=contents,
    conclusion=conclusion,
    picture=picture,
)
