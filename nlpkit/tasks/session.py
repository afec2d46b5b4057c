"""Where a model is learnt, whoever asks for it: a recipe or an estimator."""

import contextlib
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import nlpkit
from nlpkit.run import Clock, say

__all__ = ["Session", "learning"]

LOG = "training.csv"


class Session:
    """What learning needs besides data.

    Args:
        options: The options of a recipe, `quiet` among them.
        scratch: A folder for what is not to be kept.
        log: The CSV file of the training.

    Attributes:
        options: The same, as attributes.
        quiet: Whether to say nothing.
        clock: Runs since the start.
    """

    def __init__(self, options: Mapping[str, Any], *, scratch: str | Path, log: Path) -> None:
        self.options, self.quiet = SimpleNamespace(**options), bool(options["quiet"])
        self.scratch, self.log, self.clock = Path(scratch), log, Clock()

    @property
    def history(self) -> dict[str, list[float]]:
        """For each figure of the training its value after each epoch, as Keras's `fit` has it."""
        return nlpkit.reports.history(nlpkit.reports.epochs(self.log))

    def say(self, message: str) -> None:
        """Writes a line about the progress to standard error, unless it is to be quiet.

        Args:
            message: The line.
        """
        say(message, quiet=self.quiet)


@contextlib.contextmanager
def learning(options: Mapping[str, Any]) -> Iterator[Session]:
    """Gives a session that leaves nothing behind.

    Args:
        options: The options of a recipe, `quiet` among them.

    Yields:
        The session; its folder is gone when the block ends.
    """
    with tempfile.TemporaryDirectory() as scratch:
        yield Session(options, scratch=scratch, log=Path(scratch) / LOG)
