"""Times of several calls, interleaved, so that what disturbs one disturbs all; and their ratios."""

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
    """How long a call takes.

    Attributes:
        first_seconds: The first call, which traces and compiles.
        median_ms: Median over the rounds, milliseconds.
        low_ms: First quartile.
        high_ms: Third quartile.
        rounds: How many rounds there were.
        calls: How many calls a round has; its time is their mean.
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

    Each is called twice to warm up, then once a round, or as often as fills ten milliseconds. Each
    round has an order of its own, so that no call always follows the same other.

    Args:
        calls: What to call, by name. A call returns when its work is done.
        rounds: The most rounds, at least 1.
        seconds: When to stop, though not before the fifth round.
        seed: Of the order.

    Returns:
        The timing of each.

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
        ratios: As `with_ratios` gives them, of several timings of the same implementations.

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
        calls: By implementation.
        where: What was called, for the error.
        ours: Which of them the others are compared with.

    Raises:
        RuntimeError: If they do not.
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
    """How many calls fill a sample."""
    return max(1, round(_SAMPLE / max(seconds, 1e-6)))


def _timing(first: float, samples: list[float], calls: int) -> Timing:
    """The figures of one call's samples."""
    low, median, high = (round(float(q), 4) for q in np.percentile(samples, [25, 50, 75]))
    return Timing(round(first, 3), median, low, high, len(samples), calls)
