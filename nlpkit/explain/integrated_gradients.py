"""How much each token adds to a number, by integrated gradients.

    a_t = x_t · ∫₀¹ ∂F(α·x)/∂x_t dα        over the straight path from zero vectors to the text's

Where F is differentiable almost everywhere the a_t add up to F(x) − F(0): completeness. So they do
on every part of the path, which tells where a sum over points of it misses something: there the
path is halved, until all that is missed is less than one percent. A recurrent network may go from
one answer to another within less than a millionth of the path, and points at fixed places miss
that; the change is then shared in proportion to the gradients of so short a part.

References: Sundararajan, Taly & Yan 2017, "Axiomatic Attribution for Deep Networks", equation 1 and
proposition 1; Simpson's rule for each part.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import tensorflow as tf

__all__ = ["TOLERANCE", "Integral", "integrated_gradients", "is_complete"]

TOLERANCE = 0.01
"""The error of completeness at which the points are enough, as a fraction of the change."""

_PARTS, _MOST = 4, 513  # parts of the path at first, and points at last
_SHORTEST = 1e-6  # of the path; float32 hardly tells shorter parts apart
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
        The attributions, and what they should add up to. Where some 500 points do not suffice,
        the error is what is left.

    Example:
        >>> x = tf.constant([[1.0], [2.0]])
        >>> result = integrated_gradients(lambda x: tf.reduce_sum(x, [1, 2]) ** 2, [x])
        >>> result.values.round(3).tolist(), result.end - result.baseline
        ([3.0, 6.0], 9.0)
    """
    points = np.linspace(0.0, 1.0, 2 * _PARTS + 1)  # the ends and the middle of each part
    added, results = _along(function, inputs, points)
    while len(points) < _MOST and len(parts := _inexact(points, added, results)):
        gaps = np.sort(np.concatenate([2 * parts + 1, 2 * parts + 2]))
        middles = (points[gaps - 1] + points[gaps]) / 2
        more_added, more_results = _along(function, inputs, middles)
        points = np.insert(points, gaps, middles)
        added = np.insert(added, gaps, more_added, axis=0)
        results = np.insert(results, gaps, more_results)
    values = _by_part(points, added, results).sum(axis=0)
    return Integral(float(results[0]), float(results[-1]), values, len(points))


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
    return bool(abs(np.sum(values) - change) <= _allowed(change))


def _allowed(change: float) -> float:
    """How much of a change attributions may miss."""
    return max(TOLERANCE * abs(change), _ROUNDING)


def _by_part(points: np.ndarray, added: np.ndarray, results: np.ndarray) -> np.ndarray:
    """The attributions of each of N parts of the path, [N, T]."""
    widths = np.diff(points[::2])
    parts = widths[:, None] / 6 * (added[:-2:2] + 4 * added[1::2] + added[2::2])
    sums, changes = parts.sum(axis=1), np.diff(results[::2])
    sudden = (widths <= _SHORTEST) & (sums * changes > 0)
    parts[sudden] *= (changes[sudden] / sums[sudden])[:, None]
    return parts


def _inexact(points: np.ndarray, added: np.ndarray, results: np.ndarray) -> np.ndarray:
    """The parts to halve: those that miss most of the change of F on them; none in the end."""
    missed = np.abs(_by_part(points, added, results).sum(axis=1) - np.diff(results[::2]))
    missed[np.diff(points[::2]) <= _SHORTEST] = 0.0
    allowed = _allowed(results[-1] - results[0])
    order = np.argsort(missed)
    left = np.cumsum(missed[order])
    return order[left > allowed / 2] if left[-1] > allowed else order[:0]


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
