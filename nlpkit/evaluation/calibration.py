"""Temperature scaling: one number that makes a classifier's confidence match its accuracy.

    q = softmax(z / T)

with logits z and the temperature T > 0 that minimises the log loss of held-out examples. T > 1
softens an overconfident classifier, T < 1 sharpens an underconfident one; the predicted class does
not change. Log probabilities can serve as logits: softmax ignores a constant added to a row.

Reference:
    Guo et al., "On Calibration of Modern Neural Networks", ICML 2017, section 4.2.
"""

from typing import Any, NamedTuple

import numpy as np
import scipy.optimize
import scipy.special

from nlpkit.errors import InputError
from nlpkit.evaluation.probabilities import check_labels

__all__ = ["HIGHEST", "LOWEST", "Calibration", "calibrate_mixture", "log_loss", "temperature"]

LOWEST, HIGHEST = 0.25, 16.0
"""The range of temperatures. If all of a few examples are predicted correctly, the best T is 0,
which makes every prediction certain; if all are wrong, it is infinite."""

_FRACTIONS = np.arange(21) / 20

# Relative to the maximum of the row. At −inf the loss of a wrong label is infinite for every T.
_IMPOSSIBLE = -100.0


class Calibration(NamedTuple):
    """How the logits of a classifier become the probabilities that are served.

    Attributes:
        temperature: What the logits are divided by, above 0.
        fraction: The fraction of the linear part in the logits, from 0 to 1.
    """

    temperature: float
    fraction: float = 0.0


def temperature(logits: Any, labels: Any) -> float:
    """The temperature that minimises the log loss of the examples given.

    The loss is convex in 1/T, so a bounded search over ln T finds its one minimum.

    Args:
        logits: float[N, K], logits or log probabilities, N ≥ 1, K ≥ 2. They are clipped at 100
            below the maximum of the row, so −inf, the logarithm of 0, is allowed.
        labels: int[N], true class indices in 0 … K−1.

    Returns:
        T from `LOWEST` to `HIGHEST`; exactly 1.0 if no other temperature has a smaller loss.

    Raises:
        InputError: If a shape, a logit or a label is not as described.

    Example:
        >>> overconfident = [[4.0, 0.0], [4.0, 0.0], [4.0, 0.0], [4.0, 0.0]]
        >>> round(temperature(overconfident, [0, 0, 0, 1]), 2)  # 3 of 4: a logit of ln 3
        3.64
    """
    logits, labels = _checked(logits, labels)

    def loss(log_temperature: float) -> float:
        return _loss(logits, labels, np.exp(log_temperature))

    optimum = scipy.optimize.minimize_scalar(
        loss, bounds=(np.log(LOWEST), np.log(HIGHEST)), method="bounded", options={"xatol": 1e-6}
    )
    return float(np.exp(optimum.x)) if optimum.fun < loss(0.0) else 1.0


def log_loss(logits: Any, labels: Any, temperature: float = 1.0) -> float:
    """The mean negative log probability of the true classes.

    Args:
        logits: As for `temperature`.
        labels: int[N], true class indices in 0 … K−1.
        temperature: T, above 0.

    Returns:
        The loss, at least 0.

    Raises:
        InputError: If a shape, a logit or a label is not as described.

    Example:
        >>> round(log_loss([[0.0, 0.0]], [1]), 4)  # ln 2
        0.6931
    """
    return _loss(*_checked(logits, labels), temperature)


def calibrate_mixture(logits: Any, others: Any, labels: Any) -> Calibration:
    """The mixture of two models' logits, and its temperature, that minimise the log loss.

        z = (1 − α) · logits + α · others,  q = softmax(z / T)

    Args:
        logits: As for `temperature`.
        others: Logits of another model for the same examples, of the same shape.
        labels: int[N], true class indices in 0 … K−1.

    Returns:
        α, as `fraction`: a multiple of 0.05 from 0 to 1, the smallest one of several that are
        equally good; and the best T for it.

    Raises:
        InputError: If a shape, a logit or a label is not as described.

    Example:
        >>> logits, others = [[1.0, 0.0], [1.0, 0.0]], [[2.0, 0.0], [0.0, 2.0]]
        >>> calibrate_mixture(logits, others, [0, 1]).fraction
        1.0
    """
    logits, labels = _checked(logits, labels)
    others, _ = _checked(others, labels)
    if others.shape != logits.shape:
        raise InputError(
            f"`others` must have the shape of `logits`, {list(logits.shape)}, "
            f"got {list(others.shape)}."
        )
    best, least = Calibration(1.0), np.inf
    for fraction in _FRACTIONS:
        mixed = (1 - fraction) * logits + fraction * others
        candidate = Calibration(temperature(mixed, labels), float(fraction))
        loss = log_loss(mixed, labels, candidate.temperature)
        if loss < least:
            best, least = candidate, loss
    return best


def _loss(logits: np.ndarray, labels: np.ndarray, temperature: float) -> float:
    """The log loss of what was checked."""
    scaled = logits / temperature
    likely = scaled[np.arange(len(labels)), labels]
    return float(np.mean(scipy.special.logsumexp(scaled, axis=1) - likely))


def _checked(logits: Any, labels: Any) -> tuple[np.ndarray, np.ndarray]:
    """Finite logits, with a maximum of 0 in each row, and labels."""
    logits, labels = np.asarray(logits, dtype=np.float64), np.asarray(labels)
    if logits.ndim != 2 or logits.shape[0] < 1 or logits.shape[1] < 2:
        raise InputError(
            "`logits` must have shape [N, K] with at least one example and two classes, "
            f"got {list(logits.shape)}."
        )
    greatest = logits.max(axis=1, keepdims=True)
    if not np.isfinite(greatest).all():  # NaN anywhere in a row makes it NaN
        raise InputError("`logits` must be finite, or −inf in part of a row, got NaN or ±inf.")
    check_labels(labels, *logits.shape)
    return np.maximum(logits - greatest, _IMPOSSIBLE), labels
