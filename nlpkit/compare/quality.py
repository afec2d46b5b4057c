"""The sentiment recipe with our layer and with Keras's: how good, how soon, how large.

Each training is `nlpkit sentiment` in a process of its own. Equal seeds give equal splits, batches
and dropout; what differs is the recurrent layer and, between LSTM and GRU, its weights.
"""

import json
import tempfile
from collections.abc import Callable
from pathlib import Path
from statistics import fmean
from typing import Any

from matplotlib.figure import Figure

from nlpkit.compare.children import ask
from nlpkit.compare.contestants import CONTESTANTS
from nlpkit.compare.drawing import figure
from nlpkit.compare.subject import Plan, Subject
from nlpkit.compare.table import grid
from nlpkit.data.sources import open_sources
from nlpkit.data.spec import parse_spec

__all__ = ["CELLS", "SUBJECT"]

CELLS = {"lstm": "nlpkit", "keras-lstm": "keras-lstm", "keras-gru": "keras-gru"}
"""What is trained, as `nlpkit sentiment --cell` calls it, and the contestant that it is."""

_TINY = ("--epochs", "1", "--units", "4", "--embedding", "4", "--vocabulary", "500")


def require(plan: Plan) -> None:
    """Insists that the reviews can be opened; see `Subject`."""
    open_sources(parse_spec(plan.data))


def measure(plan: Plan, say: Callable[[str], None]) -> dict[str, Any]:
    """Trains each cell from each seed; see `Subject`."""
    seeds = list(range(plan.seed, plan.seed + plan.seeds))
    runs: dict[str, list[dict[str, Any]]] = {cell: [] for cell in CELLS}
    for seed in seeds:
        for cell in CELLS:
            metrics = _trained(cell, seed, plan)
            runs[cell].append(metrics)
            accuracy, seconds = metrics["test"]["accuracy"], metrics["seconds"]["train"]
            say(f"quality: {cell}, seed {seed}: {accuracy:.2%}, trained in {seconds:.0f} s")
    first = runs["lstm"][0]
    return {
        "data": first["data"],
        "examples": first["examples"],
        "seeds": seeds,
        "cells": {cell: _figures(trained) for cell, trained in runs.items()},
        "baseline": {
            "name": first["baseline"]["name"],
            "accuracy": _accuracies(runs["lstm"], "baseline"),
        },
    }


def _trained(cell: str, seed: int, plan: Plan) -> dict[str, Any]:
    """The metrics.json of one training."""
    options = ["--cell", cell, "--seed", str(seed), "--quiet"]
    options += ["--data", plan.data] if plan.data is not None else []
    options += _TINY if plan.quick else []
    with tempfile.TemporaryDirectory() as folder:
        ask("nlpkit", "sentiment", *options, "--out", f"{folder}/out")
        return json.loads(Path(folder, "out", "metrics.json").read_text(encoding="utf-8"))


def _figures(runs: list[dict[str, Any]]) -> dict[str, Any]:
    """What is reported of one cell, a number for each seed."""
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


def table(found: dict[str, Any], width: int) -> list[str]:
    """Means over the seeds, and the range of the accuracy; see `Subject`."""
    rows = {}
    for name, one in {**found["cells"], found["baseline"]["name"]: found["baseline"]}.items():
        accuracy = one["accuracy"]
        figures = [f"{value:.2%}" for value in (fmean(accuracy), min(accuracy), max(accuracy))]
        own = "parameters" in one
        figures.append(f"{fmean(one['train_seconds']):.0f}" if own else "–")
        rows[name] = [*figures, f"{one['parameters']:,}" if own else "–"]
    size = found["examples"]["test"]
    mean = fmean(found["cells"]["lstm"]["accuracy"])
    seeds = ", ".join(map(str, found["seeds"]))
    title = (
        f"Sentiment on {found['data']}, {size:,} test texts, seeds {seeds}. Test texts drawn anew "
        f"would move an accuracy by {(mean * (1 - mean) / size) ** 0.5:.1%} (standard error)."
    )
    heads = [("mean", "accuracy"), ("", "lowest"), ("", "highest"), ("training", "s")]
    return grid(title, [*heads, ("", "parameters")], rows, width=width)


def picture(found: dict[str, Any]) -> Figure:
    """Accuracy over seconds, a point for each training; see `Subject`."""
    drawn = figure(6.0, 4.0)
    axes = drawn.subplots()
    for cell, one in found["cells"].items():
        colour = CONTESTANTS[CELLS[cell]].colour
        axes.plot(one["train_seconds"], one["accuracy"], "o", color=colour, label=cell)
    baseline = found["baseline"]
    axes.axhline(fmean(baseline["accuracy"]), color="grey", ls="--", label=baseline["name"])
    axes.set(title="Sentiment", xlabel="seconds of training", ylabel="test accuracy")
    axes.legend()
    return drawn


SUBJECT = Subject(require=require, measure=measure, table=table, picture=picture)
