"""What defines a task: how its models are exported, queried, measured and reported."""

import dataclasses
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, TextIO

import nlpkit
from nlpkit.export.interfaces import Interface
from nlpkit.reports.table import Column

__all__ = ["RUN_FILES", "Task"]

RUN_FILES = (
    nlpkit.run.CONFIG,
    "README.md",
    "metrics.json",
    "model.keras",
    "saved_model",
    "test_scores.npz",
    "training.csv",
    "training.png",
)
"""What the folder of every run holds, whatever the task."""


@dataclasses.dataclass(frozen=True)
class Task:
    """A task, such as classification. The commands work through it, and have no code for any one.

    Attributes:
        interface: The signatures of its artefacts, and its name there.
        model: What a message calls its model, for example "a classifier".
        contents: The names of everything that the folder of a run may hold.
        options: The options of `nlpkit predict` and `nlpkit evaluate` that only some tasks have.
        columns: `columns(metrics)` returns the table's columns for the metrics of some models.
        predict: `predict(model, texts, **options)` yields one answer for each text; the model is
            one that `nlpkit.serve.load` returned.
        evaluate: `evaluate(model, data, **options)` returns an evaluation, whose `test` holds the
            metrics; `data` is a SPEC.
        tell: `tell(evaluation)` returns the lines to print below the table.
    """

    interface: Interface
    model: str
    contents: tuple[str, ...]
    options: frozenset[str]
    columns: Callable[[Mapping[str, Mapping[str, float]]], Mapping[str, Column]]
    predict: Callable[..., Iterator[dict[str, Any]]]
    evaluate: Callable[..., Any]
    tell: Callable[[Any], Iterable[str]]

    @property
    def name(self) -> str:
        """The task's name in config.json, metrics.json and the artefact; also its command."""
        return self.interface.task

    def render(self, metrics: Mapping[str, Mapping[str, float]], file: TextIO) -> None:
        """Writes the metrics of several models as a table.

        Args:
            metrics: The metrics of each model, by the model's name.
            file: As for `nlpkit.reports.render`.
        """
        nlpkit.reports.render(metrics, file, self.columns(metrics))
