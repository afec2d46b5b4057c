"""The least that a classifier must beat: always predicting the most frequent class."""

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np
import sklearn.metrics

from nlpkit.evaluation.comparison import Comparison, compare_accuracy

__all__ = ["Majority", "majority_class"]


@dataclasses.dataclass(frozen=True)
class Majority:
    """The most frequent class, predicted for every example.

    Attributes:
        index: The class: the first of the most frequent in the training data.
        metrics: `accuracy` and `macro_f1`.
        comparison: The accuracy of a classifier less that of this prediction.
    """

    index: int
    metrics: dict[str, float]
    comparison: Comparison


def majority_class(class_counts: Sequence[int], predicted: Any, labels: Any) -> Majority:
    """Compares a classifier with always predicting the most frequent class.

    Args:
        class_counts: Training examples of each class.
        predicted: int[N], the classes that the classifier predicts.
        labels: int[N], the true classes.

    Returns:
        The `Majority`.

    Raises:
        InputError: As `compare_accuracy`.

    Example:
        >>> majority = majority_class([9, 2], [0, 0, 0, 1], [0, 0, 0, 1])
        >>> majority.metrics["accuracy"], majority.comparison.difference
        (0.75, 0.25)
        >>> majority.comparison.better  # one example proves nothing
        False
    """
    index = int(np.argmax(class_counts))
    comparison = compare_accuracy(predicted, index, labels)
    constant = np.full(len(labels), index)
    metrics = {
        "accuracy": float(np.mean(constant == labels)),
        "macro_f1": float(
            sklearn.metrics.f1_score(labels, constant, average="macro", zero_division=0)
        ),
    }
    return Majority(index, metrics, comparison)
