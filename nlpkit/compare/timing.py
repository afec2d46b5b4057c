"""Interleaved timing of several calls, so that disturbances affect all alike; and ratios."""

import dataclasses
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from nlpkit.compare.implementations import OURS

__all__ = ["Timing", "mean_ratios", "require_same", "time_interleaved", "with_ratios"]

_SAMPLE = 0.01  # seconds that a sample takes at least: a call of microseconds is repeated
_PAUSE = 0.002  # seconds between samples, in which the idle threads of the last library fall asleep
_FEWEST = 5  # rounds, however long they take, if so many are allowed
_SAME = 1e-4  # of outputs below 1: above what 200 steps round off, below what a mistake would do


@dataclass(frozen=True)
class Timing:
    """The time of a call.

    Attributes:
        first_seconds: The time of the first call, which traces and compiles.
        median_ms: Median over the rounds, in milliseconds.
        low_ms: First quartile.
        high_ms: Third quartile.
        rounds: The number of rounds.
        calls: The number of calls in a round, whose time is their mean.
    """

    first_seconds: float
    median_ms: float
    low_ms: float
    high_ms: float
    rounds: int
    calls: int


def time_interleaved(
    calls: Mapping[str, Callable[[], Any]], *, rounds: int, seconds: float, seed: int = 0
) -> dict[str, Timing]:
    """Times several calls in alternation.

    Each is called twice to warm up, then once per round, or as often as fills ten milliseconds. The
    order is random in each round, so that no call always follows the same one.

    Args:
        calls: The calls by name. A call returns when its work is done.
        rounds: The most rounds, at least 1.
        seconds: The time after which to stop, but not before the fifth round.
        seed: The seed of the order.

    Returns:
        The timing of each call.

    Example:
        >>> calls = {"a": lambda: sum(range(1000))}
        >>> timing = time_interleaved(calls, rounds=3, seconds=1.0)["a"]
        >>> timing.rounds, timing.low_ms <= timing.median_ms <= timing.high_ms
        (3, True)
    """
    firsts = {name: _seconds(call, 1) for name, call in calls.items()}
    repeats = {name: _repeats(_seconds(call, 1)) for name, call in calls.items()}
    rng, names = np.random.default_rng(seed), list(calls)
    samples: dict[str, list[float]] = {name: [] for name in names}
    end = time.perf_counter() + seconds
    for done in range(rounds):
        if done >= _FEWEST and time.perf_counter() > end:
            break
        for name in rng.permutation(names):
            time.sleep(_PAUSE)
            samples[name].append(1000 * _seconds(calls[name], repeats[name]))
    return {name: _timing(firsts[name], samples[name], repeats[name]) for name in names}


def with_ratios(timings: Mapping[str, Timing], ours: str = OURS) -> dict[str, Any]:
    """Timings in a form for JSON, with the median of each as a multiple of ours.

    Args:
        timings: The timings by implementation.
        ours: The name of ours.

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
        ratios: From `with_ratios`, for several timings of the same implementations.

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
    """Requires that equal weights give equal outputs.

    Args:
        calls: The calls by implementation.
        where: A description of the calls, for the error.
        ours: The name of the one that the others are compared with.

    Raises:
        RuntimeError: If an output differs.
    """
    expected = np.asarray(calls[ours]())
    for name in calls.keys() - {ours}:
        error = float(np.max(np.abs(np.asarray(calls[name]()) - expected)))
        if not error <= _SAME:
            raise RuntimeError(
                f"{where}: with equal weights {name} and {ours} differ by {error:.1e}, so their "
                "times cannot be compared."
            )


def _seconds(call: Callable[[], Any], repeats: int) -> float:
    """The mean time of a call."""
    start = time.perf_counter()
    for _ in range(repeats):
        call()
    return (time.perf_counter() - start) / repeats


def _repeats(seconds: float) -> int:
    """The number of calls that fill a sample."""
    return max(1, round(_SAMPLE / max(seconds, 1e-6)))


def _timing(first: float, samples: list[float], calls: int) -> Timing:
    """The statistics of the samples of one call."""
    low, median, high = (round(float(q), 4) for q in np.percentile(samples, [25, 50, 75]))
    return Timing(round(first, 3), median, low, high, len(samples), calls)
