"""The options of `nlpkit compare`: types of its arguments, with the help that they show."""

from pathlib import Path
from typing import Annotated

import typer

from nlpkit.checks import check_choice
from nlpkit.compare.benchmark import BENCHMARKS
from nlpkit.compare.workload import Shape

__all__ = [
    "Cells",
    "Configurations",
    "Json",
    "Out",
    "Quick",
    "Rounds",
    "Seeds",
    "Shapes",
    "BenchmarkName",
]


def _known(name: str | None) -> str | None:
    """The name of a benchmark, or none."""
    if name is not None:
        check_choice("SUBJECT", name, BENCHMARKS)
    return name


def _parsed(shapes: list[str] | None) -> tuple[Shape, ...]:
    """Shapes of their texts."""
    return tuple(map(Shape.parse, shapes or ()))


def _named(cells: str | None) -> tuple[str, ...]:
    """The names in a list of cells. Which there are is asked later: that imports Keras."""
    return tuple(filter(None, (name.strip() for name in (cells or "").split(","))))


BenchmarkName = Annotated[
    str | None,
    typer.Argument(
        callback=_known, metavar="SUBJECT", help=f"{', '.join(BENCHMARKS)}; default: all."
    ),
]
Json = Annotated[Path | None, typer.Option(metavar="FILE", help="Where all figures go, as JSON.")]
Out = Annotated[
    Path | None, typer.Option(metavar="DIR", help="Where a picture of each benchmark goes.")
]
Quick = Annotated[
    bool, typer.Option("--quick", help="Tiny sizes: shows that it runs, measures nothing.")
]
Cells = Annotated[
    str | None,
    typer.Option(
        callback=_named,
        metavar="A,B",
        help="Cells, as lstm,gru; default: lstm; parity: all that others have.",
    ),
]
Shapes = Annotated[
    list[str] | None,
    typer.Option(
        callback=_parsed,
        metavar="B,T,I,U",
        help="speed, memory: a size; may be given more than once.",
    ),
]
Rounds = Annotated[
    int | None,
    typer.Option(
        min=1, metavar="N", help="speed and the like: most rounds of a timing; default: 15."
    ),
]
Configurations = Annotated[
    int | None, typer.Option(min=1, metavar="N", help="parity: layers to draw; default: 100.")
]
Seeds = Annotated[
    int | None,
    typer.Option(min=1, metavar="N", help="quality: trainings of each cell; default: 3."),
]
