"""A progress bar with the time left, on standard error."""

import sys
import time
from collections.abc import Callable, Mapping
from typing import Any

import keras
import rich.console
import rich.progress

__all__ = ["Progress"]


class Progress(keras.callbacks.Callback):
    """Shows a line for each epoch done, and on a terminal a bar for the one that runs.

    A context manager: whatever ends the training, an interrupt too, gives the terminal back.

    Args:
        epochs: How many epochs there will be at most.
        steps: Batches an epoch.
        quiet: Whether to show nothing.
        describe: What to say of an epoch, given its logs.
    """

    def __init__(
        self,
        epochs: int,
        steps: int,
        *,
        quiet: bool = False,
        describe: Callable[[Mapping[str, float]], str],
    ) -> None:
        super().__init__()
        self._describe = describe
        self._epochs, self._steps = epochs, steps
        console = rich.console.Console(
            file=sys.stderr, highlight=False, quiet=quiet, force_jupyter=False
        )
        self._bar = rich.progress.Progress(
            "{task.description}",
            rich.progress.BarColumn(bar_width=None),
            rich.progress.MofNCompleteColumn(),
            rich.progress.TimeRemainingColumn(compact=True),
            console=console,
            disable=quiet or not console.is_terminal,
            transient=True,
        )

    def __enter__(self) -> "Progress":
        self._bar.__enter__()
        return self

    def __exit__(self, *error: Any) -> None:
        self._bar.__exit__(*error)

    def on_epoch_begin(self, epoch, logs=None):
        name = f"epoch {epoch + 1}/{self._epochs}"
        self._task = self._bar.add_task(name, total=self._steps)
        self._begun = time.monotonic()

    def on_train_batch_end(self, batch, logs=None):
        self._bar.advance(self._task)

    def on_epoch_end(self, epoch, logs=None):
        self._bar.remove_task(self._task)
        seconds = time.monotonic() - self._begun
        self._say(f"epoch {epoch + 1}/{self._epochs}: {self._describe(logs)}, {seconds:,.1f} s")

    def ended(self, done: int, kept: int) -> None:
        """Says why the training ended, and which epoch's weights the model has.

        Args:
            done: How many epochs there were; fewer than planned if the later ones did not help.
            kept: The epoch with the least validation loss, counted from 1.
        """
        why = "all of them" if done == self._epochs else f"no lower validation loss since {kept}"
        self._say(
            f"ended after epoch {done}/{self._epochs}: {why}; the weights are those of epoch "
            f"{kept}, whose validation loss was the lowest"
        )

    def _say(self, message: str) -> None:
        """Writes a line above the bar."""
        self._bar.console.print(message, soft_wrap=True)
