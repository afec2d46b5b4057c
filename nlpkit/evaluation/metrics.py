"""Metrics of a classifier's probabilities: overall, for each class, and the confusion matrix.

Everything here takes `probabilities` [N, K], a row for each example and a column for each class,
and `labels` [N], the true class indices. The predicted class is the most probable one, the first
of equals; its probability is the confidence of the prediction.
"""

import math
from typing import Any

import numpy as np
import sklearn.metrics

from nlpkit.evaluation.confidence import reliability
from nlpkit.evaluation.probabilities import check_probabilities

__all__ = ["classification", "confusion", "per_class", "standard_error"]

# No probability counts as smaller in the log loss: the resolution of float32 below 1, so that a
# float32 answer of exactly 0 costs 15.9 nats instead of infinitely many.
_SMALLEST = float(np.finfo(np.float32).eps)


def classification(probabilities: Any, labels: Any) -> dict[str, float]:
    """Accuracy, macro-F1, log loss and expected calibration error.

    * `accuracy`: fraction of examples whose most probable class is the true one.
    * `macro_f1`: unweighted mean of the classes' F1 scores, over the classes that occur among the
      labels or the predictions; a class with no true positive scores 0.
    * `log_loss`: mean of −ln p(true class), in nats; p counts as at least 1.2e-7 (the resolution
      of float32).
    * `ece`: see `Reliability.error`; 15 bins of equal width over the confidence.

    Args:
        probabilities: float[N, K] with N ≥ 1 and K ≥ 2; each row sums to 1.
        labels: int[N] in 0 … K−1; not every class need occur.

    Returns:
        The four metrics by name, in the order above.

    Raises:
        InputError: If a shape, a probability or a label is not as described.

    Example:
        >>> metrics = classification([[0.9, 0.1], [0.4, 0.6]], [0, 1])
        >>> {name: round(figure, 3) for name, figure in metrics.items()}
        {'accuracy': 1.0, 'macro_f1': 1.0, 'log_loss': 0.308, 'ece': 0.25}
    """
    probabilities, labels = check_probabilities(probabilities, labels)
    predicted = probabilities.argmax(axis=1)
    classes = np.arange(probabilities.shape[1])
    # Clipped and scaled here, since what scikit-learn clips at depends on the precision received.
    likely = np.clip(probabilities, _SMALLEST, 1.0)
    likely /= likely.sum(axis=1, keepdims=True)
    return {
        "accuracy": float(sklearn.metrics.accuracy_score(labels, predicted)),
        "macro_f1": float(
            sklearn.metrics.f1_score(labels, predicted, average="macro", zero_division=0)
        ),
        "log_loss": float(sklearn.metrics.log_loss(labels, likely, labels=classes)),
        "ece": reliability(probabilities, labels).error,
    }


def per_class(probabilities: Any, labels: Any) -> list[dict[str, float]]:
    """Precision, recall, F1 and support of each class.

    Args:
        probabilities: float[N, K], as in `classification`.
        labels: int[N], as in `classification`.

    Returns:
        For each of the K classes: `precision`, the fraction of its predictions that are right;
        `recall`, the fraction of its examples that are predicted as it; `f1`, the harmonic mean of
        both; `support`, the number of its examples. What is undefined is 0.

    Raises:
        InputError: As `classification`.

    Example:
        >>> per_class([[0.9, 0.1], [0.4, 0.6], [0.8, 0.2]], [0, 1, 1])[1]["recall"]
        0.5
    """
    probabilities, labels = check_probabilities(probabilities, labels)
    precision, recall, f1, support = sklearn.metrics.precision_recall_fscore_support(
        labels,
        probabilities.argmax(axis=1),
        labels=np.arange(probabilities.shape[1]),
        zero_division=0,
    )
    return [
        {"precision": float(p), "recall": float(r), "f1": float(f), "support": int(n)}
        for p, r, f, n in zip(precision, recall, f1, support, strict=True)
    ]


def standard_error(fraction: float, size: int) -> float:
    """The standard error of a fraction that was measured on a sample.

    After Agresti and Coull, two successes and two failures are added, so that a perfect score on a
    handful of examples does not look certain.

    Args:
        fraction: The measured fraction, from 0 to 1.
        size: The number of examples.

    Returns:
        The error, as a fraction.

    Example:
        >>> round(standard_error(0.5, 96), 9)
        0.05
    """
    fraction = (fraction * size + 2) / (size + 4)
    return math.sqrt(fraction * (1 - fraction) / (size + 4))


def confusion(probabilities: Any, labels: Any) -> np.ndarray:
    """Counts of each true class (row) predicted as each class (column).

    Args:
        probabilities: float[N, K], as in `classification`.
        labels: int[N], as in `classification`.

    Returns:
        int[K, K], which sums to N.

    Raises:
        InputError: As `classification`.

    Example:
        >>> confusion([[0.9, 0.1], [0.4, 0.6], [0.3, 0.7]], [0, 1, 0]).tolist()
        [[1, 1], [0, 1]]
    """
    probabilities, labels = check_probabilities(probabilities, labels)
    classes = np.arange(probabilities.shape[1])
    return sklearn.metrics.confusion_matrix(labels, probabilities.argmax(axis=1), labels=classes)
