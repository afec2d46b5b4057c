"""The definition of a benchmark, the plan of what to measure, and the table of all benchmarks."""

import importlib
import shlex
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from nlpkit.checks import check_choice
from nlpkit.compare.contents import Content, printed
from nlpkit.compare.workload import QUICK, SHAPES, Shape
from nlpkit.errors import InputError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = [
    "BENCHMARKS",
    "DEFAULT_CELLS",
    "READERS",
    "Benchmark",
    "Plan",
    "Size",
    "asked_for",
    "check_read",
    "load",
]

BENCHMARKS = {
    "parity": "nlpkit.compare.parity",
    "speed": "nlpkit.compare.speed",
    "exported": "nlpkit.compare.exported",
    "scan": "nlpkit.compare.scan",
    "memory": "nlpkit.compare.memory",
    "quality": "nlpkit.compare.quality",
    "generation": "nlpkit.compare.generation",
    "gradients": "nlpkit.compare.gradients",
    "long-lag": "nlpkit.compare.long_lag",
}
"""The module of each benchmark by name, in the order in which `nlpkit compare` runs them. They are
imported when they are loaded, since each takes seconds."""

DEFAULT_CELLS = ("lstm",)

READERS = {
    "cells": tuple(name for name in BENCHMARKS if name != "generation"),
    "shapes": ("speed", "memory"),
    "rounds": ("speed", "exported", "scan", "generation"),
    "configurations": ("parity",),
    "recipes": ("quality",),
    "data": ("quality",),
    "tasks": ("long-lag",),
    "lag": ("gradients", "long-lag"),
    "seeds": ("quality", "long-lag"),
    "seed": tuple(BENCHMARKS),
}
"""The benchmarks that read each field of a plan which is an option of the command."""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What to measure; each benchmark reads the fields that concern it.

    Attributes:
        shapes: Speed: the sizes to time. Memory uses 64,200,128,128 if it is among them, else the
            first.
        cells: All but generation: keys of `nlpkit.layers.FAMILY`. Default: `DEFAULT_CELLS`; for
            parity all that Keras or torch has, for scan all that have a scan, for gradients and
            long-lag the vanilla RNN, the LSTM of 1997, the LSTM and the GRU.
        implementations: Speed, exported and memory: the ones to compare with ours. Default: all
            that are installed.
        rounds: Speed, exported, scan and generation: the most rounds of a timing.
        configurations: Parity: the number of configurations for each cell and library.
        recipes: Quality: keys of `nlpkit.compare.quality.RECIPES`. Default: all; the first where
            `data` is given.
        data: Quality: as for the recipe's `--data`. Default: the bundled data.
        tasks: Long-lag: keys of `nlpkit.data.long_lag.LONG_LAG_TASKS`. Default: adding.
        lag: Gradients and long-lag: T of the papers, the least length of a sequence, at least 10.
        seeds: Quality and long-lag: the number of trainings of each cell, with seeds counted from
            `seed`.
        seed: The seed of all random numbers.
        quick: Whether gradients, long-lag, exported, scan, quality and generation use tiny sizes.
    """

    shapes: tuple[Shape, ...] = SHAPES
    cells: tuple[str, ...] = ()
    implementations: tuple[str, ...] = ()
    rounds: int = 15
    configurations: int = 100
    recipes: tuple[str, ...] = ()
    data: str | None = None
    tasks: tuple[str, ...] = ()
    lag: int = 100
    seeds: int = 3
    seed: int = 0
    quick: bool = False

    @classmethod
    def of(cls, *, quick: bool, **given: Any) -> "Plan":
        """A plan of the given fields and defaults.

        Args:
            quick: Whether to use defaults that take seconds.
            **given: Fields of the plan; those that are None or empty stay at their default.

        Returns:
            The plan.

        Example:
            >>> Plan.of(quick=True, rounds=None, seeds=2).seeds
            2
        """
        small = {"shapes": QUICK, "rounds": 3, "configurations": 10, "lag": 10, "seeds": 1}
        return cls(quick=quick, **{**(small if quick else {}), **asked_for(given)})

    def command(self, benchmark: str) -> str:
        """The command line that measures by this plan.

        Args:
            benchmark: A key of `BENCHMARKS`.

        Returns:
            The command, quoted for a shell. Implementations have no option, so they are left out.

        Example:
            >>> Plan(cells=("lstm", "gru"), seeds=1).command("quality")
            'nlpkit compare quality --cells lstm,gru --seeds 1'
        """
        words = ["nlpkit", "compare", benchmark, *(["--quick"] if self.quick else [])]
        usual = Plan.of(quick=self.quick)
        for name, readers in READERS.items():
            value = getattr(self, name)
            if benchmark not in readers or value == getattr(usual, name):
                continue
            if name == "shapes":
                words += [word for shape in value for word in (_flag(name), str(shape))]
            else:
                words += [_flag(name), ",".join(value) if isinstance(value, tuple) else str(value)]
        return shlex.join(words)

    def settings(self) -> dict[str, Any]:
        """The plan in the form of the JSON file, whose names have not changed.

        Returns:
            The fields by name; `implementations` is called `contestants`.
        """
        names = {"implementations": "contestants"}
        return {names.get(name, name): value for name, value in asdict(self).items()}


def asked_for(given: Mapping[str, Any]) -> dict[str, Any]:
    """The options that were given.

    Args:
        given: Options by name; what was not given is None or empty.

    Returns:
        The others.

    Example:
        >>> asked_for({"cells": (), "lag": 50, "data": None})
        {'lag': 50}
    """
    return {name: value for name, value in given.items() if value not in (None, ())}


def check_read(benchmark: str, given: Mapping[str, Any]) -> None:
    """Requires that a benchmark reads the options that were given.

    Args:
        benchmark: A key of `BENCHMARKS`.
        given: As for `asked_for`; `seed` is always given.

    Raises:
        InputError: If it does not read one of them.

    Example:
        >>> check_read("parity", {"cells": ("lstm",), "tasks": ("adding",), "seed": 0})
        Traceback (most recent call last):
        ...
        nlpkit.errors.InputError: `--tasks` must go with long-lag, got parity; leave it out.
    """
    for name in asked_for(given):
        if benchmark not in READERS[name]:
            raise InputError(
                f"`{_flag(name)}` must go with {' or '.join(READERS[name])}, got {benchmark}; "
                "leave it out."
            )


def _flag(name: str) -> str:
    """The option of a field, as the command has it."""
    return "--shape" if name == "shapes" else f"--{name}"


def _nothing(_: Any) -> None:
    """The default of `require` and `check`."""


class Size(NamedTuple):
    """One of the sizes in which a benchmark can be measured.

    Attributes:
        minutes: About how long that takes on two cores.
        settings: Fields of the plan that differ from the defaults, for `Plan.of`.
    """

    minutes: float
    settings: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Benchmark:
    """One kind of comparison: how it is measured, and how its results are shown.

    Attributes:
        title: A few words.
        question: What it answers.
        shows: What its picture shows, for those who cannot see it.
        sizes: Its sizes, from the smallest to the full one.
        require: `require(plan)` raises an `InputError` if the plan cannot be measured. It is called
            for all benchmarks before the first is measured. Default: no requirement.
        measure: `measure(plan, say)` returns the results, which JSON can represent; it calls
            `say(line)` to report progress.
        contents: `contents(results)` yields paragraphs, tables and lists.
        conclusion: `conclusion(results)` returns what follows from the numbers, in sentences.
        picture: `picture(results)` returns a figure.
        check: `check(results)` raises if the results show a fault. Default: no check.
    """

    title: str
    question: str
    shows: str
    sizes: tuple[Size, ...]
    require: Callable[[Plan], None] = field(default_factory=lambda: _nothing)
    measure: Callable[[Plan, Callable[[str], None]], dict[str, Any]]
    contents: Callable[[dict[str, Any]], Iterable[Content]]
    conclusion: Callable[[dict[str, Any]], str]
    picture: Callable[[dict[str, Any]], "Figure"]
    check: Callable[[dict[str, Any]], None] = field(default_factory=lambda: _nothing)

    def table(self, results: dict[str, Any], width: int) -> list[str]:
        """The contents and the conclusion for a terminal.

        Args:
            results: The result of `measure`.
            width: Columns of the terminal.

        Returns:
            The lines.
        """
        return printed([*self.contents(results), self.conclusion(results)], width)


def load(name: str) -> Benchmark:
    """Loads a benchmark.

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
