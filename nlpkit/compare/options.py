"""The options of `nlpkit compare`: the types of its arguments, and their help."""

from pathlib import Path
from typing import Annotated

import typer

from nlpkit.checks import check_choice
from nlpkit.compare.benchmark import BENCHMARKS, READERS
from nlpkit.compare.workload import Shape

__all__ = [
    "BenchmarkName",
    "Cells",
    "Configurations",
    "Json",
    "Lag",
    "Minutes",
    "Out",
    "Quick",
    "Recipes",
    "Rounds",
    "Seeds",
    "Shapes",
    "Tasks",
]


def _known(name: str | None) -> str | None:
    """Checks the name of a benchmark."""
    if name is not None:
        check_choice("BENCHMARK", name, BENCHMARKS)
    return name


def _parsed(shapes: list[str] | None) -> tuple[Shape, ...]:
    """Reads shapes."""
    return tuple(map(Shape.parse, shapes or ()))


def _named(names: str | None) -> tuple[str, ...]:
    """Splits a list of names. They are checked later, since that imports Keras."""
    return tuple(filter(None, (name.strip() for name in (names or "").split(","))))


def _for(option: str, words: str) -> str:
    """The help of an option that some benchmarks read."""
    return f"{', '.join(READERS[option])}: {words}"


BenchmarkName = Annotated[
    str | None,
    typer.Argument(
        callback=_known, metavar="BENCHMARK", help=f"{', '.join(BENCHMARKS)}; default: all."
    ),
]
Json = Annotated[Path | None, typer.Option(metavar="FILE", help="File for all results, as JSON.")]
Out = Annotated[
    Path | None, typer.Option(metavar="DIR", help="Folder for pictures, and compare.html with all.")
]
Quick = Annotated[
    bool,
    typer.Option(
        "--quick", help="Tiny sizes, to check that everything runs; the numbers mean nothing."
    ),
]
Minutes = Annotated[
    float | None,
    typer.Option(min=1, metavar="N", help="Choose sizes for about so many minutes on two cores."),
]
Cells = Annotated[
    str | None,
    typer.Option(
        callback=_named,
        metavar="A,B",
        help="Cells, such as lstm,gru; the default depends on the benchmark.",
    ),
]
Shapes = Annotated[
    list[str] | None,
    typer.Option(
        callback=_parsed,
        metavar="B,T,I,U",
        help=_for("shapes", "a size; may be given more than once."),
    ),
]
Rounds = Annotated[
    int | None,
    typer.Option(
        min=1,
        metavar="N",
        help=_for("rounds", "most rounds of a timing; default: 15."),
    ),
]
Configurations = Annotated[
    int | None,
    typer.Option(
        min=1,
        metavar="N",
        help=_for("configurations", "random configurations of each layer; default: 100."),
    ),
]
Recipes = Annotated[
    str | None,
    typer.Option(
        callback=_named,
        metavar="A,B",
        help=_for("recipes", "sentiment, next-word; default: both; with --data: sentiment."),
    ),
]
Tasks = Annotated[
    str | None,
    typer.Option(
        callback=_named,
        metavar="A,B",
        help=_for("tasks", "tasks; an unknown name lists all; default: adding."),
    ),
]
Lag = Annotated[
    int | None,
    typer.Option(
        min=10, metavar="N", help=_for("lag", "least length of a sequence; default: 100.")
    ),
]
Seeds = Annotated[
    int | None,
    typer.Option(min=1, metavar="N", help=_for("seeds", "trainings of each cell; default: 3.")),
]
