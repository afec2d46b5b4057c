"""Progress of a comparison, on standard error: lines, and on a terminal a bar below them."""

import contextlib
from collections.abc import Callable, Iterator

import rich.progress

from nlpkit.training.progress import progress_bar

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
    elapsed = rich.progress.TimeElapsedColumn()
    with progress_bar(elapsed, quiet=quiet, redirect_stdout=False, redirect_stderr=False) as bar:
        bar.add_task(name, total=count, completed=done)
        yield lambda line: bar.console.print(line, markup=False, soft_wrap=True)
