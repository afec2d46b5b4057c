"""What the metrics of a classifier come to, in sentences."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from nlpkit.data import Corpus
from nlpkit.evaluation.comparison import Comparison
from nlpkit.evaluation.majority import majority_class
from nlpkit.evaluation.metrics import classification, standard_error
from nlpkit.reports import card_parts

__all__ = ["majority_sentence", "majority_warning", "verdict"]

_LARGE = 1000  # texts in a test split from which on its accuracy is told without an error


def verdict(metrics: Mapping[str, Any]) -> list[str]:
    """Whether a classifier is better than the baseline, and than no classifier at all.

    Args:
        metrics: What metrics.json holds.

    Returns:
        Sentences, Markdown. Each difference comes with its margin, and is called one only where
        McNemar's test finds it; where the test split is small, that is said, too.
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
    """Says of a classifier that it is not better than the most frequent class, where it is not.

    Args:
        comparison: Its accuracy less that of always answering the most frequent class.
        name: That class.
        ours: Its `accuracy` and `macro_f1`.
        majority: Those of always answering the most frequent class.
        split: What they were measured on.

    Returns:
        One sentence; none where the classifier is more accurate, and significantly so.

    Example:
        >>> metrics = {"accuracy": 0.98, "macro_f1": 0.495}
        >>> print(*majority_sentence(Comparison(0, 0.01, 1), "good", metrics, metrics))
        On the test split this model is not measurably more accurate than always answering good, \
the most frequent class: 98.00% against 98.00% (macro F1 0.4950 against 0.4950).
    """
    if comparison.better:
        return []
    how = "less accurate" if comparison.significant else "not measurably more accurate"
    return [
        f"On the {split} split this model is {how} than always answering {name}, the most frequent "
        f"class: {ours['accuracy']:.2%} against {majority['accuracy']:.2%} "
        f"(macro F1 {ours['macro_f1']:.4f} against {majority['macro_f1']:.4f})."
    ]


def majority_warning(
    corpus: Corpus, answers: Mapping[str, tuple[np.ndarray, np.ndarray]]
) -> str | None:
    """Warns of a classifier that is not better than the most frequent class.

    Args:
        corpus: What it learnt from.
        answers: For each split's name the probabilities [N, K] and the true classes [N].

    Returns:
        A sentence about the first split where that is so, and the cure; None where there is none.
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


def _against_baseline(found: Comparison) -> str:
    """Which of the two is more accurate, if that can be told."""
    chance = "p < 0.001" if found.p_value < 0.001 else f"p = {found.p_value:.2g}"
    test = f"(95% interval; McNemar's test, {chance})"
    margin = f"± {100 * found.margin:.2f} percentage points"
    if not found.significant:
        return (
            "No difference in accuracy between this model and the baseline can be told: "
            f"{100 * found.difference:+.2f} {margin} {test}."
        )
    how = "beats" if found.better else "loses to"
    return (
        f"This model {how} the baseline by {100 * abs(found.difference):.2f} {margin} of accuracy "
        f"{test}."
    )
