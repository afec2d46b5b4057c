"""The task of the recipe `sentiment`: a text gets one of a few labels."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import nlpkit
from nlpkit.export.interfaces import CLASSIFIER
from nlpkit.reports.table import Column, columns
from nlpkit.tasks.task import RUN_FILES, Task

if TYPE_CHECKING:
    from nlpkit.serve import Evaluation, ServedClassifier

__all__ = ["SENTIMENT"]

_FIGURES = {
    "accuracy": Column("accuracy", "{:.2%}"),
    "macro_f1": Column("macro\nF1", "{:.4f}"),
    "log_loss": Column("log\nloss", "{:.4f}"),
    "ece": Column("ECE", "{:.4f}"),
}
_SHOWN = 200  # characters of a mistaken text


def _predict(model: "ServedClassifier", texts: Any) -> Iterator[dict[str, Any]]:
    """The answers to texts."""
    return model.predict(texts)


def _evaluate(model: "ServedClassifier", data: Any, **options: Any) -> "Evaluation":
    """The metrics on data, and the worst mistakes."""
    return nlpkit.serve.evaluate(model, data, **options)


def _columns(_: Mapping[str, Mapping[str, float]]) -> dict[str, Column]:
    """The four metrics, whatever is missing."""
    return _FIGURES


def _tell(found: "Evaluation") -> Iterator[str]:
    """The number of examples, and the mistakes."""
    yield f"{found.examples:,} examples of {found.data}"
    if found.mistakes:
        yield from ("", "The surest mistakes:")
        rows = ((f"{m.score:.3f}", m.predicted, m.label, _shown(m.text)) for m in found.mistakes)
        heads = ("score", "predicted", "label", "text")
        yield from columns(rows, heads=heads, left=len(heads), gap=2)


def _shown(text: str) -> str:
    """A text as a terminal can show it: its beginning, without control characters."""
    shown = "".join(c if c.isprintable() else " " for c in text[: _SHOWN + 1])
    return shown if len(shown) <= _SHOWN else f"{shown[:_SHOWN]}…"


SENTIMENT = Task(
    interface=CLASSIFIER,
    model="a classifier",
    contents=(*RUN_FILES, "confusion_matrix.png", "reliability.png"),
    options=frozenset({"label_column", "worst"}),
    columns=_columns,
    predict=_predict,
    evaluate=_evaluate,
    tell=_tell,
)
