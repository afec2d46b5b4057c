"""The one training loop: epochs of batches, validation, early stopping, the best epoch's weights.

    a place: epoch, batch
    ┌► batch → step → … → batch → step │ validation → log → better? keep the weights ┐
    └───────────── next epoch ◄── not the last, patience and time left ◄─────────────┘

All workers of a training go through the same epochs and batches; one of them, the chief, validates
and has checkpoints, and the others go by its metrics. Signals are delivered between steps, and
checkpoints written there, so a checkpoint never holds half a step. What is trained, and how, is a
`Learner`: the classifier and the language model are two.
"""

import abc
import csv
import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras.ops import convert_to_numpy

from nlpkit.errors import InputError
from nlpkit.training.checkpoint import Checkpoint, Record
from nlpkit.training.checkpoints import Checkpoints
from nlpkit.training.distribution import Distribution
from nlpkit.training.interrupts import interrupts_between_steps, step_done
from nlpkit.training.progress import Progress

__all__ = ["Learner", "train"]


class Learner(abc.ABC):
    """A model, its optimizer and its data, as the loop sees them.

    Attributes:
        model: The model.
        replica: What learns: the model itself, or its copy in each of several replicas.
        distribution: The replicas.
        steps: Batches in an epoch.
        columns: What the log has of each epoch, beside its number.
    """

    model: keras.Model
    replica: keras.Model
    distribution: Distribution
    steps: int
    columns: tuple[str, ...]

    @property
    def over(self) -> bool:
        """Whether the time allowed is over; the epoch then ends with the batch at hand."""
        return False

    @abc.abstractmethod
    def variables(self) -> Sequence[Any]:
        """All variables that learning changes, seeds of dropout included, always in one order."""

    def carried(self) -> dict[str, Any]:
        """Whatever else a later step depends on, as arrays by name."""
        return {}

    @abc.abstractmethod
    def resume(self, epoch: int, batch: int, carried: Mapping[str, np.ndarray]) -> None:
        """Sets data and what is carried to a place; `variables` are set already.

        Args:
            epoch: Epochs that are done.
            batch: Batches of the next one that are done.
            carried: What `carried` returned at that place.
        """

    @abc.abstractmethod
    def batches(self, epoch: int, batch: int) -> Iterator[Any]:
        """The batches of an epoch from one on; epochs are asked for in their order.

        Args:
            epoch: The epoch, from 0.
            batch: The first batch, from 0.

        Returns:
            An iterator over what `learn` takes.
        """

    @abc.abstractmethod
    def learn(self, batch: Any) -> tuple[Any, int]:
        """Learns from a batch; returns the mean loss of its examples, and their number."""

    @abc.abstractmethod
    def validate(self) -> dict[str, float]:
        """The metrics of the model as it is, `val_loss` among them."""

    @abc.abstractmethod
    def describe(self, logs: Mapping[str, float]) -> str:
        """The metrics of an epoch, for the progress line."""


def train(
    learner: Learner,
    *,
    epochs: int,
    patience: int | None = None,
    checkpoints: Checkpoints | None = None,
    log: str | Path,
    quiet: bool = False,
) -> Record:
    """Trains a model, from a checkpoint where there is one, and restores its best epoch's weights.

    Args:
        learner: The model and its data.
        epochs: Passes over the data, at most.
        patience: Epochs without a lower validation loss after which to stop; None never does.
        checkpoints: Where the training is saved and resumed; None for nowhere.
        log: CSV file that gets a line for each epoch.
        quiet: Whether to hide the progress.

    Returns:
        The record of the training.

    Raises:
        InputError: If the training diverges, or the checkpoint is of a model with other variables.
        WorkerError: If another worker is gone.
    """
    loop = _Loop(learner, epochs, patience, checkpoints)
    loop.restore()
    record = loop.record
    with (
        learner.distribution.watched(),
        interrupts_between_steps(loop.save),
        Progress(epochs, learner.steps, quiet=quiet, describe=learner.describe) as progress,
        Path(log).open("w", newline="", encoding="utf-8", buffering=1) as file,
    ):
        table = csv.DictWriter(file, ["epoch", *learner.columns])
        table.writeheader()
        table.writerows({"epoch": number} | row for number, row in enumerate(record.logs, 1))
        while not record.finished:
            logs = loop.epoch(progress)
            table.writerow({"epoch": record.epoch, **logs})
            loop.save()  # before the line, so that what was told is not lost
            progress.epoch_ends(record.epoch - 1, logs)
        progress.ended(record.epoch, record.best, over=record.over)
    learner.model.set_weights(loop.best)
    return record


class _Loop:
    """A training in progress: the record of where it is, and the best weights."""

    def __init__(
        self, learner: Learner, epochs: int, patience: int | None, checkpoints: Checkpoints | None
    ) -> None:
        self.record, self.best = Record(), learner.model.get_weights()
        self._learner, self._checkpoints = learner, checkpoints
        self._epochs, self._patience = epochs, patience

    def restore(self) -> None:
        """Goes on from the checkpoint, if the chief has one and it is of this model."""
        arrays = self._learner.distribution.arrays_from_chief(self._latest)
        if not arrays:
            return
        found = Checkpoint.from_arrays(arrays)
        self.record, self.best = found.record, found.best
        variables = self._learner.variables()
        if [tuple(variable.shape) for variable in variables] != [x.shape for x in found.variables]:
            raise InputError(
                "`--resume`: the checkpoint is of a model with other variables, which another "
                "version wrote; use that version, or leave out `--resume` to start anew."
            )
        for variable, value in zip(variables, found.variables, strict=True):
            variable.assign(value)
        self._learner.resume(self.record.epoch, self.record.batch, found.carried)

    def _latest(self) -> dict[str, np.ndarray]:
        """The arrays of the checkpoint to resume; none to start anew."""
        found = self._checkpoints.latest() if self._checkpoints is not None else None
        return found.arrays() if found is not None else {}

    def save(self) -> None:
        """Writes a checkpoint."""
        if self._checkpoints is None:
            return
        variables = [convert_to_numpy(variable) for variable in self._learner.variables()]
        carried = {name: np.array(value) for name, value in self._learner.carried().items()}
        self._checkpoints.save(Checkpoint(self.record, variables, self.best, carried))

    def epoch(self, progress: Progress) -> dict[str, float]:
        """Learns from the rest of an epoch and validates; returns the metrics."""
        record, learner = self.record, self._learner
        progress.epoch_begins(record.epoch, record.batch)
        total = np.float32(record.loss)
        if record.batch < learner.steps and not learner.over:
            for batch in learner.batches(record.epoch, record.batch):
                loss, size = learner.learn(batch)
                total += np.float32(loss) * np.float32(size)
                record.loss, record.examples = float(total), record.examples + size
                record.batch += 1
                progress.batch_done()
                if self._checkpoints is not None and self._checkpoints.due():
                    self.save()
                step_done()
                if learner.over:
                    break
        loss = record.loss / max(1, record.examples)
        learner.distribution.copy_back(learner.replica, learner.model)
        return self._ended({"loss": loss, **learner.distribution.from_chief(learner.validate)})

    def _ended(self, logs: dict[str, float]) -> dict[str, float]:
        """Records an epoch, whose place is now the start of the next."""
        record, least = self.record, math.inf
        if not math.isfinite(logs["loss"] + logs["val_loss"]):
            raise InputError(
                "the training diverged: the model's outputs are NaN or infinite; "
                "a smaller `--learning-rate` helps."
            )
        if record.best:
            least = record.logs[record.best - 1]["val_loss"]
        record.over = self._learner.over and (
            record.batch < self._learner.steps or record.epoch + 1 < self._epochs
        )
        record.epoch, record.batch, record.loss, record.examples = record.epoch + 1, 0, 0.0, 0
        record.logs.append({name: float(logs[name]) for name in self._learner.columns})
        if logs["val_loss"] < least:
            record.best, self.best = record.epoch, self._learner.model.get_weights()
        waited = record.epoch - record.best
        impatient = self._patience is not None and waited >= self._patience and record.epoch > 1
        record.finished = record.epoch >= self._epochs or self._learner.over or impatient
        return record.logs[-1]
