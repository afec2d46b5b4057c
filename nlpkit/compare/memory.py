"""Memory of training steps, with each implementation in a process of its own.

The step is `training` of `speed`: all outputs, and gradients by inputs and weights. Before the
first step a process holds its libraries, the weights and the batch. The steps add mainly the
activations for back-propagation, and the memory of tracing and compiling.
"""

from collections.abc import Callable, Iterator
from typing import Any

from matplotlib.figure import Figure

from nlpkit.compare.benchmark import DEFAULT_CELLS, Benchmark, Plan, Size
from nlpkit.compare.child_process import measure_in_child
from nlpkit.compare.contents import Content, Table
from nlpkit.compare.implementations import (
    IMPLEMENTATIONS,
    OURS,
    column_heads,
    implementations_of,
    require_tensorflow,
)
from nlpkit.compare.workload import Shape
from nlpkit.reports.pictures import empty_figure

__all__ = ["BENCHMARK"]

_SHAPE = Shape(64, 200, 128, 128)


def measure(plan: Plan, say: Callable[[str], None]) -> dict[str, Any]:
    """Starts a process for each implementation; see `Benchmark`."""
    shape = _SHAPE if _SHAPE in plan.shapes else plan.shapes[0]
    cells: dict[str, dict[str, Any]] = {}
    for cell in plan.cells or DEFAULT_CELLS:
        cells[cell] = {}
        for name in implementations_of(cell, plan.implementations):
            held = measure_in_child("training-memory", name, cell, str(shape), str(plan.seed))
            added = round(held["peak_mb"] - held["start_mb"], 1)
            cells[cell][name] = {**held, "steps_mb": added}
            say(f"memory: {name} {cell} {added:.0f} MB above the start")
    return {"units": "10⁶ bytes", "shape": str(shape), "cells": cells}


def contents(results: dict[str, Any]) -> Iterator[Content]:
    """Memory before the steps, added by them, and at the peak; see `Benchmark`."""
    rows = {
        " ".join(*column_heads(cell, [name])): [
            f"{held[key]:,.0f}" for key in ("start_mb", "steps_mb", "peak_mb")
        ]
        for cell, implementations in results["cells"].items()
        for name, held in implementations.items()
    }
    title = f"Memory of training steps at {results['shape']} (batch,time,features,units), MB:"
    columns = [("before", "the steps"), ("added", "by them"), ("", "peak")]
    yield Table(title, columns, rows)


def conclusion(results: dict[str, Any]) -> str:
    """What a step adds with each implementation; see `Benchmark`."""
    return " ".join(
        f"Training steps add {implementations[OURS]['steps_mb']:,.0f} MB with nlpkit's {cell}"
        + "".join(
            f", {held['steps_mb']:,.0f} MB with {IMPLEMENTATIONS[name].title}'s"
            for name, held in implementations.items()
            if name != OURS
        )
        + "."
        for cell, implementations in results["cells"].items()
    )


def picture(results: dict[str, Any]) -> Figure:
    """A bar for each cell and implementation; see `Benchmark`."""
    figure = empty_figure(6.0, 2.0 + 1.5 * len(results["cells"]))
    axes = figure.subplots()
    for cell, implementations in results["cells"].items():
        for name, held in implementations.items():
            label, colour = f"{name} {cell}", IMPLEMENTATIONS[name].colour
            axes.barh(label, held["start_mb"], color="lightgrey")
            axes.barh(label, held["steps_mb"], left=held["start_mb"], color=colour)
    axes.invert_yaxis()
    axes.set(
        title=f"Training steps at {results['shape']}", xlabel="MB; grey: before the first step"
    )
    return figure


BENCHMARK = Benchmark(
    title="Memory",
    question="How much memory do training steps take?",
    shows="A bar for each implementation: memory before the first step, and what the steps add",
    sizes=(Size(0.6, {}),),
    require=require_tensorflow,
    measure=measure,
    contents=contents,
    conclusion=conclusion,
    picture=picture,
)
