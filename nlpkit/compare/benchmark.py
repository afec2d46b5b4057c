"""What a benchmark is, how much it is asked to measure, and the table of all benchmarks."""

import importlib
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from nlpkit.checks import check_choice
from nlpkit.compare.workload import QUICK, SHAPES, Shape

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["DEFAULT_CELLS", "BENCHMARKS", "Plan", "Benchmark", "load"]

BENCHMARKS = {
    "parity": "nlpkit.compare.parity",
    "speed": "nlpkit.compare.speed",
    "exported": "nlpkit.compare.exported",
    "scan": "nlpkit.compare.scan",
    "memory": "nlpkit.compare.memory",
    "quality": "nlpkit.compare.quality",
    "generation": "nlpkit.compare.generation",
}
"""The module of each benchmark, in the order in which `nlpkit compare` takes them. Modules by name,
since each of them needs seconds to import."""

DEFAULT_CELLS = ("lstm",)


@dataclass(frozen=True, kw_only=True)
class Plan:
    """How much to compare; each benchmark takes what concerns it.

    Attributes:
        shapes: Speed: the sizes to time. Memory takes 64,200,128,128, or the first where
            that is not among them.
        cells: All but generation: keys of `nlpkit.layers.FAMILY`. Default:
            `DEFAULT_CELLS`; parity takes all that can be compared, scan all that have one.
        implementations: Speed, exported and memory: which to compare with ours. Default: all that
            are installed.
        rounds: Speed, exported, scan and generation: the most rounds of a measurement.
        configurations: Parity: how many to draw for each cell and library.
        data: Quality: the reviews, as `nlpkit sentiment --data` takes them. None: the bundled ones.
        seeds: Quality: how many, counted up from `seed`.
        seed: Of everything that is drawn.
        quick: Whether quality trains a tiny model for one epoch, and exported, scan and generation
            have tiny sizes.
    """

    shapes: tuple[Shape, ...] = SHAPES
    cells: tuple[str, ...] = ()
    implementations: tuple[str, ...] = ()
    rounds: int = 15
    configurations: int = 100
    data: str | None = None
    seeds: int = 3
    seed: int = 0
    quick: bool = False

    @classmethod
    def of(cls, *, quick: bool, **given: Any) -> "Plan":
        """A plan of what was asked for and the defaults.

        Args:
            quick: Whether the defaults are those that take seconds.
            **given: Fields of the plan; those that are None or empty stay at their default.

        Returns:
            The plan.

        Example:
            >>> Plan.of(quick=True, rounds=None, seeds=2).seeds
            2
        """
        small = {"shapes": QUICK, "rounds": 3, "configurations": 10, "seeds": 1}
        given = {name: value for name, value in given.items() if value not in (None, ())}
        return cls(quick=quick, **{**(small if quick else {}), **given})

    def settings(self) -> dict[str, Any]:
        """The plan as the JSON file has it, under the names that the file has always had.

        Returns:
            The fields by name; `implementations` is called `contestants`.
        """
        fields = asdict(self)
        return {**fields, "contestants": fields.pop("implementations")}


def _nothing(_: Any) -> None:
    """Requires nothing, and finds no fault."""


@dataclass(frozen=True, kw_only=True)
class Benchmark:
    """One thing to compare: how it is measured, and how what was found is shown.

    Attributes:
        require: `require(plan)` raises an `InputError` if it cannot be measured; called before
            any benchmark is. Default: it always can.
        measure: `measure(plan, say)` gives what was found, as JSON can hold it; `say` takes a line
            about progress.
        table: `table(found, width)` gives lines for a terminal of that many columns.
        picture: `picture(found)` gives a figure.
        check: `check(found)` raises if what was found is a fault. Default: nothing can be one.
    """

    require: Callable[[Plan], None] = field(default_factory=lambda: _nothing)
    measure: Callable[[Plan, Callable[[str], None]], dict[str, Any]]
    table: Callable[[dict[str, Any], int], list[str]]
    picture: Callable[[dict[str, Any]], "Figure"]
    check: Callable[[dict[str, Any]], None] = field(default_factory=lambda: _nothing)


def load(name: str) -> Benchmark:
    """A benchmark by its name.

    Args:
        name: A key of `BENCHMARKS`.

    Returns:
        The benchmark, its module imported.

    Raises:
        InputError: If there is no such benchmark.

    Example:
        >>> callable(load("memory").measure)
        True
    """
    check_choice("benchmark", name, BENCHMARKS)
    return importlib.import_module(BENCHMARKS[name]).BENCHMARK
