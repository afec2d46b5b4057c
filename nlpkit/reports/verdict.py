"""Interprets the metrics of a classifier, in sentences."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from nlpkit.data import Corpus
from nlpkit.evaluation.comparison import Comparison
from nlpkit.evaluation.majority import majority_class
from nlpkit.evaluation.metrics import classification, standard_error
from nlpkit.reports import card_parts

__all__ = ["majority_sentence", "majority_warning", "verdict"]

_LARGE = 1000  # test texts from which on accuracy is reported without its standard error


def verdict(metrics: Mapping[str, Any]) -> list[str]:
    """Says whether a classifier beats the baseline, and the most frequent class.

    Args:
        metrics: What metrics.json holds.

    Returns:
        Sentences in Markdown. Each difference has a margin, and counts as one only if McNemar's
        test is significant; if the test split is small, a sentence says so.
    """
    sentences = [_against_baseline(Comparison(**metrics["comparison"]["baseline"]))]
    majority = metrics["majority_class"]
    sentences += majority_sentence(
        Comparison(**metrics["comparison"]["majority_class"]),
        card_parts.cell(majority["name"]),
        metrics["test"],
        majority,
    )
    size = metrics["examples"]["test"]
    if size < _LARGE:
        error = 100 * standard_error(metrics["test"]["accuracy"], size)
        sentences.append(
            f"With only {size:,} texts in the test split, the standard error of the accuracy is "
            f"{error:.1f} percentage points."
        )
    return sentences


def majority_sentence(
    comparison: Comparison,
    name: str,
    ours: Mapping[str, float],
    majority: Mapping[str, float],
    *,
    split: str = "test",
) -> list[str]:
    """Says if a classifier is not significantly better than always predicting one class.

    Args:
        comparison: The accuracy of the classifier less that of the most frequent class.
        name: That class.
        ours: `accuracy` and `macro_f1` of the classifier.
        majority: The same for always predicting the most frequent class.
        split: The split they were measured on.

    Returns:
        One sentence; none if the classifier is significantly more accurate.

    Example:
        >>> metrics = {"accuracy": 0.98, "macro_f1": 0.495}
        >>> print(*majority_sentence(Comparison(0, 0.01, 1), "good", metrics, metrics))
        On the test split this model is not measurably more accurate than always predicting good, \
the most frequent class: 98.00% against 98.00% (macro F1 0.4950 against 0.4950).
    """
    if comparison.better:
        return []
    how = "less accurate" if comparison.significant else "not measurably more accurate"
    return [
        f"On the {split} split this model is {how} than always predicting {name}, the most "
        f"frequent class: {ours['accuracy']:.2%} against {majority['accuracy']:.2%} "
        f"(macro F1 {ours['macro_f1']:.4f} against {majority['macro_f1']:.4f})."
    ]


def majority_warning(
    corpus: Corpus, answers: Mapping[str, tuple[np.ndarray, np.ndarray]]
) -> str | None:
    """Warns if a classifier is not better than always predicting the most frequent class.

    Args:
        corpus: The data that it learnt from.
        answers: The probabilities [N, K] and the true classes [N] of each split, by its name.

    Returns:
        A sentence about the first split for which that is so, with a cure; None if there is none.
    """
    for split, (probabilities, labels) in answers.items():
        predicted = probabilities.argmax(axis=1)
        majority = majority_class(corpus.train.class_counts, predicted, labels)
        name = repr(corpus.labels.names[majority.index])
        ours = classification(probabilities, labels)
        sentences = majority_sentence(
            majority.comparison, name, ours, majority.metrics, split=split
        )
        if sentences:
            cure = "more examples are the likeliest cure"
            traded = ours["accuracy"] < majority.metrics["accuracy"]
            if traded and ours["macro_f1"] > majority.metrics["macro_f1"]:
                cure += ", unless the rare classes matter more to you than accuracy"
            return f"{sentences[0].removesuffix('.')}; {cure}."
    return None


def _against_baseline(comparison: Comparison) -> str:
    """Which of the two is more accurate, if the difference is significant."""
    chance = "p < 0.001" if comparison.p_value < 0.001 else f"p = {comparison.p_value:.2g}"
    test = f"(95% interval; McNemar's test, {chance})"
    margin = f"± {100 * comparison.margin:.2f} percentage points"
    if not comparison.significant:
        return (
            "The accuracy of this model and the baseline does not differ significantly: "
            f"{100 * comparison.difference:+.2f} {margin} {test}."
        )
    how = "beats" if comparison.better else "loses to"
    by = f"{100 * abs(comparison.difference):.2f} {margin}"
    return f"This model {how} the baseline by {by} of accuracy {test}."
