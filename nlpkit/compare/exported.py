"""Latency of exported models, without XLA: nlpkit's layer and Keras's, in one process.

A model is an embedding, the layer and a softmax, with padding masked. Both models have the same
weights and are exported by Keras. Keras's layer has `use_cudnn=False`, since a model that was
traced for cuDNN does not run on a CPU. Batches hold texts of mixed lengths, padded to the longest.
"""

import itertools
import tempfile
from collections.abc import Callable, Iterator
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from matplotlib.figure import Figure

from nlpkit.compare.benchmark import DEFAULT_CELLS, Benchmark, Plan, Size
from nlpkit.compare.contents import Content, Notes, Table, in_words
from nlpkit.compare.implementations import (
    IMPLEMENTATIONS,
    OURS,
    column_heads,
    implementations_of,
    require_tensorflow,
)
from nlpkit.compare.keras_adapter import traits
from nlpkit.compare.timing import mean_ratios, require_same, time_interleaved, with_ratios
from nlpkit.models import recurrent
from nlpkit.reports.pictures import empty_figure

__all__ = ["BENCHMARK"]

_WORDS, _UNITS, _CLASSES = 10_000, 128, 10
_BATCHES, _LONGEST = (1, 8, 32), (20, 35, 60, 100)
_TINY_UNITS, _TINY_BATCHES, _TINY_LONGEST = 4, (1, 3), (6,)
_SECONDS = 2.0  # for the rounds of one batch


def measure(plan: Plan, say: Callable[[str], None]) -> dict[str, Any]:
    """Exports, loads and times the models; see `Benchmark`."""
    return {
        "units": "milliseconds; ratios are the implementation's median over nlpkit's",
        "model": f"Embedding, the layer of {_TINY_UNITS if plan.quick else _UNITS} units, softmax",
        "cells": {cell: _measure_cell(cell, plan, say) for cell in plan.cells or DEFAULT_CELLS},
    }


def _measure_cell(cell: str, plan: Plan, say: Callable[[str], None]) -> dict[str, Any]:
    """Times the models of one cell."""
    batches = _TINY_BATCHES if plan.quick else _BATCHES
    timed, rng = [], np.random.default_rng(plan.seed)
    with tempfile.TemporaryDirectory() as folder:
        answers, ran = _export_and_load(cell, plan, folder)
        for batch, longest in itertools.product(batches, _TINY_LONGEST if plan.quick else _LONGEST):
            ids = _ids(rng, batch, longest)
            calls = {name: _call(answer, ids) for name, answer in answers.items()}
            require_same(calls, f"{cell}, {batch} texts of up to {longest} words")
            timings = time_interleaved(calls, rounds=plan.rounds, seconds=_SECONDS, seed=plan.seed)
            timed.append({"batch": batch, "longest": longest, **with_ratios(timings)})
            words = ", ".join(f"{name} {one.median_ms:.4g}" for name, one in timings.items())
            say(f"exported: {cell} {batch}×{longest}: {words} ms")
    ratios = {batch: [one["ratios"] for one in timed if one["batch"] == batch] for batch in batches}
    means = {str(batch): mean_ratios(each) for batch, each in ratios.items()}
    return {"ran": ran, "batches": timed, "geometric_means": means}


def _export_and_load(
    cell: str, plan: Plan, folder: str
) -> tuple[dict[str, Callable[..., Any]], dict[str, str]]:
    """The serving functions, and the traits of their graphs, by implementation."""
    names = [
        n
        for n, one in implementations_of(cell, plan.implementations).items()
        if one.needs != "torch"
    ]
    models = {name: _model(cell if name == OURS else f"keras-{cell}", plan) for name in names}
    answers, ran = {}, {}
    for name, model in models.items():
        model.set_weights(models[OURS].get_weights())
        model.export(f"{folder}/{name}", verbose=False)
        answers[name] = tf.saved_model.load(f"{folder}/{name}").signatures["serving_default"]
        ran[name] = traits(answers[name].graph.as_graph_def())
    return answers, ran


def _model(layer: str, plan: Plan) -> keras.Model:
    """The model around a layer, by its name in `nlpkit.models.RECURRENT`."""
    keras.utils.set_random_seed(plan.seed)
    units = _TINY_UNITS if plan.quick else _UNITS
    return keras.Sequential(
        [
            keras.Input([None], dtype="int32"),
            keras.layers.Embedding(_WORDS, units, mask_zero=True),
            recurrent(layer, units),
            keras.layers.Dense(_CLASSES, activation="softmax"),
        ]
    )


def _ids(rng: np.random.Generator, batch: int, longest: int) -> tf.Tensor:
    """Texts of random lengths from 1 up to `longest`, which one of them has, padded with 0."""
    lengths = rng.integers(1, longest + 1, batch)
    lengths[0] = longest
    ids = rng.integers(1, _WORDS, (batch, longest))
    return tf.constant(np.where(np.arange(longest) < lengths[:, None], ids, 0), tf.int32)


def _call(answer: Any, ids: tf.Tensor) -> Callable[[], Any]:
    """A call that waits for its result."""
    (name,) = answer.structured_input_signature[1]

    def call():
        (probabilities,) = answer(**{name: ids}).values()
        return probabilities.numpy()

    return call


def contents(results: dict[str, Any]) -> Iterator[Content]:
    """A row for each batch, and the mean ratios; see `Benchmark`."""
    for cell, one in results["cells"].items():
        names = list(one["ran"])
        rows = {
            f"{each['batch']}×{each['longest']}": [
                f"{each['contestants'][name]['median_ms']:.3g}" for name in names
            ]
            for each in one["batches"]
        }
        title = f"{cell}, exported ({results['model']}), texts×longest, ms:"
        yield Table(title, column_heads(cell, names), rows)
        rows = {
            batch: [f"{means[name]:.2f}" for name in names]
            for batch, means in one["geometric_means"].items()
        }
        title = f"{cell}: times as a multiple of nlpkit's, geometric mean over the lengths:"
        yield Table(title, column_heads(cell, names), rows)
        ran = [f"{name}: {description}" for name, description in one["ran"].items()]
        yield Notes(f"{cell}: what ran:", ran)


def conclusion(results: dict[str, Any]) -> str:
    """How the exported models compare; see `Benchmark`."""
    sentences = []
    for cell, one in results["cells"].items():
        ratios = [
            f"{means['keras']:.2f} times as long at batch {batch}"
            for batch, means in one["geometric_means"].items()
            if "keras" in means
        ]
        sentences.append(
            f"Compared with nlpkit's exported {cell}, Keras's takes {in_words(ratios)}."
            if ratios
            else f"Nothing was timed beside nlpkit's exported {cell}."
        )
    return " ".join(sentences)


def picture(results: dict[str, Any]) -> Figure:
    """For each cell the times as a multiple of nlpkit's; see `Benchmark`."""
    figure = empty_figure(4.0 * len(results["cells"]), 3.8)
    for axes, (cell, one) in zip(
        figure.subplots(1, len(results["cells"]), squeeze=False).flat,
        results["cells"].items(),
        strict=True,
    ):
        batches = [f"{each['batch']}×{each['longest']}" for each in one["batches"]]
        for name in one["ran"]:
            ratios = [each["ratios"][name] for each in one["batches"]]
            axes.plot(batches, ratios, "o", color=IMPLEMENTATIONS[name].colour, label=name)
        axes.set(title=f"{cell}, exported", ylabel="time as a multiple of nlpkit's", yscale="log")
        axes.tick_params(axis="x", rotation=45)
        axes.legend()
    return figure


BENCHMARK = Benchmark(
    title="Exported models",
    question="How fast does an exported model answer, where nothing is compiled by XLA?",
    shows="The time of each batch of texts as a multiple of nlpkit's",
    sizes=(Size(0.5, {"rounds": 5}), Size(0.8, {})),
    require=require_tensorflow,
    measure=measure,
    contents=contents,
    conclusion=conclusion,
    picture=picture,
)
