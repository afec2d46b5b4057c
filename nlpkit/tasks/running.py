"""A run of a recipe: a folder that is whole or not there, and the record of what came of it."""

import contextlib
import dataclasses
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import nlpkit
from nlpkit.run import settings, write_json
from nlpkit.tasks.session import LOG, Session
from nlpkit.tasks.task import Task

if TYPE_CHECKING:
    import keras
    import tensorflow as tf

    from nlpkit.export import Draft, Report
    from nlpkit.reports import Trained

__all__ = ["Result", "Run", "running"]

_MARKER = "metrics.json"

T = TypeVar("T")


@dataclasses.dataclass(frozen=True)
class Result:
    """What a recipe returns.

    Attributes:
        folder: Where the model is, `saved_model/` and `model.keras` among what the recipe left.
        history: For each figure of the training ("loss", "val_loss", …) its value after each
            epoch, like `history` of the `keras.callbacks.History` that `fit` returns.
        metrics: What metrics.json holds: metrics on the test split, those of the baseline, sizes.
        proof: What was checked to prove the artefact portable.
    """

    folder: Path
    history: dict[str, list[float]]
    metrics: dict[str, Any]
    proof: "Report"


class Run(Session):
    """What a recipe asks for while it runs; `running` makes it.

    Args:
        task: The recipe's task.
        arguments: The recipe's arguments by name, `out` and `quiet` among them.
        draft: The folder of the run.
        scratch: See `Session`, whose attributes it has too.

    Attributes:
        folder: Where to write until the run is done.
        settings: Every setting in force; complete once the model is kept.
        metrics: What metrics.json holds; there once `report` is done.
    """

    def __init__(
        self, task: Task, arguments: Mapping[str, Any], draft: "Draft", scratch: str
    ) -> None:
        super().__init__(arguments, scratch=scratch, log=draft.folder / LOG)
        self.folder, self.settings = draft.folder, settings(task.name, arguments)
        self._proof: Report | None = None
        self._trained: Trained | None = None
        self._result: Result | None = None
        self.metrics: dict[str, Any] = {}
        self._draft = draft

    def keep(self, model: "keras.Model", **settled: Any) -> None:
        """Saves the trained model and the settings: whatever fails from now on, they are kept.

        Args:
            model: The model.
            **settled: What became of the arguments left open.
        """
        model.save(self.folder / "model.keras")
        self._draft.keep("the trained model")
        self.settings |= settled
        write_json(self.folder / nlpkit.run.CONFIG, self.settings)

    def export(self, module: "tf.Module", notes: Mapping[str, str]) -> None:
        """Writes the artefact and has it proven portable.

        Args:
            module: What is served.
            notes: Files for assets.extra/, content by name.
        """
        self.say("exporting and verifying")
        nlpkit.export.write(module, self.folder / "saved_model", extra=notes)
        self._proof = nlpkit.export.prove(self.folder / "saved_model")

    def report(self, trained: "Trained") -> None:
        """Writes the files that tell of the run, and insists on the proof.

        Args:
            trained: What there is to tell.

        Raises:
            NotPortableError: If the artefact is not proven portable.
        """
        self._trained = trained
        self.metrics = nlpkit.reports.write_report(self.folder, trained)
        self.proof.require()

    @property
    def proof(self) -> "Report":
        """What `export` found."""
        return _there(self._proof, "export")

    @property
    def trained(self) -> "Trained":
        """What `report` was given."""
        return _there(self._trained, "report")

    @property
    def result(self) -> Result:
        """What the recipe returns."""
        return _there(self._result, "running")

    def finish(self, out: Path) -> None:
        """Makes the result, once the folder is in its place.

        Args:
            out: The folder.
        """
        history = nlpkit.reports.history(nlpkit.reports.epochs(out / self.log.name))
        self._result = Result(out, history, self.metrics, self.proof)


def _there(value: T | None, step: str) -> T:
    """What a step of a run has left."""
    if value is None:
        raise RuntimeError(f"`{step}` must be done first.")
    return value


@contextlib.contextmanager
def running(task: Task, arguments: Mapping[str, Any]) -> Iterator[Run]:
    """Gives a recipe its run; at its end the folder takes its place, and the metrics are printed.

    Args:
        task: The recipe's task.
        arguments: The recipe's arguments by name, `out` and `quiet` among them.

    Yields:
        The run. `Run.keep`, `Run.export` and `Run.report` are to be called, in this order.

    Raises:
        InputError: As `nlpkit.export.run_directory`.
    """
    out = Path(arguments["out"])
    with (
        nlpkit.export.run_directory(out, marker=_MARKER, contents=task.contents) as draft,
        tempfile.TemporaryDirectory(dir=draft.folder) as scratch,
    ):
        run = Run(task, arguments, draft, scratch)
        if draft.replaces:
            run.say(
                f"{out} holds a model, which this run will replace; to keep both, give another "
                "folder by `--out DIR`"
            )
        yield run
    run.finish(out)
    task.render(run.trained.compared, sys.stdout)
    print(f"{out}: {run.proof.summary}")
    run.say(f'try: nlpkit predict {out / "saved_model"} "…"')
