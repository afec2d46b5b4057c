"""The files that report on a run of any task: metrics.json, pictures and the model card."""

import abc
import csv
import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from matplotlib.figure import Figure

from nlpkit import run
from nlpkit.reports import pictures

__all__ = ["SCORES", "Trained", "epochs", "history", "write_report"]

SCORES = "test_scores.npz"
"""The file of `Trained.scores` in the folder of a run."""

Epochs = Sequence[Mapping[str, str]]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Trained(abc.ABC):
    """The results of a training run; each task has a subclass with its own.

    Attributes:
        settings: Every setting that was in force.
        corpus: The data.
        metrics: The metrics of the model on the test split, by name.
        baseline: A baseline of `nlpkit.evaluation`, measured on the same split.
        parameters: The number of parameters of the model.
        clock: The clock of the run, started with it.
    """

    settings: Mapping[str, Any]
    corpus: Any
    metrics: Mapping[str, float]
    baseline: Any
    parameters: int
    clock: run.Clock

    validation: ClassVar[str] = "validation"
    """The label of the validation curves in the training picture."""

    @property
    def splits(self) -> dict[str, Any]:
        """The splits of the corpus by name."""
        return {name: getattr(self.corpus, name) for name in ("train", "validation", "test")}

    @property
    @abc.abstractmethod
    def compared(self) -> dict[str, Mapping[str, float]]:
        """The metrics of the model, of variants and of the baseline, by their names."""

    @property
    @abc.abstractmethod
    def facts(self) -> dict[str, Any]:
        """The entries of metrics.json about the data, and about the baseline as "baseline"."""

    @property
    @abc.abstractmethod
    def scores(self) -> dict[str, np.ndarray]:
        """What the "model" and the "baseline" scored at each test text, in the same order: what a
        paired test compares."""

    @abc.abstractmethod
    def card(self, metrics: Mapping[str, Any]) -> str:
        """Writes the model card.

        Args:
            metrics: The content of metrics.json.

        Returns:
            Markdown.
        """

    def drawn(self) -> dict[str, Figure]:
        """Draws the pictures that are specific to the task.

        Returns:
            The pictures by file name; none by default.
        """
        return {}


def write_report(folder: Path, trained: Trained) -> dict[str, Any]:
    """Writes metrics.json, README.md, test_scores.npz and the pictures of a run.

    Args:
        folder: The folder to write to, which holds training.csv.
        trained: The results of the run.

    Returns:
        The content of metrics.json.
    """
    metrics = {
        "task": trained.settings["command"],
        "data": run.source_name(trained.corpus.name),
        "vectors": trained.settings.get("vectors"),
        "examples": {name: split.size for name, split in trained.splits.items()},
        "test": dict(trained.metrics),
        **trained.facts,
        "parameters": trained.parameters,
        "seconds": trained.clock.seconds,
        "peak_memory_mb": run.peak_memory_mb(),
        "cell": trained.settings["cell"],
        "seed": trained.settings["seed"],
        "versions": run.versions(),
    }
    run.write_json(folder / "metrics.json", metrics)
    (folder / "README.md").write_text(trained.card(metrics), encoding="utf-8")
    np.savez_compressed(folder / SCORES, allow_pickle=False, **trained.scores)
    rows = epochs(folder / "training.csv")
    curve = pictures.training_curve(rows, validation=trained.validation)
    for name, figure in {"training": curve, **trained.drawn()}.items():
        (folder / f"{name}.png").write_bytes(pictures.png(figure))
    return metrics


def epochs(log: Path) -> list[dict[str, str]]:
    """Reads the rows of a training.csv.

    Args:
        log: The file.

    Returns:
        A row for each epoch: its values by column.
    """
    with log.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def history(rows: Epochs) -> dict[str, list[float]]:
    """The rows of a training.csv by column, in the form of `keras.callbacks.History`.

    Args:
        rows: The rows, from `epochs`.

    Returns:
        The values of each metric after each epoch.

    Example:
        >>> history([{"epoch": "1", "loss": "0.5"}, {"epoch": "2", "loss": "0.4"}])
        {'loss': [0.5, 0.4]}
    """
    names = [name for name in (rows[0] if rows else ()) if name != "epoch"]
    return {name: [float(row[name]) for row in rows] for name in names}
