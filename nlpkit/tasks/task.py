"""What a task is: how its models are kept, asked, measured and shown."""

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
    "training.csv",
    "training.png",
)
"""What stands in the folder of every recipe's run."""


@dataclasses.dataclass(frozen=True)
class Task:
    """One kind of model. The commands ask it, and know no task themselves.

    Attributes:
        interface: The signatures of its artefacts, and its name there.
        model: What its model is called in a sentence, for example "a classifier".
        contents: What stands in the folder of a recipe's run, and nothing else.
        options: The options of `nlpkit predict` and `nlpkit evaluate` that not every task has.
        columns: Takes the metrics of some models; gives the columns of their table.
        predict: Takes what `nlpkit.serve.load` gives, texts and options; gives an answer a text.
        evaluate: Takes the same, the SPEC of data and options; gives an evaluation, with the
            metrics as `test`.
        tell: Takes an evaluation; gives the lines to print below the table.
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
        """What config.json, metrics.json and the artefact call the task, and the command's name."""
        return self.interface.task

    def render(self, metrics: Mapping[str, Mapping[str, float]], file: TextIO) -> None:
        """Writes the metrics of several models as a table.

        Args:
            metrics: For each model's name its metrics by name.
            file: As for `nlpkit.reports.render`.
        """
        nlpkit.reports.render(metrics, file, self.columns(metrics))
