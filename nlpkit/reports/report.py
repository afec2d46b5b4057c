"""The files that tell of a run: figures, settings, pictures and the model card."""

import csv
import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from nlpkit import run
from nlpkit.data import Corpus, TextCorpus, overlap
from nlpkit.evaluation.baseline import Baseline
from nlpkit.evaluation.comparison import compare_accuracy
from nlpkit.evaluation.majority import majority_class
from nlpkit.evaluation.metrics import confusion, per_class
from nlpkit.export.artefact import FORMAT
from nlpkit.reports import pictures
from nlpkit.reports.classifier_card import classifier_card
from nlpkit.reports.language_card import language_card
from nlpkit.reports.provenance import scripts
from nlpkit.text import WordVocabulary

__all__ = ["CONTENTS", "LANGUAGE_CONTENTS", "write_language_report", "write_report"]

LANGUAGE_CONTENTS = (
    run.CONFIG,
    "README.md",
    "metrics.json",
    "model.keras",
    "saved_model",
    "training.csv",
    "training.png",
)
"""What stands in the folder of a language model's run, and nothing else."""

CONTENTS = (*LANGUAGE_CONTENTS, "confusion_matrix.png", "reliability.png")
"""What stands in the folder of a classifier's run, and nothing else."""

_COMPARED = ("perplexity", "word_perplexity", "bits_per_character", "top1", "top3")


def write_report(
    folder: Path,
    *,
    settings: Mapping[str, Any],
    corpus: Corpus,
    probabilities: np.ndarray,
    truth: np.ndarray,
    figures: Mapping[str, float],
    baseline: Baseline,
    temperature: float,
    parameters: int,
    clock: run.Clock,
) -> None:
    """Writes metrics.json, config.json, README.md and the pictures of a classifier's run.

    Args:
        folder: Where to write; training.csv is there.
        settings: Every setting that was in force.
        corpus: What was learnt from and measured on.
        probabilities: The model's answers on the test split, [N, K], in the split's order, which
            is that of the baseline's.
        truth: The classes of the test split, [N].
        figures: The four figures of these answers, as `classification` gives them.
        baseline: The baseline on the same split.
        temperature: The calibration's.
        parameters: Number of the model's weights.
        clock: The run's; it has been running since the start.
    """
    splits = _splits(corpus)
    names = corpus.labels.names
    metrics = {
        "task": settings["command"],
        "data": run.source_name(corpus.name),
        "examples": {name: split.size for name, split in splits.items()},
        "scripts": scripts(text for text, _ in corpus.train),
        "classes": list(names),
        "test": dict(figures),
        "baseline": {
            "name": baseline.name,
            **baseline.figures,
            **baseline.chosen._asdict(),
            "examples": baseline.examples_used,
            "seconds": round(baseline.seconds, 1),
        },
        **_judged(probabilities, truth, corpus, baseline),
        **_circumstances(settings, parameters, clock),
    }
    card = classifier_card(
        metrics,
        settings,
        format_version=FORMAT,
        class_counts={
            name: dict(zip(names, split.class_counts, strict=True))
            for name, split in splits.items()
        },
        overlap=overlap(corpus.train, corpus.test),
        temperature=temperature,
    )
    curve = pictures.training_curve(_epochs(folder), validation="validation (calibrated)")
    drawn = {
        "confusion_matrix": pictures.confusion_picture(confusion(probabilities, truth), names),
        "training": curve,
        "reliability": pictures.reliability_diagram(probabilities, truth),
    }
    _write(folder, settings, metrics, card, drawn)


def _judged(
    probabilities: np.ndarray, truth: np.ndarray, corpus: Corpus, baseline: Baseline
) -> dict[str, Any]:
    """What metrics.json says of each class, and of the model beside what it has to beat."""
    names, predicted = corpus.labels.names, probabilities.argmax(axis=1)
    majority = majority_class(corpus.train.class_counts, predicted, truth)
    against = compare_accuracy(predicted, baseline.probabilities.argmax(axis=1), truth)
    return {
        "majority_class": {"name": names[majority.index], **majority.figures},
        "comparison": {
            "baseline": dataclasses.asdict(against),
            "majority_class": dataclasses.asdict(majority.comparison),
        },
        "per_class": dict(zip(names, per_class(probabilities, truth), strict=True)),
    }


def write_language_report(
    folder: Path,
    *,
    settings: Mapping[str, Any],
    corpus: TextCorpus,
    vocabulary: WordVocabulary,
    tokens: Mapping[str, int],
    figures: Mapping[str, float],
    baseline_name: str,
    baseline_figures: Mapping[str, float],
    baseline_tokens: int | None = None,
    others: Mapping[str, Mapping[str, float]] | None = None,
    parameters: int,
    clock: run.Clock,
) -> None:
    """Writes metrics.json, config.json, README.md and the picture of a language model's run.

    Args:
        folder: Where to write; training.csv is there.
        settings: Every setting that was in force.
        corpus: What was learnt from and measured on.
        vocabulary: The words that the model knows.
        tokens: For each split ("train", "validation", "test") its tokens, ends of passages
            included.
        figures: The model's on the test split, as `NextWordFigures.as_dict` gives them.
        baseline_name: Of the baseline on the same split.
        baseline_figures: Its figures, likewise.
        baseline_tokens: Tokens of the training split that it learnt from; None for all.
        others: Figures of variants by name, for example of the model with a cache.
        parameters: Number of the model's weights.
        clock: The run's; it has been running since the start.
    """
    splits = _splits(corpus)
    learnt = {} if baseline_tokens is None else {"tokens": baseline_tokens}
    metrics = {
        "task": settings["command"],
        "data": run.source_name(corpus.name),
        "form": corpus.form,
        **({"left_out": corpus.left_out} if corpus.left_out else {}),
        "examples": {name: split.size for name, split in splits.items()},
        "characters": {name: split.characters for name, split in splits.items()},
        "tokens": {name: tokens[name] for name in splits},
        "scripts": scripts(corpus.train),
        "vocabulary": len(vocabulary),
        "kind": vocabulary.kind,
        "test": dict(figures),
        "baseline": {"name": baseline_name, **_compared(baseline_figures), **learnt},
        **({"others": {name: _compared(row) for name, row in others.items()}} if others else {}),
        **_circumstances(settings, parameters, clock),
    }
    card = language_card(metrics, settings, format_version=FORMAT)
    drawn = {"training": pictures.training_curve(_epochs(folder))}
    _write(folder, settings, metrics, card, drawn)


def _splits(corpus: Any) -> dict[str, Any]:
    """The splits of a corpus of any kind, by name."""
    return {name: getattr(corpus, name) for name in ("train", "validation", "test")}


def _compared(figures: Mapping[str, float]) -> dict[str, float]:
    """The figures that tell one model from another on the same tokens."""
    return {name: figures[name] for name in _COMPARED if name in figures}


def _circumstances(
    settings: Mapping[str, Any], parameters: int, clock: run.Clock
) -> dict[str, Any]:
    """What metrics.json says of every run, at its end."""
    return {
        "parameters": parameters,
        "seconds": clock.seconds,
        "peak_memory_mb": run.peak_memory_mb(),
        "cell": settings["cell"],
        "seed": settings["seed"],
        "versions": run.versions(),
    }


def _epochs(folder: Path) -> list[dict[str, str]]:
    """The rows of training.csv."""
    with (folder / "training.csv").open(newline="", encoding="utf-8") as log:
        return list(csv.DictReader(log))


def _write(
    folder: Path,
    settings: Mapping[str, Any],
    metrics: Mapping[str, Any],
    card: str,
    drawn: Mapping[str, Figure],
) -> None:
    """Writes the files of a run that tell of it."""
    run.write_json(folder / run.CONFIG, settings)
    run.write_json(folder / "metrics.json", metrics)
    (folder / "README.md").write_text(card, encoding="utf-8")
    for name, figure in drawn.items():
        (folder / f"{name}.png").write_bytes(pictures.png(figure))
