"""The files that tell of a run: figures, settings, pictures and the model card."""

import csv
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from nlpkit import run
from nlpkit.data import Corpus, overlap
from nlpkit.evaluation import pictures
from nlpkit.evaluation.baseline import Baseline
from nlpkit.evaluation.card import model_card
from nlpkit.evaluation.metrics import confusion
from nlpkit.export.artefact import FORMAT

__all__ = ["CONTENTS", "write_report"]

CONTENTS = (
    run.CONFIG,
    "README.md",
    "confusion_matrix.png",
    "metrics.json",
    "model.keras",
    "reliability.png",
    "saved_model",
    "training.csv",
    "training.png",
)
"""What stands in the folder of a run, and nothing else."""


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
        probabilities: The model's answers on the test split, [N, K].
        truth: The classes of the test split, [N].
        figures: The four figures of these answers, as `classification` gives them.
        baseline: The baseline on the same split.
        temperature: The calibration's.
        parameters: Number of the model's weights.
        clock: The run's; it has been running since the start.
    """
    splits = {"train": corpus.train, "validation": corpus.validation, "test": corpus.test}
    names = corpus.labels.names
    metrics = {
        "task": settings["command"],
        "data": corpus.name,
        "examples": {name: split.size for name, split in splits.items()},
        "classes": list(names),
        "test": dict(figures),
        "baseline": {
            "name": baseline.name,
            **baseline.figures,
            "examples": baseline.examples_used,
            "seconds": round(baseline.seconds, 1),
        },
        "parameters": parameters,
        "seconds": clock.seconds,
        "peak_memory_mb": run.peak_memory_mb(),
        "cell": settings["cell"],
        "seed": settings["seed"],
        "versions": run.versions(),
    }
    card = model_card(
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
    run.write_json(folder / run.CONFIG, settings)
    run.write_json(folder / "metrics.json", metrics)
    (folder / "README.md").write_text(card, encoding="utf-8")
    with (folder / "training.csv").open(newline="", encoding="utf-8") as log:
        epochs = list(csv.DictReader(log))
    drawn = {
        "confusion_matrix": pictures.confusion_picture(confusion(probabilities, truth), names),
        "training": pictures.training_curve(epochs),
        "reliability": pictures.reliability_diagram(probabilities, truth),
    }
    for name, figure in drawn.items():
        (folder / f"{name}.png").write_bytes(pictures.png(figure))
