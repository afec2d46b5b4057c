"""Times of a forward pass, of gradients, of a step of `fit` and of a step of decoding.

For each cell, shape and operation, all implementations are timed in alternation. If their outputs
differ, the benchmark fails. The floor is the time that the matrix products of the cell alone would
take, at the rate that this machine reaches in a large product, measured at each shape; masked steps
need none.
"""

import math
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from nlpkit.compare.benchmark import DEFAULT_CELLS, Benchmark, Plan, Size
from nlpkit.compare.implementations import (
    IMPLEMENTATIONS,
    Implementation,
    implementations_of,
    installed,
    require_tensorflow,
)
from nlpkit.compare.speed_report import conclusion, contents, picture
from nlpkit.compare.timing import mean_ratios, require_same, time_interleaved, with_ratios
from nlpkit.compare.workload import SHAPES, Workload

__all__ = ["BENCHMARK", "OPERATIONS", "floor_ms", "gflops"]

_SECONDS = 3.0  # for the rounds of one operation at one shape
_SIZE = 1536  # a product of this size is bound by arithmetic, not by memory
_PRODUCT_ROUNDS, _PRODUCT_SECONDS = 9, 1.0

OPERATIONS = {
    "forward": ("forward", {"masked": False}),
    "forward, masked": ("forward", {"masked": True}),
    "training": ("training", {"masked": False}),
    "training, masked": ("training", {"masked": True}),
    "fit": ("fit", {"masked": False}),
    "fit, masked": ("fit", {"masked": True}),
    "decode": ("decode", {}),
}
"""What is timed: the method of the adapter, and its arguments."""

# How many products with the kernel and with the recurrent kernel each method needs. A product has
# two adjoints of its own size; `fit` does not need the gradient by the inputs.
_PRODUCTS = {"forward": (1, 1), "training": (3, 3), "fit": (2, 3), "decode": (1, 1)}


def measure(plan: Plan, say: Callable[[str], None]) -> dict[str, Any]:
    """Times every operation of every implementation; see `Benchmark`."""
    return {
        "shape": "batch,time,features,units",
        "units": "milliseconds; ratios are the implementation's median over nlpkit's",
        "mask": "padding on the right, lengths drawn evenly from T/2 to T",
        "absent": sorted(IMPLEMENTATIONS.keys() - installed().keys()),
        "cells": {cell: _measure_cell(cell, plan, say) for cell in plan.cells or DEFAULT_CELLS},
    }


def gflops() -> float:
    """Measures the machine's current rate in a large float32 matrix product.

    Returns:
        10⁹ floating-point operations per second, the median of several rounds.
    """
    import tensorflow as tf

    matrix = tf.random.stateless_normal([_SIZE, _SIZE], seed=[0, 0])

    def product():
        tf.matmul(matrix, matrix)
        tf.test.experimental.sync_devices()

    timings = time_interleaved(
        {"product": product}, rounds=_PRODUCT_ROUNDS, seconds=_PRODUCT_SECONDS
    )
    return round(2 * _SIZE**3 / timings["product"].median_ms / 1e6, 1)


def floor_ms(workload: Workload, method: str, rate: float, *, masked: bool = False) -> float:
    """The time that the products with a cell's kernel and recurrent kernel alone would take.

    Both have a column for each unit of each gate: 4·U for the LSTM, 3·U for the GRU, U for the
    vanilla RNN.

    Args:
        workload: The cell and the size.
        method: "forward", "training", "fit" or "decode".
        rate: 10⁹ operations per second.
        masked: Whether only the steps that the mask leaves are run. Default: `False`.

    Returns:
        Milliseconds.

    Example:
        >>> from nlpkit.compare.workload import Shape
        >>> round(floor_ms(Workload(Shape(32, 200, 128, 128)), "forward", 290.0), 1)
        5.8
    """
    steps = workload.shape.batch * (1 if method == "decode" else workload.shape.time)
    if masked:
        steps = int(workload.mask.sum())
    roles = workload.layer.cell.weights_by_role()
    sizes = [sum(math.prod(w.shape) for w in roles[r].values()) for r in ("input", "recurrent")]
    products = sum(n * size for n, size in zip(_PRODUCTS[method], sizes, strict=True))
    return float(f"{2 * steps * products / rate / 1e6:.4g}")


def _measure_cell(cell: str, plan: Plan, say: Callable[[str], None]) -> dict[str, Any]:
    """Times every implementation of a cell."""
    implementations = implementations_of(cell, plan.implementations)
    ran: dict[str, Any] = {}
    shapes: list[dict[str, Any]] = []
    for shape in plan.shapes:
        rate, workload, operations = gflops(), Workload(shape, plan.seed, cell), {}
        for operation in OPERATIONS:
            timed = _time_operation(operation, workload, implementations, plan, ran)
            method, options = OPERATIONS[operation]
            floor = floor_ms(workload, method, rate, **options)
            operations[operation] = {"floor_ms": floor, **timed}
            medians = {name: one["median_ms"] for name, one in timed["contestants"].items()}
            times = ", ".join(f"{name} {median:.4g}" for name, median in medians.items())
            say(f"speed: {cell} {shape} {operation}: {times} ms")
        shapes.append({"shape": str(shape), "gflops": rate, "operations": operations})
    return {
        "says": _says(implementations.values(), Workload(plan.shapes[0], cell=cell)),
        "ran": ran,
        "shapes": shapes,
        "geometric_means": {
            name: mean_ratios([shape["operations"][name]["ratios"] for shape in shapes])
            for name in OPERATIONS
        },
    }


def _time_operation(
    operation: str,
    workload: Workload,
    implementations: Mapping[str, Implementation],
    plan: Plan,
    ran: dict[str, dict[str, str]],
) -> dict[str, Any]:
    """Times one operation at one shape; records in `ran` what ran."""
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
    """The layers' own reports of where they run, by name; most have none."""
    words = {each.name: each.adapter(workload).says for each in implementations}
    return {name: said for name, said in words.items() if said}


BENCHMARK = Benchmark(
    title="Speed",
    question="How fast are the layers, forward and in training, on this machine?",
    shows="The times of each operation as a multiple of nlpkit's, a panel for each operation",
    sizes=(Size(1.2, {"shapes": SHAPES[:1], "rounds": 5}), Size(15.0, {})),
    require=require_tensorflow,
    measure=measure,
    contents=contents,
    conclusion=conclusion,
    picture=picture,
)
