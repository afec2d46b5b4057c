"""How much each token adds to a number, by integrated gradients.

    a_t = x_t · ∫₀¹ ∂F(α·x)/∂x_t dα        over the straight path from zero vectors to the text's

Where F is differentiable almost everywhere the a_t add up to F(x) − F(0): completeness. The
integral is a Gauss-Legendre sum, whose points are quadrupled until the a_t are within one percent
of that.

Reference: Sundararajan, Taly & Yan 2017, "Axiomatic Attribution for Deep Networks", equation 1 and
proposition 1.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import tensorflow as tf

__all__ = ["TOLERANCE", "Integral", "integrated_gradients", "is_complete"]

TOLERANCE = 0.01
"""The error of completeness at which the points are enough, as a fraction of the change."""

_STEPS = (8, 32, 128, 512)
_ROUNDING = 1e-5  # of log-odds in float32
_AT_ONCE = 1 << 13  # tokens of all points that are computed together


class Integral(NamedTuple):
    """The result of `integrated_gradients`.

    Attributes:
        baseline: F of zeros.
        end: F of the inputs.
        values: What each token adds, float64 [T].
        steps: The number of points.
    """

    baseline: float
    end: float
    values: np.ndarray
    steps: int


def integrated_gradients(
    function: Callable[..., tf.Tensor], inputs: Sequence[tf.Tensor]
) -> Integral:
    """Attributes the change of a function to the tokens that it reads.

    Args:
        function: F, of one argument [m, T, D] for each input, to m numbers.
        inputs: One or more tensors [T, D], with any D each. A token's attribution is the sum of
            those of all its features.

    Returns:
        The attributions, and what they should add up to. Where 512 points do not suffice, the
        error is what is left.

    Example:
        >>> x = tf.constant([[1.0], [2.0]])
        >>> result = integrated_gradients(lambda x: tf.reduce_sum(x, [1, 2]) ** 2, [x])
        >>> result.values.round(3).tolist(), result.end - result.baseline
        ([3.0, 6.0], 9.0)
    """
    for steps in _STEPS:
        values, baseline, end = _integral(function, inputs, steps)
        if is_complete(values, end - baseline):
            break
    return Integral(baseline, end, values, steps)


def is_complete(values: np.ndarray, change: float) -> bool:
    """Whether attributions add up to a change.

    Args:
        values: The attributions.
        change: What they should add up to, in log-odds.

    Returns:
        True if they do within one percent of it, or within the rounding of float32.

    Example:
        >>> is_complete(np.array([0.7, 0.295]), 1.0), is_complete(np.array([0.7, 0.2]), 1.0)
        (True, False)
        >>> is_complete(np.array([0.0]), 5e-4)
        False
    """
    return bool(abs(np.sum(values) - change) <= max(TOLERANCE * abs(change), _ROUNDING))


def _integral(function, inputs, steps) -> tuple[np.ndarray, float, float]:
    """The attributions by a sum over some points of the path, and F at its ends."""
    points, weights = np.polynomial.legendre.leggauss(steps)
    points = np.append((points + 1) / 2, [0, 1])  # from [−1, 1] to [0, 1], and the ends
    weights = np.append(weights / 2, [0, 0])
    at_once = max(1, _AT_ONCE // inputs[0].shape[0])
    totals, values = [np.zeros(x.shape) for x in inputs], []
    for start in range(0, len(points), at_once):
        here = slice(start, start + at_once)
        alpha = tf.constant(points[here, None, None], inputs[0].dtype)
        scaled = [alpha * x for x in inputs]
        with tf.GradientTape() as tape:
            tape.watch(scaled)
            results = function(*scaled)
        gradients = tape.gradient(results, scaled, unconnected_gradients="zero")
        for total, gradient in zip(totals, gradients, strict=True):
            total += np.tensordot(weights[here], gradient.numpy(), 1)
        values += results.numpy().tolist()
    added = [np.sum(x.numpy() * total, axis=1) for x, total in zip(inputs, totals, strict=True)]
    return np.sum(added, axis=0), values[-2], values[-1]
