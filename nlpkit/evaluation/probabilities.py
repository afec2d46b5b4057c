"""What the metrics of a classifier require of its probabilities and of the labels."""

from typing import Any

import numpy as np

from nlpkit.errors import InputError

__all__ = ["check_labels", "check_probabilities"]

_ROUNDING = 1e-3


def check_probabilities(probabilities: Any, labels: Any) -> tuple[np.ndarray, np.ndarray]:
    """Requires probabilities of K classes, and the true ones.

    Args:
        probabilities: float[N, K] with N ≥ 1 and K ≥ 2; each row sums to 1.
        labels: int[N] in 0 … K−1.

    Returns:
        Both as arrays, float64 and integer.

    Raises:
        InputError: If a shape, a probability or a label is not as described.
    """
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
