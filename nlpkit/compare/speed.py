"""How long a forward pass, a gradient, a step of `fit` and a step of decoding take.

For each cell, shape and operation those that have the cell are timed in turns. They must give the
same numbers, or the comparison ends. The floor is what the matrix products of the cell would take
at the rate that this machine reaches in a large one, measured anew at each shape.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from nlpkit.compare.benchmark import DEFAULT_CELLS, Benchmark, Plan
from nlpkit.compare.floor import floor_ms, gflops
from nlpkit.compare.implementations import (
    IMPLEMENTATIONS,
    Implementation,
    implementations_of,
    installed,
    require_tensorflow,
)
from nlpkit.compare.speed_picture import picture
from nlpkit.compare.speed_table import table
from nlpkit.compare.timing import mean_ratios, require_same, time_interleaved, with_ratios
from nlpkit.compare.workload import Workload

__all__ = ["OPERATIONS", "BENCHMARK"]

_SECONDS = 3.0  # for the rounds of one operation at one shape

OPERATIONS = {
    "forward": ("forward", {"masked": False}),
    "forward, masked": ("forward", {"masked": True}),
    "training": ("training", {"masked": False}),
    "training, masked": ("training", {"masked": True}),
    "fit": ("fit", {"masked": False}),
    "fit, masked": ("fit", {"masked": True}),
    "decode": ("decode", {}),
}
"""What is timed: the method of `KerasAdapter`, and its arguments."""


def measure(plan: Plan, say: Callable[[str], None]) -> dict[str, Any]:
    """Times implementations at everything; see `Benchmark`."""
    return {
        "shape": "batch,time,features,units",
        "units": "milliseconds; ratios are the implementation's median over nlpkit's",
        "mask": "padding on the right, lengths drawn evenly from T/2 to T",
        "absent": sorted(IMPLEMENTATIONS.keys() - installed().keys()),
        "cells": {cell: _measured(cell, plan, say) for cell in plan.cells or DEFAULT_CELLS},
    }


def _measured(cell: str, plan: Plan, say: Callable[[str], None]) -> dict[str, Any]:
    """Times every implementation of a cell."""
    implementations, ran, shapes = implementations_of(cell, plan.implementations), {}, []
    for shape in plan.shapes:
        rate, workload, operations = gflops(), Workload(shape, plan.seed, cell), {}
        for operation in OPERATIONS:
            found = _timed_all(operation, workload, implementations, plan, ran)
            floor = floor_ms(workload, OPERATIONS[operation][0], rate)
            operations[operation] = {"floor_ms": floor, **found}
            medians = {name: one["median_ms"] for name, one in found["contestants"].items()}
            said = ", ".join(f"{name} {median:.4g}" for name, median in medians.items())
            say(f"speed: {cell} {shape} {operation}: {said} ms")
        shapes.append({"shape": str(shape), "gflops": rate, "operations": operations})
    return {
        "says": _says(implementations.values(), Workload(plan.shapes[0], cell=cell)),
        "ran": ran,
        "shapes": shapes,
        "geometric_means": {name: mean_ratios(_of(shapes, name)) for name in OPERATIONS},
    }


def _of(shapes: list[dict[str, Any]], operation: str) -> list[dict[str, float]]:
    """The ratios of one operation at each shape."""
    return [shape["operations"][operation]["ratios"] for shape in shapes]


def _timed_all(
    operation: str,
    workload: Workload,
    implementations: Mapping[str, Implementation],
    plan: Plan,
    ran: dict[str, dict[str, str]],
) -> dict[str, Any]:
    """Times one operation at one shape; notes in `ran` what ran."""
    method, options = OPERATIONS[operation]
    adapters = {
        name: implementation.adapter(workload)
        for name, implementation in implementations.items()
        if implementation.masks or not options.get("masked")
    }
    calls = {name: getattr(adapter, method)(**options) for name, adapter in adapters.items()}
    timings = time_interleaved(calls, rounds=plan.rounds, seconds=_SECONDS, seed=plan.seed)
    if method == "forward":
        require_same(calls, f"{workload.cell} at {workload.shape}")
    for name, adapter in adapters.items():
        ran.setdefault(name, {})[operation] = adapter.ran[method]
    return with_ratios(timings)


def _says(implementations: Iterable[Implementation], workload: Workload) -> dict[str, str]:
    """What the layers say of themselves, by name; most say nothing."""
    words = {
        implementation.name: implementation.adapter(workload).says
        for implementation in implementations
    }
    return {name: said for name, said in words.items() if said}


BENCHMARK = Benchmark(require=require_tensorflow, measure=measure, table=table, picture=picture)
