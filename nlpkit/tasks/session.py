"""A training session: what `learn` of a recipe needs, for a command or an estimator."""

import contextlib
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, TypeVar

import nlpkit
from nlpkit.run import Clock, say, settings, versions

if TYPE_CHECKING:
    from nlpkit.training import Checkpoints, Distribution

__all__ = ["Session", "learning"]

LOG = "training.csv"

T = TypeVar("T")


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
        distribution: The replicas that train. Other workers are waited for here, since TensorFlow
            must know them before it does anything else.
    """

    checkpoints: "Checkpoints | None" = None

    def __init__(self, options: Mapping[str, Any], *, scratch: str | Path, log: Path) -> None:
        self.decided: dict[str, Any] = {}
        self.options, self.quiet = SimpleNamespace(**options), bool(options["quiet"])
        self.scratch, self.log, self.clock = Path(scratch), log, Clock()
        self.distribution: Distribution = nlpkit.training.distribute(
            self.options.strategy, tell=self.say
        )

    @property
    def goes_on(self) -> bool:
        """Whether this process goes on after the training: each does, for an estimator."""
        return True

    def decide(self, name: str, choose: Callable[[], T]) -> T:
        """Decides what cannot be decided alike again: once, by the chief, for all workers.

        Args:
            name: The name of the decision.
            choose: Returns it, in values that JSON can hold.

        Returns:
            What was chosen, now or before a checkpoint that is resumed.
        """

        def kept() -> T:
            if name not in self.decided:
                self.decided[name] = choose()
            return self.decided[name]

        return self.distribution.from_chief(kept)

    @property
    def history(self) -> dict[str, list[float]]:
        """Each metric's value after each epoch, as in the history of Keras's `fit`."""
        return nlpkit.reports.history(nlpkit.reports.epochs(self.log))

    def expect(self, *data: str | Path) -> None:
        """Names the files that the training learns from, by whose content it is resumed.

        Args:
            *data: The files.

        Raises:
            InputError: As `nlpkit.training.Checkpoints.expect`, or if other workers learn from
                others, or with other options.
        """
        if self.checkpoints is not None:
            self.checkpoints.expect(data)
        if self.distribution.workers > 1:
            ours = settings("", vars(self.options)) | {"strategy": "multi-worker"}
            content = nlpkit.training.fingerprint(data)
            self.distribution.require_same(ours | versions() | {"content_of_the_data": content})

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
