"""A training session: what `learn` of a recipe needs, for a command or an estimator."""

import contextlib
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import nlpkit
from nlpkit.run import Clock, say

if TYPE_CHECKING:
    from nlpkit.training import Checkpoints

__all__ = ["Session", "learning"]

LOG = "training.csv"


class Session:
    """What training needs besides data.

    Args:
        options: The options of a recipe, `quiet` among them.
        scratch: A folder for temporary files.
        log: The CSV file of the training.

    Attributes:
        options: The same, as attributes.
        quiet: Whether to hide progress.
        clock: Started with the session.
        checkpoints: Where the training is saved and resumed; None for nowhere, as for an estimator.
        decided: What the training decides and cannot decide alike again; kept in checkpoints.
    """

    checkpoints: "Checkpoints | None" = None

    def __init__(self, options: Mapping[str, Any], *, scratch: str | Path, log: Path) -> None:
        self.decided: dict[str, Any] = {}
        self.options, self.quiet = SimpleNamespace(**options), bool(options["quiet"])
        self.scratch, self.log, self.clock = Path(scratch), log, Clock()

    @property
    def history(self) -> dict[str, list[float]]:
        """Each metric's value after each epoch, as in the history of Keras's `fit`."""
        return nlpkit.reports.history(nlpkit.reports.epochs(self.log))

    def expect(self, *data: str | Path) -> None:
        """Names the files that the training learns from, by whose content it is resumed.

        Args:
            *data: The files.

        Raises:
            InputError: As `nlpkit.training.Checkpoints.expect`.
        """
        if self.checkpoints is not None:
            self.checkpoints.expect(data)

    def say(self, message: str) -> None:
        """Writes a line about the progress to standard error, unless `quiet`.

        Args:
            message: The line.
        """
        say(message, quiet=self.quiet)


@contextlib.contextmanager
def learning(options: Mapping[str, Any]) -> Iterator[Session]:
    """Makes a session whose files are temporary.

    Args:
        options: The options of a recipe, `quiet` among them.

    Yields:
        The session; its folder is deleted when the block ends.
    """
    with tempfile.TemporaryDirectory() as scratch:
        yield Session(options, scratch=scratch, log=Path(scratch) / LOG)
