"""Checkpoints of a training: all that it needs to go on as if nothing had happened.

A checkpoint is one file of NumPy's format .npz: the record as JSON, the variables, the best weights
so far. It is written under another name, flushed, and renamed, so that it appears whole or not at
all; the last two are kept. .npz has a checksum for each array: one that the disk has damaged is
passed over for the one before it.
"""

import contextlib
import dataclasses
import errno
import hashlib
import json
import os
import shutil
import time
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from nlpkit.errors import InputError
from nlpkit.export.atomic import flush, locked
from nlpkit.run import say, versions

__all__ = ["Checkpoint", "Checkpoints", "Record"]

_KEPT = 2
_RECORD = "record"
_PARTS = ("variable", "best")


@dataclasses.dataclass
class Record:
    """Where a training is.

    Attributes:
        epoch: Epochs that are done.
        batch: Batches of the next epoch that are done.
        loss: The sum of the losses of their examples.
        examples: The number of their examples.
        logs: The metrics of each epoch that is done.
        best: The epoch with the lowest validation loss, from 1; 0 before the first.
        finished: Whether the training is done.
        over: Whether it was the time allowed that ended it.
        seconds: How long it took so far, interruptions left out.
    """

    epoch: int = 0
    batch: int = 0
    loss: float = 0.0
    examples: int = 0
    logs: list[dict[str, float]] = dataclasses.field(default_factory=list)
    best: int = 0
    finished: bool = False
    over: bool = False
    seconds: float = 0.0

    def __str__(self) -> str:
        if self.finished:
            return "the end of the training"
        return f"epoch {self.epoch + 1}, batch {self.batch + 1:,}"


@dataclasses.dataclass
class Checkpoint:
    """A training at one moment, between two steps.

    Attributes:
        record: Where it is.
        variables: The model's, seeds of dropout included, and the optimizer's.
        best: The weights of the best epoch so far.
        carried: Further arrays by name, such as the states of recurrent layers.
    """

    record: Record
    variables: list[np.ndarray]
    best: list[np.ndarray]
    carried: dict[str, np.ndarray]


class Checkpoints:
    """The checkpoints of one run, in a folder that goes away when the run is complete.

    Args:
        folder: The folder; it is made when the first checkpoint is written.
        configuration: What decides the numbers of the run, by the names of its options.
        minutes: Minutes between two checkpoints within an epoch, above 0. Default 5.
        resume: Whether to go on from the checkpoint that is there. Default false.

    Attributes:
        decided: What the run has decided before the training and cannot decide alike again, such
            as what it timed; kept in each checkpoint. Values that JSON can hold.

    Raises:
        InputError: If `resume` is asked for, and the checkpoint that is there has another
            configuration or belongs to a run that goes on.
    """

    def __init__(
        self,
        folder: str | Path,
        configuration: Mapping[str, Any],
        *,
        minutes: float = 5.0,
        resume: bool = False,
    ) -> None:
        self._folder, self._seconds = Path(folder), 60.0 * minutes
        self._configuration = json.loads(json.dumps(dict(configuration), default=str))
        self._fingerprint, self._lock = "", contextlib.ExitStack()
        self._owned = self._foreign = False
        self._last = time.monotonic()
        self._resumed: Path | None = None
        self.decided: dict[str, Any] = {}
        if self._folder.is_dir():
            self._take()
            if resume:
                self._open()

    def __bool__(self) -> bool:
        """Whether there is a checkpoint of this run that `--resume` would take."""
        return self._owned and bool(self._files())

    @property
    def resumed(self) -> bool:
        """Whether the run goes on from a checkpoint."""
        return self._resumed is not None

    @property
    def left(self) -> bool:
        """Whether an unfinished run left a checkpoint which this one will replace."""
        return not self.resumed and not self._foreign and bool(self._files())

    def expect(self, data: Iterable[str | Path]) -> None:
        """Names the files that the run learns from, by whose content it is recognised.

        Args:
            data: The files.

        Raises:
            InputError: If the checkpoint to resume was written while learning from others.
        """
        digest = hashlib.blake2b(digest_size=16)
        for path in data:
            with Path(path).open("rb") as file:
                digest.update(hashlib.file_digest(file, "blake2b").digest())
        self._fingerprint = digest.hexdigest()
        if self._resumed and _header(self._resumed)["data"] != self._fingerprint:
            raise InputError(
                f"`--resume`: the data are not those that the checkpoint in {self._folder} was "
                "made with; give the same data, or leave out `--resume` to start anew."
            )

    def latest(self) -> Checkpoint | None:
        """Reads the checkpoint to resume.

        Returns:
            The checkpoint; None to start anew.
        """
        if self._resumed is None:
            return None
        header = _header(self._resumed)
        with np.load(self._resumed) as stored:
            parts = {name: stored[name] for name in stored.files if name != _RECORD}
        variables, best = ([parts.pop(name) for name in header[part]] for part in _PARTS)
        record = Record(**header["record"])
        say(f"resuming at {record}")
        return Checkpoint(record, variables, best, parts)

    def due(self) -> bool:
        """Whether the time between two checkpoints has passed."""
        return time.monotonic() - self._last >= self._seconds

    def save(self, checkpoint: Checkpoint) -> None:
        """Writes a checkpoint; if it cannot be written, says why and leaves those that are there.

        Args:
            checkpoint: The training.
        """
        self._last = time.monotonic()
        record = checkpoint.record
        header = {
            "record": dataclasses.asdict(record),
            "configuration": self._configuration,
            "data": self._fingerprint,
            "decided": self.decided,
            "versions": versions(),
        }
        arrays = dict(checkpoint.carried)
        for part, values in zip(_PARTS, (checkpoint.variables, checkpoint.best), strict=True):
            named = {f"{part}-{number}": value for number, value in enumerate(values)}
            header[part], arrays = list(named), arrays | named
        arrays[_RECORD] = np.array(json.dumps(header))
        try:
            if not self._ready():
                return
            _write(self._folder / f"{record.epoch:06d}-{record.batch:09d}.npz", arrays)
        except OSError as error:
            say(f"note: no checkpoint was written: {_reason(error, self._folder)}; {self._state()}")
            return
        for old in self._files()[:-_KEPT]:
            old.unlink()

    def discard(self) -> None:
        """Deletes the checkpoints, since the run is complete."""
        if self._owned:
            shutil.rmtree(self._folder, ignore_errors=True)
        self.close()

    def close(self) -> None:
        """Lets other runs have the folder."""
        self._lock.close()
        self._owned = False

    def _files(self) -> list[Path]:
        """The checkpoints, the oldest first."""
        return sorted(self._folder.glob("*.npz"))

    def _state(self) -> str:
        """What there is instead of the checkpoint that could not be written."""
        there = "the last checkpoint is whole" if self._files() else "there is none yet"
        return f"{there}, and the run goes on"

    def _take(self) -> None:
        """Locks the folder, as long as the process lives."""
        try:
            self._lock.enter_context(locked(self._folder, wait=False))
            self._owned = True
        except BlockingIOError:
            self._foreign = True

    def _open(self) -> None:
        """Finds the last whole checkpoint and refuses it if it is of another configuration."""
        if self._foreign:
            raise InputError(
                f"`--resume`: another run is writing checkpoints to {self._folder}; wait for it, "
                "or choose another folder with `--out DIR`."
            )
        for path in reversed(self._files()):
            try:
                header = _header(path)
            except (OSError, ValueError, KeyError, zipfile.BadZipFile):
                say(f"note: {path} is damaged; the checkpoint before it is taken, if there is one")
                path.unlink()
                continue
            self._refuse(header["configuration"])
            if changed := _differing(header["versions"], versions()):
                say(f"note: the numbers may differ, since the checkpoint is of {changed}")
            self._resumed, self.decided = path, header["decided"]
            return

    def _refuse(self, other: Mapping[str, Any]) -> None:
        """Refuses a checkpoint of another configuration."""
        ours = self._configuration
        for name in sorted(ours.keys() | other.keys()):
            if ours.get(name) != other.get(name):
                raise InputError(
                    f"`--resume`: the checkpoint in {self._folder} was made with "
                    f"{_option(name, other.get(name))}, and this run has "
                    f"{_option(name, ours.get(name))}; give the same, or leave out `--resume` to "
                    "start anew."
                )

    def _ready(self) -> bool:
        """Makes the folder, and clears it of another run's checkpoints; false if one writes."""
        if not self._owned:
            if self._foreign:
                return False
            self._folder.mkdir(exist_ok=True)
            self._take()
            if self._foreign:
                say("note: another run writes its checkpoints here, so this one writes none")
                return False
        if not self.resumed:
            for old in self._files():
                old.unlink()
            self._resumed = self._folder
        return True


def _write(path: Path, arrays: Mapping[str, np.ndarray]) -> None:
    """Writes arrays, completely or not at all."""
    new = path.with_name("new")
    try:
        with new.open("wb") as file:
            np.savez(file, **arrays)
        flush(new)
        new.replace(path)
        flush(path.parent)
    except BaseException:
        new.unlink(missing_ok=True)
        raise


def _header(path: Path) -> dict[str, Any]:
    """What a checkpoint says of itself, once every array's checksum is right."""
    with zipfile.ZipFile(path) as file:
        if file.testzip() is not None:
            raise ValueError(path)
    with np.load(path) as stored:
        return json.loads(str(stored[_RECORD]))


def _option(name: str, value: Any) -> str:
    """An option as a user would give it."""
    flag = f"--{name.replace('_', '-')}"
    if isinstance(value, bool):
        return f"`{flag}`" if value else f"`--no-{flag[2:]}`"
    return f"`{flag} {value}`" if value is not None else f"no `{flag}`"


def _differing(one: Mapping[str, str], other: Mapping[str, str]) -> str:
    """The versions that differ, as the first mapping has them."""
    return ", ".join(f"{name} {one[name]}" for name in one if one[name] != other.get(name))


def _reason(error: OSError, folder: Path) -> str:
    """Why a checkpoint was not written, with the disk where it is full."""
    if error.errno not in (errno.ENOSPC, errno.EDQUOT):
        return f"{folder}: {error.strerror or error}"
    disk = folder.resolve()
    while not os.path.ismount(disk):
        disk = disk.parent
    return f"the disk at {disk} is full"
