"""Metrics of a classifier's probabilities: overall, for each class, and the confusion matrix.

Everything here takes `probabilities` [N, K], a row for each example and a column for each class,
and `labels` [N], the true class indices. The predicted class is the most probable one, the first
of equals; its probability is the confidence of the prediction.

Reference:
    Guo et al., "On Calibration of Modern Neural Networks", ICML 2017, for the calibration error.
"""

import dataclasses
import math
from typing import Any

import numpy as np
import sklearn.metrics

from nlpkit.errors import InputError

__all__ = [
    "BINS",
    "Reliability",
    "check_labels",
    "classification",
    "confusion",
    "per_class",
    "reliability",
    "standard_error",
]

BINS = 15
"""Bins of the calibration error, as in Guo et al."""

# No probability counts as smaller in the log loss: the resolution of float32 below 1, so that a
# float32 answer of exactly 0 costs 15.9 nats instead of infinitely many.
_SMALLEST = float(np.finfo(np.float32).eps)

_ROUNDING = 1e-3


@dataclasses.dataclass(frozen=True)
class Reliability:
    """Confidence against accuracy, in bins of equal width.

    Attributes:
        counts: int[M], examples in each bin; bin m holds confidences in (m/M, (m+1)/M].
        confidence: float[M], mean confidence in each bin; 0 where the bin is empty.
        accuracy: float[M], fraction of right predictions in each bin; 0 where the bin is empty.
    """

    counts: np.ndarray
    confidence: np.ndarray
    accuracy: np.ndarray

    @property
    def error(self) -> float:
        """The expected calibration error: Σ_m counts_m / N · |accuracy_m − confidence_m|."""
        gaps = np.abs(self.accuracy - self.confidence)
        return float(np.average(gaps, weights=self.counts))


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
    probabilities, labels = _checked(probabilities, labels)
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
    probabilities, labels = _checked(probabilities, labels)
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
    probabilities, labels = _checked(probabilities, labels)
    classes = np.arange(probabilities.shape[1])
    return sklearn.metrics.confusion_matrix(labels, probabilities.argmax(axis=1), labels=classes)


def reliability(probabilities: Any, labels: Any, *, bins: int = BINS) -> Reliability:
    """Sorts predictions into bins by confidence.

    Args:
        probabilities: float[N, K], as in `classification`.
        labels: int[N], as in `classification`.
        bins: M, the number of bins over (0, 1]. Default 15.

    Returns:
        The `Reliability`, M numbers each.

    Raises:
        InputError: As `classification`.

    Example:
        >>> reliability([[0.9, 0.1], [0.2, 0.8]], [0, 0], bins=2).accuracy.tolist()
        [0.0, 0.5]
    """
    probabilities, labels = _checked(probabilities, labels)
    confidence = probabilities.max(axis=1)
    right = probabilities.argmax(axis=1) == labels
    inner_edges = np.linspace(0.0, 1.0, bins + 1)[1:-1]
    index = np.digitize(confidence, inner_edges, right=True)  # upper edges belong to their bin
    counts = np.bincount(index, minlength=bins)
    divisor = np.maximum(counts, 1)
    return Reliability(
        counts,
        np.bincount(index, weights=confidence, minlength=bins) / divisor,
        np.bincount(index, weights=right, minlength=bins) / divisor,
    )


def _checked(probabilities: Any, labels: Any) -> tuple[np.ndarray, np.ndarray]:
    """Both as arrays, float64 and integer, after checking all that is asked of them."""
    probabilities = np.asarray(probabilities, dtype=np.float64)
    labels = np.asarray(labels)
    if probabilities.ndim != 2 or probabilities.shape[0] < 1 or probabilities.shape[1] < 2:
        raise InputError(
            "`probabilities` must have shape [N, K] with at least one example and two classes, "
            f"got {list(probabilities.shape)}."
        )
    if not np.all((probabilities >= 0) & (probabilities <= 1 + _ROUNDING)):  # false for NaN
        raise InputError("`probabilities` must be numbers from 0 to 1, got others or NaN.")
    sums = probabilities.sum(axis=1)
    worst = int(np.abs(sums - 1).argmax())
    if abs(sums[worst] - 1) > _ROUNDING:
        raise InputError(
            f"`probabilities` must sum to 1 in each row, got {sums[worst]:.6g} in row {worst}."
        )
    check_labels(labels, *probabilities.shape)
    return probabilities, labels


def check_labels(labels: np.ndarray, examples: int, classes: int) -> None:
    """Requires `examples` class indices from 0 to `classes` − 1.

    Args:
        labels: The value to check.
        examples: Number of examples, at least 1.
        classes: Number of classes, K.

    Raises:
        InputError: If the shape, the type or a value is wrong.
    """
    if labels.shape != (examples,):
        raise InputError(
            f"`labels` must have shape [{examples}], one for each example, "
            f"got {list(labels.shape)}."
        )
    if not np.issubdtype(labels.dtype, np.integer):
        raise InputError(f"`labels` must be integers, got {labels.dtype}.")
    if labels.min() < 0 or labels.max() >= classes:
        wrong = labels[(labels < 0) | (labels >= classes)][0]
        raise InputError(f"`labels` must be class indices from 0 to {classes - 1}, got {wrong}.")
