"""The continuous cache: recent words seen in similar contexts are likely to recur.

    p_cache(w | t) = Σ_i [w_i = w] exp(θ h_t·h_i) / Σ_i exp(θ h_t·h_i),   i = t − size … t − 1
    p(w | t)       = (1 − λ) p_model(w | t) + λ p_cache(w | t)

h_t are the features from which the model predicts token w_t. Only θ and the weight λ are tuned, on
the validation split. The first token of a stream has no cache and keeps the model's probability.

The cache adapts to the text being read, so the perplexity holds for whole streams in their order
and says nothing about single sentences.

Reference:
    Grave, Joulin and Usunier, "Improving Neural Language Models with a Continuous Cache",
    ICLR 2017.
"""

import dataclasses
import itertools
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from nlpkit.checks import check_fraction, check_positive_integer
from nlpkit.errors import InputError
from nlpkit.evaluation.next_word import perplexity

__all__ = ["CacheSettings", "cache_log_probabilities", "tune"]

SIZE = 2000
"""Tokens that the cache reaches back by default."""

THETAS = (0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 1.0)
WEIGHTS = (0.0, 0.02, 0.05, 0.1, 0.15, 0.2, 0.3)

_BLOCK = 512  # rows at a time: with 2,000 tokens of cache, 5 MB of scores


@dataclasses.dataclass(frozen=True)
class CacheSettings:
    """What `tune` chose.

    Attributes:
        size: Tokens that the cache reaches back.
        theta: How sharply similar features are preferred, θ.
        weight: The weight of the cache in the mixture, λ; 0 where the cache did not help.
        perplexity: The validation perplexity with them.
    """

    size: int
    theta: float
    weight: float
    perplexity: float


def cache_log_probabilities(
    hidden: Any,
    targets: Any,
    log_probabilities: Any,
    *,
    size: int = SIZE,
    theta: float,
    weight: float,
) -> np.ndarray:
    """Log-probabilities of a stream's tokens, with the cache.

    Args:
        hidden: float[n, D], the features that each token is predicted from.
        targets: int[n], the tokens, ends of passages included.
        log_probabilities: float[n], the model's own.
        size: Tokens that the cache reaches back, at least 1. Default 2,000.
        theta: How sharply similar features are preferred, at least 0: at 0 all count the same.
        weight: The weight of the cache in the mixture, λ, from 0 to 1.

    Returns:
        float64[n].

    Raises:
        InputError: If an argument is not as described.

    Example:
        The second word occurred before, after the same features: half of 0.1, and half of 1.

        >>> hidden, model = np.ones((2, 4)), np.log([0.1, 0.1])
        >>> cached = cache_log_probabilities(hidden, [7, 7], model, theta=1.0, weight=0.5)
        >>> np.exp(cached).round(6).tolist()
        [0.1, 0.55]
    """
    check_fraction("weight", weight)
    hidden, targets, log_probabilities = _checked(hidden, targets, log_probabilities, size, [theta])
    (cached,) = _cached(hidden, targets, size, [theta])
    return _mixed(log_probabilities, cached, weight)


def tune(
    hidden: Any,
    targets: Any,
    log_probabilities: Any,
    *,
    size: int = SIZE,
    thetas: Sequence[float] = THETAS,
    weights: Sequence[float] = WEIGHTS,
) -> CacheSettings:
    """Finds the θ and λ with the smallest perplexity on a validation stream.

    Args:
        hidden: As in `cache_log_probabilities`.
        targets: As there.
        log_probabilities: As there.
        size: As there.
        thetas: Values of θ to try. Default: seven from 0.05 to 1.
        weights: Values of λ to try. Default: seven from 0 to 0.3.

    Returns:
        The `CacheSettings` with the smallest perplexity, the first of equals.

    Raises:
        InputError: As `cache_log_probabilities`, or if there is nothing to try.
    """
    for weight in weights:
        check_fraction("weights", weight)
    if not len(thetas) or not len(weights):
        raise InputError("`thetas` and `weights` must hold at least one number each.")
    hidden, targets, log_probabilities = _checked(hidden, targets, log_probabilities, size, thetas)
    cached = dict(zip(thetas, _cached(hidden, targets, size, thetas), strict=True))
    tried = (
        CacheSettings(size, theta, weight, perplexity(_mixed(log_probabilities, row, weight)))
        for (theta, row), weight in itertools.product(cached.items(), weights)
    )
    return min(tried, key=lambda settings: settings.perplexity)


def _cached(
    hidden: np.ndarray, targets: np.ndarray, size: int, thetas: Sequence[float]
) -> np.ndarray:
    """float64[len(thetas), n], p_cache of each token."""
    result = np.zeros((len(thetas), len(targets)))
    for rows, before, within in _bands(len(targets), size):
        scores = hidden[rows] @ hidden[before].T
        scores = np.where(within, scores, scores.min())  # finite, and never the greatest
        scores -= scores.max(axis=1, keepdims=True)
        same = (targets[rows, None] == targets[before]).astype(scores.dtype)
        for theta, row in zip(thetas, result, strict=True):
            weights = np.exp(theta * scores) * within
            row[rows] = np.einsum("ij,ij->i", weights, same) / weights.sum(axis=1)
    return result


def _bands(n: int, size: int) -> Iterator[tuple[slice, slice, np.ndarray]]:
    """Blocks of rows from 1 on, all they may look back at, and who may look at what."""
    for first in range(1, n, _BLOCK):
        rows = slice(first, min(first + _BLOCK, n))
        before = slice(max(first - size, 0), rows.stop - 1)
        distance = np.arange(rows.start, rows.stop)[:, None] - np.arange(before.start, before.stop)
        yield rows, before, (distance >= 1) & (distance <= size)


def _mixed(log_probabilities: np.ndarray, cached: np.ndarray, weight: float) -> np.ndarray:
    """The model's and the cache's probabilities in one, the first token's as it was."""
    mixed = (1 - weight) * np.exp(log_probabilities) + weight * cached
    mixed[:1] = np.exp(log_probabilities[:1])
    with np.errstate(divide="ignore"):  # −∞ is the answer
        return np.log(mixed)


def _checked(
    hidden: Any, targets: Any, log_probabilities: Any, size: int, thetas: Sequence[float]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Arrays of one length, after checking all that is asked of them."""
    check_positive_integer("size", size)
    for theta in thetas:
        if not 0 <= theta < np.inf:
            raise InputError(f"`theta` must be a number of at least 0, got {theta!r}.")
    hidden, targets = np.asarray(hidden), np.asarray(targets)
    log_probabilities = np.asarray(log_probabilities, np.float64)
    n = len(targets)
    if hidden.shape[:1] != (n,) or hidden.ndim != 2 or log_probabilities.shape != (n,):
        raise InputError(
            f"`hidden` and `log_probabilities` must have shapes [{n}, D] and [{n}], a row for each "
            f"target, got {list(hidden.shape)} and {list(log_probabilities.shape)}."
        )
    return hidden.astype(np.result_type(hidden, np.float32), copy=False), targets, log_probabilities
