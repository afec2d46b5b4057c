"""Speed of text generation with a language model, and latency of its suggestions.

An exported model greedily continues a prompt of one word in four ways. It is untrained, since speed
does not depend on the weights.

    generate            the whole loop in the graph, one call
    step                a Python loop over the compiled `step`, states passed in and out
    step, XLA           the same, compiled by XLA
    predict             Keras's `model.predict`, once for each word on all words so far

A suggestion is one call of `serving_default`, timed in a process that is limited to one core.
"""

import tempfile
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import tensorflow as tf
from matplotlib.figure import Figure

from nlpkit.compare.benchmark import Benchmark, Plan, Size
from nlpkit.compare.child_process import measure_in_child
from nlpkit.compare.contents import Content, Table
from nlpkit.compare.timing import time_interleaved
from nlpkit.export import next_word, write
from nlpkit.models import LanguageModel
from nlpkit.reports.pictures import empty_figure
from nlpkit.text import SPECIALS, WordEncoder, WordVocabulary

__all__ = ["BENCHMARK"]

_WORDS, _UNITS, _LAYERS = 10_000, 256, 2
_TINY = (50, 8, 1)
_LENGTHS = {"generate": 100, "step": 100, "step, XLA": 100, "predict": 5}
_SECONDS = 60.0
_COLOURS = {"generate": "#0072b2", "step": "#e69f00", "step, XLA": "#cc79a7", "predict": "#009e73"}
_PROMPT = "w2 w3 w4 w5"


def measure(plan: Plan, say: Callable[[str], None]) -> dict[str, Any]:
    """Exports a model, and times its text and its suggestions; see `Benchmark`."""
    words, units, layers = _TINY if plan.quick else (_WORDS, _UNITS, _LAYERS)
    model = LanguageModel(words, units=units, layers=layers, seed=plan.seed)
    known = WordVocabulary((*SPECIALS, *(f"w{n}" for n in range(2, words))), "words")
    with tempfile.TemporaryDirectory() as folder:
        say(f"generation: exporting a model of {words:,} words")
        write(next_word(WordEncoder(known), model), folder + "/model", probes=[_PROMPT])
        latency = measure_in_child("suggestion-latency", folder + "/model", _PROMPT)
        say(f"generation: a suggestion takes {latency['median_ms']:.2f} ms on one core")
        loaded = tf.saved_model.load(folder + "/model")
        timings = time_interleaved(
            _ways(loaded.signatures, model), rounds=plan.rounds, seconds=_SECONDS, seed=plan.seed
        )
    speeds = {
        way: {
            "words_per_second": round(1000 * _LENGTHS[way] / timing.median_ms, 1),
            "low": round(1000 * _LENGTHS[way] / timing.high_ms, 1),
            "high": round(1000 * _LENGTHS[way] / timing.low_ms, 1),
            "rounds": timing.rounds,
        }
        for way, timing in timings.items()
    }
    for way, speed in speeds.items():
        say(f"generation: {way} writes {speed['words_per_second']:,.0f} words a second")
    size = {"words": words, "units": units, "layers": layers, "parameters": model.count_params()}
    return {"model": size, "ways": speeds, "suggestion_ms": latency}


def _ways(signatures: Any, model: LanguageModel) -> dict[str, Callable[[], Any]]:
    """The ways by name; each generates the number of words given in `_LENGTHS`."""
    step = signatures["step"]
    specs = step.structured_input_signature[1]
    zeros = {n: tf.zeros([1, spec.shape[1]]) for n, spec in specs.items() if n != "ids"}
    options = {"temperature": 0.0, "top_k": 0, "top_p": 1.0, "seed": 0}
    inputs = {"length": tf.constant(_LENGTHS["generate"])}
    inputs |= {name: tf.constant(value) for name, value in options.items()}
    compiled = tf.function(
        lambda ids, **states: step(ids=ids, **states), jit_compile=True, autograph=False
    )

    def generate() -> None:
        signatures["generate"](text=tf.constant(["w2"]), **inputs)["text"].numpy()

    def by_step(step: Callable[..., dict[str, tf.Tensor]], length: int) -> None:
        ids, states = tf.constant([2]), zeros
        for _ in range(length):
            answer = step(ids=ids, **states)
            states = {name: answer[name] for name in zeros}
            ids = tf.argmax(answer["log_probabilities"], axis=1, output_type=tf.int32)
        ids.numpy()

    def predict() -> None:
        ids = np.array([[2]])
        for _ in range(_LENGTHS["predict"]):
            best = model.predict(ids, verbose=0)[:, -1].argmax(axis=1)
            ids = np.concatenate([ids, best[:, None]], axis=1)

    return {
        "generate": generate,
        "step": lambda: by_step(step, _LENGTHS["step"]),
        "step, XLA": lambda: by_step(compiled, _LENGTHS["step, XLA"]),
        "predict": predict,
    }


def contents(results: dict[str, Any]) -> Iterator[Content]:
    """Words per second, and each time as a multiple of that of `generate`; see `Benchmark`."""
    ways, size = results["ways"], results["model"]
    fastest = ways["generate"]["words_per_second"]
    rows = {
        way: [
            f"{speed['words_per_second']:,.0f}",
            f"{speed['low']:,.0f}–{speed['high']:,.0f}",
            f"{fastest / speed['words_per_second']:.1f}",
        ]
        for way, speed in ways.items()
    }
    title = (
        f"One text continued by a model of {size['words']:,} words, {size['layers']} layers of "
        f"{size['units']} units, {size['parameters']:,} parameters:"
    )
    heads = [("words", "a second"), ("", "quartiles"), ("times", "as slow")]
    latency = results["suggestion_ms"]
    suggestion = (
        f"A suggestion after {len(_PROMPT.split())} words takes {latency['median_ms']:.2f} ms on "
        f"one core (quartiles {latency['low_ms']:.2f} and {latency['high_ms']:.2f})."
    )
    yield Table(title, heads, rows)
    yield suggestion


def conclusion(results: dict[str, Any]) -> str:
    """How fast the graph writes; see `Benchmark`."""
    inside, outside = (results["ways"][way]["words_per_second"] for way in ("generate", "predict"))
    return (
        f"The loop in the graph writes {inside:,.0f} words a second, {inside / outside:.0f} times "
        "as many as Keras's `predict` called for each word."
    )


def picture(results: dict[str, Any]) -> Figure:
    """A bar for each way; see `Benchmark`."""
    figure = empty_figure(6.0, 3.0)
    axes = figure.subplots()
    for way, speed in results["ways"].items():
        axes.barh(way, speed["words_per_second"], color=_COLOURS[way])
    axes.invert_yaxis()
    axes.set(title="Continuing one text", xlabel="words a second", xscale="log")
    return figure


BENCHMARK = Benchmark(
    title="Generation",
    question="How fast does an exported language model write?",
    shows="Words a second of each way to continue a text",
    sizes=(Size(0.6, {"rounds": 3}), Size(1.5, {})),
    measure=measure,
    contents=contents,
    conclusion=conclusion,
    picture=picture,
)
