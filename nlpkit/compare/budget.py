"""A budget of time for a comparison: each benchmark is measured in the size that there is time for.

A benchmark declares its sizes, from the smallest to the full one, and how long each takes on two
cores. Before one is measured, the minutes that are left are divided: every benchmark to come keeps
what its smallest size takes, and of the rest each gets as much as its full size takes more than
that, in proportion. What a benchmark leaves, or takes beyond its part, is the others' gain or loss.
"""

import time
from collections.abc import Callable, Mapping
from typing import Any

from nlpkit.compare.benchmark import Benchmark, Plan, Size, asked_for

__all__ = ["Budget"]


class Budget:
    """Minutes for some benchmarks, counted from now.

    Args:
        minutes: How many.
        benchmarks: The benchmarks by name, in the order in which they will be measured.
        clock: Gives the time in seconds.

    Example:
        >>> from nlpkit.compare import load
        >>> budget = Budget(1, {"memory": load("memory")})
        >>> budget.plan("memory", cells=("gru",)).cells
        ('gru',)
    """

    def __init__(
        self,
        minutes: float,
        benchmarks: Mapping[str, Benchmark],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._sizes = {name: each.sizes for name, each in benchmarks.items()}
        self._clock, self._end = clock, clock() + 60 * minutes

    @property
    def least(self) -> float:
        """The minutes that the benchmarks to come take in their smallest sizes."""
        return sum(sizes[0].minutes for sizes in self._sizes.values())

    def plan(self, name: str, **given: Any) -> Plan:
        """The plan for the next benchmark.

        Args:
            name: Its name; it is no longer to come.
            **given: Fields of the plan that are asked for, as for `Plan.of`.

        Returns:
            The plan: the largest size for its part of the time, with what is asked for.
        """
        size = self._size(name)
        del self._sizes[name]
        return Plan.of(**{"quick": False, **size.settings, **asked_for(given)})

    def _size(self, name: str) -> Size:
        """The largest size that fits the benchmark's part of the time that is left."""
        sizes = self._sizes[name]
        rest = (self._end - self._clock()) / 60 - self.least
        wanted = [each[-1].minutes - each[0].minutes for each in self._sizes.values()]
        part = sizes[0].minutes
        if any(wanted):
            part += rest * (sizes[-1].minutes - sizes[0].minutes) / sum(wanted)
        return next((size for size in reversed(sizes) if size.minutes <= part), sizes[0])
