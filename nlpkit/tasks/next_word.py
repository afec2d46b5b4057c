"""The task of the recipe `next_word`: a text gets the words that may follow it."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import nlpkit
from nlpkit.errors import counted
from nlpkit.export.interfaces import LANGUAGE_MODEL
from nlpkit.reports.table import Column
from nlpkit.tasks.task import RUN_FILES, Task

if TYPE_CHECKING:
    from nlpkit.serve import LanguageEvaluation, ServedLanguageModel

__all__ = ["NEXT_WORD"]

_RECALL = {"top1": Column("recall\ntop 1", "{:.2%}"), "top3": Column("recall\ntop 3", "{:.2%}")}
_WORDS = {"perplexity": Column("perplexity", "{:,.2f}"), **_RECALL}
_PIECES = {
    "perplexity": Column("perplexity\nof pieces", "{:,.2f}"),
    "word_perplexity": Column("perplexity\nof words", "{:,.2f}"),
    **_RECALL,
}
_UNSPACED = {
    "perplexity": _PIECES["perplexity"],
    "bits_per_character": Column("bits per\ncharacter", "{:.3f}"),
    "top1": Column("piece in\ntop 1", "{:.2%}"),
    "top3": Column("piece in\ntop 3", "{:.2%}"),
}


def _predict(
    model: "ServedLanguageModel", texts: Any, generate: int | None = None, **drawing: Any
) -> Iterator[dict[str, Any]]:
    """Suggests the next word of each text, or generates `generate` words."""
    if generate is None:
        return model.predict(texts)
    return model.generate(texts, length=generate, **drawing)


def _evaluate(model: "ServedLanguageModel", data: Any, **options: Any) -> "LanguageEvaluation":
    """Measures a language model on data."""
    return nlpkit.serve.evaluate_language(model, data, **options)


def _columns(metrics: Mapping[str, Mapping[str, float]]) -> dict[str, Column]:
    """Perplexity and recall: of words where they can be measured, else of pieces."""
    names = set().union(*metrics.values())
    if "bits_per_character" in names:
        return _UNSPACED
    return _PIECES if "word_perplexity" in names else _WORDS


def _tell(evaluation: "LanguageEvaluation") -> Iterator[str]:
    """The number of tokens, and how many of them the vocabulary lacks."""
    metrics = evaluation.test
    unit = "words" if _columns({"": metrics}) is _WORDS else "pieces"
    unknown = f"{metrics['out_of_vocabulary']:.2%} of {unit} unknown"
    yield f"{counted(metrics['tokens'], 'token')} of {evaluation.data}, {unknown}"


NEXT_WORD = Task(
    interface=LANGUAGE_MODEL,
    model="a language model",
    contents=RUN_FILES,
    options=frozenset({"generate", "temperature", "top_k", "top_p", "seed", "beam", "held_out"}),
    columns=_columns,
    predict=_predict,
    evaluate=_evaluate,
    tell=_tell,
)
