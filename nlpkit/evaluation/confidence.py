"""How far a classifier's confidence can be trusted.

Reference:
    Guo et al., "On Calibration of Modern Neural Networks", ICML 2017.
"""

import dataclasses
from typing import Any

import numpy as np

from nlpkit.evaluation.probabilities import check_probabilities

__all__ = ["BINS", "Reliability", "reliability"]

BINS = 15
"""Bins of the calibration error, as in Guo et al."""


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
    probabilities, labels = check_probabilities(probabilities, labels)
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
