"""The recipes with nlpkit's layers and with Keras's: accuracy or perplexity, time, size.

Each training is the command of a recipe in a process of its own. Equal seeds give equal splits,
batches and dropout, so that only the recurrent layer differs and, between different cells, its
weights. Every model is compared with the first on the same test texts, seed by seed: by McNemar's
test where it is right or wrong, by a paired bootstrap over passages where it gives probabilities.
One is called better than another only if it is so, significantly, from every seed.
"""

import dataclasses
import json
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import fmean
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from nlpkit.checks import check_choice
from nlpkit.compare.benchmark import DEFAULT_CELLS, Benchmark, Plan, Size
from nlpkit.compare.child_process import run_module
from nlpkit.compare.contents import Content, Table, in_words, seeds_in_words
from nlpkit.compare.implementations import IMPLEMENTATIONS, OURS, require_cells
from nlpkit.data.sources import open_sources
from nlpkit.data.spec import Spec, parse_spec
from nlpkit.data.text_sources import open_texts
from nlpkit.errors import InputError
from nlpkit.evaluation import Comparison, compare_accuracy, compare_losses
from nlpkit.models import RECURRENT
from nlpkit.reports import SCORES
from nlpkit.reports.pictures import empty_figure

__all__ = ["BENCHMARK", "RECIPES", "names"]

_MARKERS = "osD^vP*X"  # one for each cell; the colours tell nlpkit's layers from Keras's


@dataclasses.dataclass(frozen=True)
class _Recipe:
    """What differs between the recipes.

    Attributes:
        metric: The metric of metrics.json to compare.
        form: Its format.
        compare: Compares the scores of two models.
        test: What that is called.
        open: Raises an `InputError` if data cannot be opened.
        tiny: Options of a model that trains in seconds.
    """

    metric: str
    form: str
    compare: Callable[[np.ndarray, np.ndarray], Comparison]
    test: str
    open: Callable[[Spec], Any]
    tiny: tuple[str, ...]


def _compare_right(ours: np.ndarray, theirs: np.ndarray) -> Comparison:
    """McNemar's test of what two classifiers got right."""
    return compare_accuracy(ours, theirs, np.ones_like(ours))


RECIPES = {
    "sentiment": _Recipe(
        metric="accuracy",
        form="{:.2%}",
        compare=_compare_right,
        test="McNemar's test",
        open=open_sources,
        tiny=("--epochs", "1", "--units", "4", "--embedding", "4", "--vocabulary", "500"),
    ),
    "next-word": _Recipe(
        metric="perplexity",
        form="{:.2f}",
        compare=compare_losses,
        test="a paired bootstrap",
        open=open_texts,
        tiny=("--epochs", "1", "--units", "4", "--vocabulary", "500"),
    ),
}
"""The recipes that can be compared, by their commands."""


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
    """Requires that cells and recipes exist and the data can be opened; see `Benchmark`."""
    require_cells(plan)
    for recipe in plan.recipes:
        check_choice("--recipes", recipe, RECIPES)
    if plan.data is not None and len(plan.recipes) > 1:
        raise InputError(
            f"`--data` is for one recipe, got {plan.data!r} for {in_words(plan.recipes)}; give one "
            "of them to `--recipes`."
        )
    for recipe in _recipes(plan):
        RECIPES[recipe].open(parse_spec(plan.data))


def _recipes(plan: Plan) -> tuple[str, ...]:
    """Those of the plan; by default all, or for data of one's own the first."""
    return plan.recipes or tuple(RECIPES)[: None if plan.data is None else 1]


def measure(plan: Plan, say: Callable[[str], None]) -> dict[str, Any]:
    """Trains each cell by each recipe from each seed; see `Benchmark`."""
    seeds = list(range(plan.seed, plan.seed + plan.seeds))
    measured = {recipe: _measure(recipe, seeds, plan, say) for recipe in _recipes(plan)}
    return {"seeds": seeds, "recipes": measured}


def _measure(name: str, seeds: list[int], plan: Plan, say: Callable[[str], None]) -> dict[str, Any]:
    """Trains each cell by one recipe, and compares all with the first."""
    recipe, first, *others = RECIPES[name], *names(plan)
    runs: dict[str, list[dict[str, Any]]] = {cell: [] for cell in (first, *others)}
    baseline: list[float] = []
    paired: dict[str, list[dict[str, Any]]] = {}
    for seed in seeds:
        scores = {}
        for cell, own in runs.items():
            metrics, scores[cell] = _train(name, cell, seed, plan)
            own.append(metrics)
            value, seconds = metrics["test"][recipe.metric], metrics["seconds"]["train"]
            shown = recipe.form.format(value)
            say(f"quality: {name}, {cell}, seed {seed}: {shown}, trained in {seconds:.0f} s")
        theirs = runs[first][-1]["baseline"]
        baseline.append(theirs[recipe.metric])
        rivals = {cell: scores[cell]["model"] for cell in others}
        for rival, score in {**rivals, theirs["name"]: scores[first]["baseline"]}.items():
            comparison = recipe.compare(scores[first]["model"], score)
            paired.setdefault(rival, []).append(dataclasses.asdict(comparison))
    one = runs[first][0]
    return {
        "data": one["data"],
        "examples": one["examples"],
        "cells": {cell: _metrics(each, recipe.metric) for cell, each in runs.items()},
        "baseline": {"name": one["baseline"]["name"], "metric": baseline},
        "paired": paired,
    }


def _train(
    recipe: str, cell: str, seed: int, plan: Plan
) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Trains once, and reads metrics and scores."""
    options = ["--cell", cell, "--seed", str(seed), "--quiet"]
    options += ["--data", plan.data] if plan.data is not None else []
    options += RECIPES[recipe].tiny if plan.quick else []
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder, "out")
        run_module("nlpkit", recipe, *options, "--out", str(out))
        with np.load(out / SCORES) as scores:
            return json.loads((out / "metrics.json").read_text(encoding="utf-8")), dict(scores)


def _metrics(runs: list[dict[str, Any]], metric: str) -> dict[str, Any]:
    """The metrics of one cell, a number for each seed."""
    return {
        "metric": [run["test"][metric] for run in runs],
        "train_seconds": [run["seconds"]["train"] for run in runs],
        "total_seconds": [run["seconds"]["total"] for run in runs],
        "parameters": runs[0]["parameters"],
    }


def contents(results: dict[str, Any]) -> Iterator[Content]:
    """For each recipe means and ranges over the seeds, and the paired tests; see `Benchmark`."""
    seeds = seeds_in_words(results["seeds"])
    for name, one in results["recipes"].items():
        recipe, rows, (first, *_) = RECIPES[name], {}, one["cells"]
        for model, each in {**one["cells"], one["baseline"]["name"]: one["baseline"]}.items():
            values = each["metric"]
            row = [recipe.form.format(value) for value in (fmean(values), min(values), max(values))]
            row += [f"{fmean(each['train_seconds']):.0f}"] if "parameters" in each else ["–"]
            row += [f"{each['parameters']:,}"] if "parameters" in each else ["–"]
            row.append(_chance(one["paired"][model]) if model in one["paired"] else "–")
            rows[model] = row
        title = (
            f"{name} on {one['data']}, {one['examples']['test']:,} test texts, {seeds}; p is "
            f"the largest over the seeds of {recipe.test} against {first}."
        )
        heads = [("mean", recipe.metric), ("", "lowest"), ("", "highest"), ("training", "s")]
        yield Table(title, [*heads, ("", "parameters"), ("", "p")], rows)


def _chance(comparisons: list[dict[str, Any]]) -> str:
    """The largest p-value."""
    largest = max(each["p_value"] for each in comparisons)
    return "<0.001" if largest < 0.001 else f"{largest:.2g}"


def conclusion(results: dict[str, Any]) -> str:
    """Whom the first model is better than, or worse, by the paired tests; see `Benchmark`."""
    sentences = []
    for name, one in results["recipes"].items():
        first, verdicts = next(iter(one["cells"])), dict[str, list[str]]()
        for rival, paired in one["paired"].items():
            verdicts.setdefault(_verdict([Comparison(**each) for each in paired]), []).append(rival)
        said = [f"{verdict} {in_words(rivals)}" for verdict, rivals in verdicts.items()]
        sentences.append(f"{name}: {first} is {in_words(said)}.")
    return " ".join(sentences)


def _verdict(paired: list[Comparison]) -> str:
    """Better or worse if all seeds say so."""
    if all(each.better for each in paired):
        return "better than"
    if all(each.significant and not each.better for each in paired):
        return "worse than"
    if any(each.significant for each in paired):
        return "not better or worse from every seed than"
    return "not measurably different from"


def picture(results: dict[str, Any]) -> Figure:
    """The metric over seconds, a point for each training; see `Benchmark`."""
    recipes = results["recipes"]
    figure = empty_figure(6.0 * len(recipes), 4.0)
    panels = figure.subplots(1, len(recipes), squeeze=False)[0]
    for axes, (name, measured) in zip(panels, recipes.items(), strict=True):
        kinds = list(dict.fromkeys(cell.removeprefix("keras-") for cell in measured["cells"]))
        for cell, one in measured["cells"].items():
            kind = cell.removeprefix("keras-")
            style: dict[str, Any] = {
                "color": IMPLEMENTATIONS[OURS if kind == cell else "keras"].colour,
                "marker": _MARKERS[kinds.index(kind) % len(_MARKERS)],
            }
            axes.plot(one["train_seconds"], one["metric"], linestyle="", label=cell, **style)
        baseline = measured["baseline"]
        axes.axhline(fmean(baseline["metric"]), color="grey", ls="--", label=baseline["name"])
        ylabel = f"test {RECIPES[name].metric}"
        axes.set(title=name, xlabel="seconds of training", ylabel=ylabel)
        axes.legend()
    return figure


BENCHMARK = Benchmark(
    title="Quality",
    question="How good are the models that the recipes train with each layer?",
    shows="Accuracy or perplexity over seconds of training, a point for each training",
    sizes=(
        Size(1.5, {"quick": True}),
        Size(3.0, {"recipes": ("sentiment",), "seeds": 1}),
        Size(12.0, {"seeds": 1}),
        Size(36.0, {}),
    ),
    require=require,
    measure=measure,
    contents=contents,
    conclusion=conclusion,
    picture=picture,
)
