"""The sentiment recipe with nlpkit's layers and with Keras's: accuracy, time, size.

Each training is `nlpkit sentiment` in a process of its own. Equal seeds give equal splits, batches
and dropout, so that only the recurrent layer differs and, between different cells, its weights.
"""

import json
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import fmean
from typing import Any

from matplotlib.figure import Figure

from nlpkit.compare.benchmark import DEFAULT_CELLS, Benchmark, Plan, Size
from nlpkit.compare.child_process import run_module
from nlpkit.compare.contents import Content, Table
from nlpkit.compare.implementations import IMPLEMENTATIONS, OURS, require_cells
from nlpkit.data.sources import open_sources
from nlpkit.data.spec import parse_spec
from nlpkit.evaluation.metrics import standard_error
from nlpkit.models import RECURRENT
from nlpkit.reports.pictures import empty_figure

__all__ = ["BENCHMARK", "names"]

_TINY = ("--epochs", "1", "--units", "4", "--embedding", "4", "--vocabulary", "500")
_MARKERS = "osD^vP*X"  # one for each cell; the colours tell nlpkit's layers from Keras's


def names(plan: Plan) -> list[str]:
    """The layers to train.

    Args:
        plan: The plan, of which only the cells are used.

    Returns:
        The names of nlpkit's layer for each cell, and of Keras's if there is one, for `--cell`.

    Example:
        >>> names(Plan(cells=("gru",)))
        ['gru', 'keras-gru']
    """
    pairs = ((cell, f"keras-{cell}") for cell in plan.cells or DEFAULT_CELLS)
    return [name for pair in pairs for name in pair if name in RECURRENT]


def require(plan: Plan) -> None:
    """Requires that the cells exist and the reviews can be opened; see `Benchmark`."""
    require_cells(plan)
    open_sources(parse_spec(plan.data))


def measure(plan: Plan, say: Callable[[str], None]) -> dict[str, Any]:
    """Trains each cell from each seed; see `Benchmark`."""
    seeds = list(range(plan.seed, plan.seed + plan.seeds))
    runs: dict[str, list[dict[str, Any]]] = {cell: [] for cell in names(plan)}
    for seed in seeds:
        for cell in runs:
            metrics = _train(cell, seed, plan)
            runs[cell].append(metrics)
            accuracy, seconds = metrics["test"]["accuracy"], metrics["seconds"]["train"]
            say(f"quality: {cell}, seed {seed}: {accuracy:.2%}, trained in {seconds:.0f} s")
    one, *_ = runs.values()
    first = one[0]
    return {
        "data": first["data"],
        "examples": first["examples"],
        "seeds": seeds,
        "cells": {cell: _metrics(each) for cell, each in runs.items()},
        "baseline": {
            "name": first["baseline"]["name"],
            "accuracy": _accuracies(one, "baseline"),
        },
    }


def _train(cell: str, seed: int, plan: Plan) -> dict[str, Any]:
    """Trains once, and reads metrics.json."""
    options = ["--cell", cell, "--seed", str(seed), "--quiet"]
    options += ["--data", plan.data] if plan.data is not None else []
    options += _TINY if plan.quick else []
    with tempfile.TemporaryDirectory() as folder:
        run_module("nlpkit", "sentiment", *options, "--out", f"{folder}/out")
        return json.loads(Path(folder, "out", "metrics.json").read_text(encoding="utf-8"))


def _metrics(runs: list[dict[str, Any]]) -> dict[str, Any]:
    """The metrics of one cell, a number for each seed."""
    return {
        "accuracy": _accuracies(runs, "test"),
        "log_loss": [run["test"]["log_loss"] for run in runs],
        "train_seconds": [run["seconds"]["train"] for run in runs],
        "total_seconds": [run["seconds"]["total"] for run in runs],
        "parameters": runs[0]["parameters"],
    }


def _accuracies(runs: list[dict[str, Any]], of: str) -> list[float]:
    """The accuracy of each run, of its "test" or its "baseline"."""
    return [run[of]["accuracy"] for run in runs]


def contents(results: dict[str, Any]) -> Iterator[Content]:
    """Means over the seeds, and the range of the accuracy; see `Benchmark`."""
    rows = {}
    for name, each in {
        **results["cells"],
        results["baseline"]["name"]: results["baseline"],
    }.items():
        accuracy = each["accuracy"]
        cells = [f"{value:.2%}" for value in (fmean(accuracy), min(accuracy), max(accuracy))]
        own = "parameters" in each
        cells.append(f"{fmean(each['train_seconds']):.0f}" if own else "–")
        rows[name] = [*cells, f"{each['parameters']:,}" if own else "–"]
    size = results["examples"]["test"]
    one, *_ = results["cells"].values()
    mean = fmean(one["accuracy"])
    seeds = ", ".join(map(str, results["seeds"]))
    title = (
        f"Sentiment on {results['data']}, {size:,} test texts, seeds {seeds}. The standard "
        f"error of an accuracy is {standard_error(mean, size):.1%} (from the choice of test texts)."
    )
    heads = [("mean", "accuracy"), ("", "lowest"), ("", "highest"), ("training", "s")]
    yield Table(title, [*heads, ("", "parameters")], rows)


def conclusion(results: dict[str, Any]) -> str:
    """TODO"""
    return ""


def picture(results: dict[str, Any]) -> Figure:
    """Accuracy over seconds, a point for each training; see `Benchmark`."""
    figure = empty_figure(6.0, 4.0)
    axes = figure.subplots()
    kinds = list(dict.fromkeys(name.removeprefix("keras-") for name in results["cells"]))
    for name, one in results["cells"].items():
        kind = name.removeprefix("keras-")
        style: dict[str, Any] = {
            "color": IMPLEMENTATIONS[OURS if kind == name else "keras"].colour,
            "marker": _MARKERS[kinds.index(kind) % len(_MARKERS)],
        }
        axes.plot(one["train_seconds"], one["accuracy"], linestyle="", label=name, **style)
    baseline = results["baseline"]
    axes.axhline(fmean(baseline["accuracy"]), color="grey", ls="--", label=baseline["name"])
    axes.set(title="Sentiment", xlabel="seconds of training", ylabel="test accuracy")
    axes.legend()
    return figure


BENCHMARK = Benchmark(
    title="Quality",
    question="How good are the models that the recipes train with each layer?",
    shows="Accuracy over seconds of training, a point for each training",
    sizes=(
        Size(0.8, {"quick": True}),
        Size(3.0, {"seeds": 1}),
        Size(40.0, {}),
    ),
    require=require,
    measure=measure,
    contents=contents,
    conclusion=conclusion,
    picture=picture,
)
