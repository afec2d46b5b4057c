"""A progress bar with the time left, on standard error."""

import contextlib
import sys
from collections.abc import Callable, Mapping

import keras
import rich.console
import rich.progress

from nlpkit.training.interrupts import interrupts_between_steps, step_done

__all__ = ["Progress"]


class Progress(keras.callbacks.Callback):
    """Shows a line for each epoch done, and on a terminal a bar for the one that runs.

    A context manager: whatever ends the training, an interrupt too, gives the terminal back; and
    Ctrl-C waits for the end of a batch, see `nlpkit.training.interrupts`.

    Args:
        epochs: How many epochs there will be at most.
        steps: Batches an epoch.
        quiet: Whether to show nothing.
        words: What to say of an epoch, given its logs.
    """

    def __init__(
        self,
        epochs: int,
        steps: int,
        *,
        quiet: bool = False,
        words: Callable[[Mapping[str, float]], str],
    ) -> None:
        super().__init__()
        self._words = words
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
        with contextlib.ExitStack() as stack:
            stack.enter_context(interrupts_between_steps())
            stack.enter_context(self._bar)
            self._ends = stack.pop_all()
        return self

    def __exit__(self, *error: object) -> None:
        self._ends.__exit__(*error)

    def on_epoch_begin(self, epoch, logs=None):
        name = f"epoch {epoch + 1}/{self._epochs}"
        self._task = self._bar.add_task(name, total=self._steps)

    def on_train_batch_end(self, batch, logs=None):
        self._bar.advance(self._task)
        step_done()

    def on_epoch_end(self, epoch, logs=None):
        self._bar.remove_task(self._task)
        self._bar.console.print(
            f"epoch {epoch + 1}/{self._epochs}: {self._words(logs)}", soft_wrap=True
        )
