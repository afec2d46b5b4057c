"""Speed of a parallel scan compared with loops, for the cells that are linear in their state.

The same recurrence is computed by the scan, by the loop compiled by XLA, which would run otherwise,
and by a plain loop of TensorFlow ops: forward alone, and with all gradients.
"""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import tensorflow as tf
from matplotlib.figure import Figure

from nlpkit.compare.benchmark import Benchmark, Plan, Size
from nlpkit.compare.contents import Content, Table, in_words
from nlpkit.compare.implementations import require_tensorflow
from nlpkit.compare.timing import require_same, time_interleaved, with_ratios
from nlpkit.compare.workload import Shape, Workload
from nlpkit.layers import FAMILY
from nlpkit.recurrence import Operands, kernels
from nlpkit.reports.pictures import empty_figure

__all__ = ["BENCHMARK"]

_SHAPE, _TINY = Shape(1, 4000, 128, 128), Shape(1, 40, 3, 4)
_SECONDS = 5.0  # for the rounds of one operation
_KERNELS = {"scan": kernels.SCAN, "compiled loop": kernels.COMPILED, "loop": kernels.LOOP}
_OPERATIONS = ("forward", "training")


def measure(plan: Plan, say: Callable[[str], None]) -> dict[str, Any]:
    """Times the cells that have a scan; see `Benchmark`."""
    shape = _TINY if plan.quick else _SHAPE
    cells: dict[str, dict[str, Any]] = {}
    for cell in [name for name in plan.cells or FAMILY if FAMILY[name].cell.scan is not None]:
        workload, cells[cell] = Workload(shape, plan.seed, cell), {}
        for operation in _OPERATIONS:
            calls = {name: _call(workload, kernel, operation) for name, kernel in _KERNELS.items()}
            timings = time_interleaved(calls, rounds=plan.rounds, seconds=_SECONDS, seed=plan.seed)
            require_same(calls, f"{cell} at {shape}", "scan")
            cells[cell][operation] = with_ratios(timings, "scan")
            words = ", ".join(f"{name} {one.median_ms:.4g}" for name, one in timings.items())
            say(f"scan: {cell} {shape} {operation}: {words} ms")
    return {
        "shape": str(shape),
        "units": "milliseconds; ratios are the kernel's median over the scan's",
        "cells": cells,
    }


def _call(workload: Workload, kernel: kernels.Kernel, operation: str) -> Callable[[], Any]:
    """Computes all outputs, or all gradients, of which it returns that by the inputs."""
    cell, training = workload.member.cell, operation == "training"
    weights = workload.layer.cell.weights_by_name("float32")
    operands = Operands(
        tf.constant(workload.inputs), weights, state=tuple(map(tf.constant, workload.states))
    )
    cotangent = tf.constant(workload.cotangent)

    @tf.function
    def run():
        shown, state, trace = kernel.forward(cell, operands, 1, training)
        if not training:
            return shown[0]
        zeros = tuple(map(tf.zeros_like, state))
        gradients = kernel.backward(cell, operands, trace, (cotangent,), zeros)
        with tf.control_dependencies([g for g in gradients.weights.values() if g is not None]):
            return tf.identity(gradients.inputs)

    def call():
        return run().numpy()

    return call


def contents(results: dict[str, Any]) -> Iterator[Content]:
    """The times, and those of the loop as a multiple of the scan's; see `Benchmark`."""
    if not results["cells"]:
        return
    rows = {
        f"{cell}, {operation}": [
            *(f"{timed['contestants'][name]['median_ms']:.4g}" for name in _KERNELS),
            f"{timed['ratios']['loop']:.1f}",
        ]
        for cell, operations in results["cells"].items()
        for operation, timed in operations.items()
    }
    title = f"A parallel scan and loops at {results['shape']} (batch,time,features,units), ms:"
    heads = [("", "scan"), ("compiled", "loop"), ("", "loop"), ("loop", "over scan")]
    yield Table(title, heads, rows)


def conclusion(results: dict[str, Any]) -> str:
    """How many times as long the compiled loop takes; see `Benchmark`."""
    if not results["cells"]:
        return "None of these cells has a scan."
    ratios = [
        f"{timed['ratios']['compiled loop']:.1f} times as long for {cell}, {operation}"
        for cell, operations in results["cells"].items()
        for operation, timed in operations.items()
    ]
    return f"Compared with the scan, the compiled loop takes {in_words(ratios)}."


def picture(results: dict[str, Any]) -> Figure:
    """A group of bars for each kernel; see `Benchmark`."""
    figure = empty_figure(6.0, 3.5)
    axes = figure.subplots()
    bars = {
        f"{cell}, {operation}": timed["contestants"]
        for cell, operations in results["cells"].items()
        for operation, timed in operations.items()
    }
    positions = np.arange(len(bars))
    for number, name in enumerate(_KERNELS):
        medians = [timings[name]["median_ms"] for timings in bars.values()]
        axes.barh(positions + 0.25 * number, medians, height=0.25, label=name)
    axes.set_yticks(positions + 0.25, labels=list(bars))
    axes.set(title=f"Scan and loops at {results['shape']}", xlabel="ms", xscale="log")
    axes.legend()
    return figure


BENCHMARK = Benchmark(
    title="Parallel scan",
    question="What does a cell gain that is linear in its state, so that a scan can run it?",
    shows="Milliseconds of the scan, the compiled loop and the plain loop",
    sizes=(Size(0.5, {"rounds": 5}), Size(0.8, {})),
    require=require_tensorflow,
    measure=measure,
    contents=contents,
    conclusion=conclusion,
    picture=picture,
)
