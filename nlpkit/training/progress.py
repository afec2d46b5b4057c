"""A progress bar with the remaining time, on standard error."""

import sys
import time
from collections.abc import Callable, Mapping
from typing import Any

import rich.console
import rich.progress

__all__ = ["Progress", "progress_bar"]


def progress_bar(
    time_column: rich.progress.ProgressColumn, *, quiet: bool = False, **options: Any
) -> rich.progress.Progress:
    """Makes a bar on standard error, which is shown on a terminal only and vanishes at the end.

    Args:
        time_column: The column at the end of the bar.
        quiet: Whether to show nothing, lines included. Default: False.
        **options: Further arguments of `rich.progress.Progress`.

    Returns:
        The bar, a context manager; its `console` writes lines above it.
    """
    console = rich.console.Console(
        file=sys.stderr, highlight=False, quiet=quiet, force_jupyter=False
    )
    return rich.progress.Progress(
        "{task.description}",
        rich.progress.BarColumn(bar_width=None),
        rich.progress.MofNCompleteColumn(),
        time_column,
        console=console,
        disable=quiet or not console.is_terminal,
        transient=True,
        **options,
    )


class Progress:
    """Shows a line for each finished epoch, and on a terminal a bar for the current one.

    A context manager, so that the terminal is restored however the training ends.

    Args:
        epochs: The planned number of epochs.
        steps: Batches in an epoch.
        quiet: Whether to show nothing.
        describe: Turns the logs of an epoch into text.
    """

    def __init__(
        self,
        epochs: int,
        steps: int,
        *,
        quiet: bool = False,
        describe: Callable[[Mapping[str, float]], str],
    ) -> None:
        self._describe = describe
        self._epochs, self._steps = epochs, steps
        self._bar = progress_bar(rich.progress.TimeRemainingColumn(compact=True), quiet=quiet)

    def __enter__(self) -> "Progress":
        self._bar.__enter__()
        return self

    def __exit__(self, *error: Any) -> None:
        self._bar.__exit__(*error)

    def epoch_begins(self, epoch: int, done: int = 0) -> None:
        """Starts the bar of an epoch.

        Args:
            epoch: The epoch, from 0.
            done: The batches of it that were done before this run. Default 0.
        """
        name = f"epoch {epoch + 1}/{self._epochs}"
        self._task = self._bar.add_task(name, total=self._steps, completed=done)
        self._begun = time.monotonic()

    def batch_done(self) -> None:
        """Moves the bar on by a batch."""
        self._bar.advance(self._task)

    def epoch_ends(self, epoch: int, logs: Mapping[str, float]) -> None:
        """Writes the line of an epoch.

        Args:
            epoch: The epoch, from 0.
            logs: Its metrics.
        """
        self._bar.remove_task(self._task)
        seconds = time.monotonic() - self._begun
        self._say(f"epoch {epoch + 1}/{self._epochs}: {self._describe(logs)}, {seconds:,.1f} s")

    def ended(self, done: int, kept: int, *, over: bool = False) -> None:
        """Says why the training ended, and which epoch's weights were kept.

        Args:
            done: The epochs that were run; fewer than planned after early stopping.
            kept: The epoch with the lowest validation loss, counted from 1.
            over: Whether the time allowed ended it.
        """
        end = "finished" if done == self._epochs else "stopped early after"
        end = "the time is over: stopped in" if over else end
        self._say(
            f"{end} epoch {done} of {self._epochs}; kept the weights of epoch {kept}, "
            "which has the lowest validation loss"
        )

    def _say(self, message: str) -> None:
        """Writes a line above the bar."""
        self._bar.console.print(message, soft_wrap=True)
