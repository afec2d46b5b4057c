"""Progress of a comparison, on standard error: lines, and on a terminal a bar below them."""

import contextlib
import sys
from collections.abc import Callable, Iterator

import rich.console
import rich.progress

__all__ = ["progress"]


@contextlib.contextmanager
def progress(
    name: str, done: int, count: int, *, quiet: bool = False
) -> Iterator[Callable[[str], None]]:
    """Shows that a benchmark is being measured.

    Args:
        name: The benchmark.
        done: How many were measured before it.
        count: How many there are.
        quiet: Whether to show nothing.

    Yields:
        `say(line)`, which shows a line.
    """
    console = rich.console.Console(
        file=sys.stderr, highlight=False, quiet=quiet, force_jupyter=False
    )
    bar = rich.progress.Progress(
        "{task.description}",
        rich.progress.BarColumn(bar_width=None),
        rich.progress.MofNCompleteColumn(),
        rich.progress.TimeElapsedColumn(),
        console=console,
        disable=quiet or not console.is_terminal,
        transient=True,
        redirect_stdout=False,
        redirect_stderr=False,
    )
    with bar:
        bar.add_task(name, total=count, completed=done)
        yield lambda line: console.print(line, markup=False, soft_wrap=True)
