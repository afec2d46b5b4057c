"""A run of a recipe: it writes its folder completely or not at all, and returns a record."""

import contextlib
import dataclasses
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import nlpkit
from nlpkit.cluster import read_cluster
from nlpkit.errors import InputError, WorkerError
from nlpkit.run import say, settings, write_json
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
        folder: The folder of the run, with `saved_model/` and `model.keras` in it.
        history: The values of each logged metric ("loss", "val_loss", …) after each epoch, like
            `history` of the `keras.callbacks.History` that `fit` returns.
        metrics: The content of metrics.json: test metrics of the model and the baseline, and sizes.
        proof: The report of the checks that prove the artefact portable.
    """

    folder: Path
    history: dict[str, list[float]]
    metrics: dict[str, Any]
    proof: "Report"


class Run(Session):
    """The state of a running recipe, and the steps that all recipes share; `running` makes it.

    Args:
        task: The recipe's task.
        arguments: The recipe's arguments by name, `out` and `quiet` among them.
        draft: The folder of the run.
        scratch: See `Session`, whose attributes it has too.

    Attributes:
        folder: The folder to write to until the run is done.
        settings: Every setting in force; complete after `keep`.
        metrics: The content of metrics.json; empty before `report`.
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
        """Saves the trained model and the settings, so that a later failure does not lose them.

        Args:
            model: The model.
            **settled: The values chosen for arguments that the user left open.
        """
        model.save(self.folder / "model.keras")
        self._draft.keep("the trained model")
        self.settings |= settled
        write_json(self.folder / nlpkit.run.CONFIG, self.settings)

    def export(self, module: "tf.Module", notes: Mapping[str, str]) -> None:
        """Writes the artefact and verifies it.

        Args:
            module: The signatures to serve.
            notes: Files for assets.extra/: their contents by name.
        """
        self.say("exporting and verifying")
        nlpkit.export.write(module, self.folder / "saved_model", extra=notes)
        self._proof = nlpkit.export.prove(self.folder / "saved_model")

    def report(self, trained: "Trained") -> None:
        """Writes the metrics, the card and the pictures, and requires the artefact to be proven.

        Args:
            trained: The results of the training.

        Raises:
            NotPortableError: If the artefact is not proven portable.
        """
        self._trained = trained
        self.metrics = nlpkit.reports.write_report(self.folder, trained)
        self.proof.require()

    @property
    def goes_on(self) -> bool:
        """Whether this process goes on after the training: the chief does, other workers leave."""
        return self.distribution.chief

    @property
    def proof(self) -> "Report":
        """The report of the verification that `export` made."""
        return _there(self._proof, "export")

    @property
    def trained(self) -> "Trained":
        """The results of the training, as `report` got them."""
        return _there(self._trained, "report")

    @property
    def result(self) -> Result:
        """What the recipe returns."""
        return _there(self._result, "running")

    def finish(self, out: Path) -> None:
        """Makes the result, once the folder has its final name.

        Args:
            out: The folder.
        """
        history = nlpkit.reports.history(nlpkit.reports.epochs(out / self.log.name))
        self._result = Result(out, history, self.metrics, self.proof)


def _there(value: T | None, step: str) -> T:
    """The result of a step, which must have been done."""
    if value is None:
        raise RuntimeError(f"`{step}` must be done first.")
    return value


@contextlib.contextmanager
def running(task: Task, arguments: Mapping[str, Any]) -> Iterator[Run]:
    """Runs a recipe: moves its folder to `out` at the end, and prints the metrics.

    Args:
        task: The recipe's task.
        arguments: The recipe's arguments by name, `out` and `quiet` among them.

    A worker that is not the chief gets a folder of its own, which is deleted, and prints nothing.

    Yields:
        The run, on which the recipe calls `Run.keep`, `Run.export` and `Run.report` in this order.

    Raises:
        InputError: As `nlpkit.export.run_directory`, and as `nlpkit.training.Checkpoints`.
    """
    out = Path(arguments["out"])
    if not _is_chief(arguments["strategy"]):
        with tempfile.TemporaryDirectory() as folder, _resumable(lambda: True):
            with _drafted(task, arguments, Path(folder) / "worker") as run:
                yield run
        return
    with _checkpoints(task, arguments, out) as checkpoints, _resumable(lambda: bool(checkpoints)):
        with _drafted(task, arguments, out) as run:
            run.checkpoints, run.decided = checkpoints, checkpoints.decided
            yield run
        run.finish(out)
        checkpoints.discard()
    task.render(run.trained.compared, sys.stdout)
    print(f"{out}: {run.proof.summary}")
    run.say(f'try: nlpkit predict {out / "saved_model"} "…"')


@contextlib.contextmanager
def _drafted(task: Task, arguments: Mapping[str, Any], out: Path) -> Iterator[Run]:
    """A run whose folder replaces `out` at the end."""
    with (
        nlpkit.export.run_directory(out, marker=_MARKER, contents=task.contents) as draft,
        tempfile.TemporaryDirectory(dir=draft.folder) as scratch,
    ):
        run = Run(task, arguments, draft, scratch)
        if draft.replaces:
            run.say(
                f"{out} holds a model, which this run will replace; to keep both, choose another "
                "folder with `--out DIR`"
            )
        yield run


@contextlib.contextmanager
def _checkpoints(
    task: Task, arguments: Mapping[str, Any], out: Path
) -> Iterator["nlpkit.training.Checkpoints"]:
    """The checkpoints of a run, in a hidden folder beside `out`."""
    target = out.resolve()
    folder, resume = target.with_name(f".{target.name}.checkpoint"), arguments["resume"]
    quiet = bool(arguments["quiet"])
    checkpoints = nlpkit.training.Checkpoints(
        folder,
        settings(task.name, arguments),
        minutes=arguments["checkpoint_minutes"],
        resume=resume,
        quiet=quiet,
    )
    if resume and not checkpoints.resumed:
        say("no checkpoint: starting anew", quiet=quiet)
    elif checkpoints.left:
        say(
            f"note: an unfinished run left a checkpoint in {folder}, which this run will replace; "
            "with the options of that run, `--resume` goes on from it instead"
        )
    try:
        yield checkpoints
    finally:
        checkpoints.close()


def _is_chief(strategy: str) -> bool:
    """Whether this process writes; alone, it does."""
    cluster = read_cluster() if strategy in ("auto", "multi-worker") else None
    return cluster is None or cluster.chief


@contextlib.contextmanager
def _resumable(can_resume: Callable[[], bool]) -> Iterator[None]:
    """Says of what ends a run early that the run can be resumed, if it can."""
    try:
        yield
    except InputError:
        raise
    except WorkerError as error:
        how = ", with `--resume` to go on from the chief's last checkpoint" if can_resume() else ""
        error.add_note(f"Start all workers again{how}.")
        raise
    except BaseException as error:
        if can_resume():
            error.add_note("The same command with `--resume` goes on from the last checkpoint.")
        raise
