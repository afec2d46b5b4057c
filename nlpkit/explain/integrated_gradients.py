"""How much each token adds to a number, by integrated gradients.

    a_t = x_t · ∫₀¹ ∂F(α·x)/∂x_t dα        over the straight path from zero vectors to the text's

Where F is differentiable almost everywhere the a_t add up to F(x) − F(0): completeness. The
integral is a Clenshaw-Curtis sum. Its points are doubled until the a_t are within one percent of
that; every second point of the next sum is one that was computed.

References: Sundararajan, Taly & Yan 2017, "Axiomatic Attribution for Deep Networks", equation 1 and
proposition 1; Trefethen 2008, "Is Gauss quadrature better than Clenshaw-Curtis?".
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import tensorflow as tf

__all__ = ["TOLERANCE", "Integral", "integrated_gradients", "is_complete"]

TOLERANCE = 0.01
"""The error of completeness at which the points are enough, as a fraction of the change."""

_FEWEST, _MOST = 8, 512  # intervals between points
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
        The attributions, and what they should add up to. Where 513 points do not suffice, the
        error is what is left.

    Example:
        >>> x = tf.constant([[1.0], [2.0]])
        >>> result = integrated_gradients(lambda x: tf.reduce_sum(x, [1, 2]) ** 2, [x])
        >>> result.values.round(3).tolist(), result.end - result.baseline
        ([3.0, 6.0], 9.0)
    """
    intervals = _FEWEST
    added, results = _along(function, inputs, _points(intervals))
    values = _weights(intervals) @ added
    while intervals < _MOST and not is_complete(values, results[-1] - results[0]):
        gaps = np.arange(1, intervals + 1)
        intervals *= 2
        between = _along(function, inputs, _points(intervals)[1::2])
        added, results = (
            np.insert(old, gaps, new, axis=0)
            for old, new in zip((added, results), between, strict=True)
        )
        values = _weights(intervals) @ added
    return Integral(float(results[0]), float(results[-1]), values, len(results))


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


def _points(intervals: int) -> np.ndarray:
    """The points of a sum from 0 to 1, [intervals + 1], both ends among them."""
    return (1 - np.cos(np.pi * np.arange(intervals + 1) / intervals)) / 2


def _weights(intervals: int) -> np.ndarray:
    """The weights of the points, which integrate the cosines of their angles exactly."""
    even = np.arange(2, intervals + 1, 2)
    angles = np.pi * np.outer(np.arange(intervals + 1), even) / intervals
    last_half = np.where(even == intervals, 1, 2) / (1 - even**2)
    weights = (1 + np.cos(angles) @ last_half) / intervals
    weights[[0, -1]] /= 2
    return weights


def _along(
    function: Callable[..., tf.Tensor], inputs: Sequence[tf.Tensor], points: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """For each of P points what a token's features times their gradient are, [P, T], and F, [P]."""
    at_once = max(1, _AT_ONCE // inputs[0].shape[0])
    added, values = [], []
    for alpha in np.split(points, range(at_once, len(points), at_once)):
        scaled = [tf.constant(alpha[:, None, None], x.dtype) * x for x in inputs]
        with tf.GradientTape() as tape:
            tape.watch(scaled)
            results = function(*scaled)
        gradients = tape.gradient(results, scaled, unconnected_gradients="zero")
        products = [tf.einsum("td,ptd->pt", *pair) for pair in zip(inputs, gradients, strict=True)]
        added.append(np.sum(products, axis=0, dtype=float))
        values.append(results.numpy())
    return np.concatenate(added), np.concatenate(values)
