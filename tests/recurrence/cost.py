"""Whether twice the rows or twice the steps cost twice the time.

    python -m tests.recurrence.cost

It takes about a minute, and means something only on a machine that does nothing else.
"""

from collections.abc import Iterator

from nlpkit.compare.implementations import IMPLEMENTATIONS, OURS
from nlpkit.compare.timing import time_interleaved
from nlpkit.compare.workload import Shape, Workload
from tests.recurrence.native_cases import NATIVE_CELLS

SHAPE = Shape(32, 100, 128, 128)
LARGER = {"rows": Shape(64, 100, 128, 128), "steps": Shape(32, 200, 128, 128)}
METHODS = ("forward", "training")


def factors(cell: str, method: str, masked: bool) -> dict[str, float]:
    """By what the median time is multiplied if a size is doubled, timed in alternation."""
    shapes = {"once": SHAPE, **LARGER}
    adapters = {
        name: IMPLEMENTATIONS[OURS].adapter(Workload(shape, cell=cell))
        for name, shape in shapes.items()
    }
    calls = {name: getattr(adapter, method)(masked=masked) for name, adapter in adapters.items()}
    timings = time_interleaved(calls, rounds=101, seconds=4.0)
    return {name: timings[name].median_ms / timings["once"].median_ms for name in LARGER}


def lines() -> Iterator[str]:
    """A line for each cell and method."""
    for cell in NATIVE_CELLS:
        for method in METHODS:
            for masked in (False, True):
                found = factors(cell, method, masked)
                times = ", ".join(f"twice the {name} {f:.2f}" for name, f in found.items())
                yield f"{cell}, {method}{', masked' * masked}: {times}"


if __name__ == "__main__":
    print(f"{SHAPE} is 1:")
    for line in lines():
        print(line, flush=True)
