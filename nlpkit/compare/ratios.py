"""Times of several implementations as multiples of ours, and the proof that they did the same."""

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from nlpkit.compare.implementations import OURS
from nlpkit.compare.timing import Timing

__all__ = ["mean_ratios", "require_same", "with_ratios"]

_SAME = 1e-4  # of outputs below 1: above what 200 steps round off, below what a mistake would do


def with_ratios(timings: Mapping[str, Timing], ours: str = OURS) -> dict[str, Any]:
    """Timings as JSON can hold them, with the median of each as a multiple of ours.

    Args:
        timings: By implementation.
        ours: Which of them is ours.

    Returns:
        `contestants`, the timings, and `ratios`, by the same names.
    """
    unit = timings[ours].median_ms
    return {
        "contestants": {name: dataclasses.asdict(timing) for name, timing in timings.items()},
        "ratios": {name: round(timing.median_ms / unit, 4) for name, timing in timings.items()},
    }


def mean_ratios(ratios: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """The geometric mean of each implementation's ratios.

    Args:
        ratios: As `with_ratios` gives them, of several races with the same implementations.

    Returns:
        Means by implementation.

    Example:
        >>> mean_ratios([{"keras": 1.0}, {"keras": 4.0}])
        {'keras': 2.0}
    """
    return {
        name: round(float(np.exp(np.mean([np.log(each[name]) for each in ratios]))), 4)
        for name in ratios[0]
    }


def require_same(calls: Mapping[str, Callable[[], Any]], where: str, ours: str = OURS) -> None:
    """Insists that equal weights give equal outputs.

    Args:
        calls: By implementation.
        where: What was called, for the error.
        ours: What the others are compared with.

    Raises:
        RuntimeError: If they do not.
    """
    expected = np.asarray(calls[ours]())
    for name in calls.keys() - {ours}:
        error = float(np.max(np.abs(np.asarray(calls[name]()) - expected)))
        if not error <= _SAME:
            raise RuntimeError(
                f"{where}, {name} and {ours} are off by {error:.1e} with equal weights, so that "
                "their times mean nothing."
            )
