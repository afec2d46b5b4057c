"""The task of the recipe `sentiment`: a text gets one of a few labels."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import nlpkit
from nlpkit.errors import counted
from nlpkit.export.interfaces import CLASSIFIER
from nlpkit.reports.table import Column, columns
from nlpkit.tasks.task import RUN_FILES, Task

if TYPE_CHECKING:
    from nlpkit.serve import Evaluation, ServedClassifier

__all__ = ["SENTIMENT"]

_METRICS = {
    "accuracy": Column("accuracy", "{:.2%}"),
    "macro_f1": Column("macro\nF1", "{:.4f}"),
    "log_loss": Column("log\nloss", "{:.4f}"),
    "ece": Column("ECE", "{:.4f}"),
}
_SHOWN = 200  # characters of a misclassified text


def _predict(model: "ServedClassifier", texts: Any) -> Iterator[dict[str, Any]]:
    """Classifies texts."""
    return model.predict(texts)


def _evaluate(model: "ServedClassifier", data: Any, **options: Any) -> "Evaluation":
    """Measures a classifier on data, and lists its worst mistakes."""
    return nlpkit.serve.evaluate(model, data, **options)


def _columns(_: Mapping[str, Mapping[str, float]]) -> dict[str, Column]:
    """The four metrics, always in the same columns."""
    return _METRICS


def _tell(evaluation: "Evaluation") -> Iterator[str]:
    """The number of examples, and the mistakes."""
    yield f"{counted(evaluation.examples, 'example')} of {evaluation.data}"
    if evaluation.mistakes:
        yield from ("", "The most confident mistakes:")
        rows = (
            (f"{m.score:.3f}", m.predicted, m.label, _shown(m.text)) for m in evaluation.mistakes
        )
        heads = ("score", "predicted", "label", "text")
        yield from columns(rows, heads=heads, left=len(heads), gap=2)


def _shown(text: str) -> str:
    """The beginning of a text, without control characters, for a terminal."""
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
