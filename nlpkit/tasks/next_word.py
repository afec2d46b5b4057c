"""The task of the recipe `next_word`: a text gets the words that may follow it."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import nlpkit
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
    """What may follow each text: single words, or so many as are to be generated."""
    if generate is None:
        return model.predict(texts)
    return model.generate(texts, length=generate, **drawing)


def _evaluate(model: "ServedLanguageModel", data: Any, **options: Any) -> "LanguageEvaluation":
    """The metrics on data."""
    return nlpkit.serve.evaluate_language(model, data, **options)


def _columns(metrics: Mapping[str, Mapping[str, float]]) -> dict[str, Column]:
    """Perplexity and recall, of words or of pieces, as far as there are words to measure."""
    there = set().union(*metrics.values())
    if "bits_per_character" in there:
        return _UNSPACED
    return _PIECES if "word_perplexity" in there else _WORDS


def _tell(found: "LanguageEvaluation") -> Iterator[str]:
    """How much was read, and how much of it the model does not know."""
    unit = "words" if _columns({"": found.test}) is _WORDS else "pieces"
    unknown = found.test["out_of_vocabulary"]
    yield f"{found.test['tokens']:,} tokens of {found.data}, {unknown:.2%} of {unit} unknown"


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
