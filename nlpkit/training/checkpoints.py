"""The checkpoints of a run: who may write them, which are kept, and which one is resumed.

The last two are kept, so that one that the disk has damaged leaves the one before it. The writer
holds a lock on their folder, which ends with the process, however that ends.
"""

import contextlib
import hashlib
import json
import shutil
import time
import zipfile
import zlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from nlpkit.errors import InputError
from nlpkit.export.atomic import disk_of, is_full, locked
from nlpkit.run import option_text, say, versions
from nlpkit.training.checkpoint import Checkpoint, header_of, read, write

__all__ = ["Checkpoints", "fingerprint"]

_KEPT = 2
_DAMAGED = (
    OSError,
    EOFError,
    KeyError,
    RuntimeError,  # of zipfile, where a damaged file looks encrypted
    ValueError,
    zipfile.BadZipFile,
    zlib.error,
)


class Checkpoints:
    """The checkpoints of one run, in a folder that goes away when the run is complete.

    Args:
        folder: The folder; it is made when the first checkpoint is written.
        configuration: What decides the numbers of the run, by the names of its options.
        minutes: Minutes between two checkpoints within an epoch, above 0. Default 5.
        resume: Whether to go on from the checkpoint that is there. Default false.
        quiet: Whether to say nothing but warnings. Default false.

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
        quiet: bool = False,
    ) -> None:
        self._folder, self._seconds = Path(folder), 60.0 * minutes
        self._configuration = json.loads(json.dumps(dict(configuration), default=str))
        self._fingerprint = self._data = ""
        self._lock, self._quiet = contextlib.ExitStack(), quiet
        self._owned = self._foreign = self._begun = False
        self._last = time.monotonic()
        self._resumed: Path | None = None
        self.decided: dict[str, Any] = {}
        if self._folder.is_dir():
            self._take()
            if resume:
                self._open()

    def __bool__(self) -> bool:
        """Whether there is a checkpoint of this run that `--resume` would take."""
        return self._owned and (self._begun or self.resumed) and bool(self._files())

    @property
    def resumed(self) -> bool:
        """Whether the run goes on from a checkpoint."""
        return self._resumed is not None

    @property
    def left(self) -> bool:
        """Whether an unfinished run left a checkpoint which this one will replace."""
        begun = self._begun or self.resumed
        return not begun and not self._foreign and bool(self._files())

    def expect(self, data: Iterable[str | Path]) -> None:
        """Names the files that the run learns from, by whose content it is recognised.

        Args:
            data: The files.

        Raises:
            InputError: If the checkpoint to resume was written while learning from others.
        """
        self._fingerprint = fingerprint(data)
        if self._resumed and self._data != self._fingerprint:
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
        found = read(self._resumed)
        say(f"resuming at {found.record}", quiet=self._quiet)
        return found

    def due(self) -> bool:
        """Tells whether it is time for another checkpoint.

        Returns:
            Whether the minutes between two have passed since the last.
        """
        return time.monotonic() - self._last >= self._seconds

    def save(self, checkpoint: Checkpoint) -> None:
        """Writes a checkpoint; if it cannot be written, says why and leaves those that are there.

        Args:
            checkpoint: The training.
        """
        self._last = time.monotonic()
        record = checkpoint.record
        header = {
            "configuration": self._configuration,
            "data": self._fingerprint,
            "decided": self.decided,
            "versions": versions(),
        }
        path = self._folder / f"{record.epoch:06d}-{record.batch:09d}.npz"
        try:
            if not self._ready():
                return
            write(path, checkpoint, header)
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
        """Lets other runs have the folder; one that is empty goes away."""
        if self._owned:
            with contextlib.suppress(OSError):
                self._folder.rmdir()
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
                header = header_of(path)
            except PermissionError:  # it may well be whole
                raise
            except _DAMAGED:
                say(f"note: {path} is damaged; the checkpoint before it is taken, if there is one")
                path.unlink()
                continue
            self._refuse(header["configuration"])
            if changed := _differing(header["versions"], versions()):
                say(f"note: the numbers may differ, since the checkpoint is of {changed}")
            self._resumed, self.decided = path, header["decided"]
            self._data = header["data"]
            return

    def _refuse(self, other: Mapping[str, Any]) -> None:
        """Refuses a checkpoint of another configuration."""
        ours = self._configuration
        for name in sorted(ours.keys() | other.keys()):
            if ours.get(name) != other.get(name):
                raise InputError(
                    f"`--resume`: the checkpoint in {self._folder} was made with "
                    f"{option_text(name, other.get(name))}, and this run has "
                    f"{option_text(name, ours.get(name))}; give the same, or leave out "
                    "`--resume` to start anew."
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
        if not self._begun and not self.resumed:
            for old in self._files():
                old.unlink()
        self._begun = True
        return True


def fingerprint(data: Iterable[str | Path]) -> str:
    """What tells the content of files from any other.

    Args:
        data: The files.

    Returns:
        32 hexadecimal digits.
    """
    digest = hashlib.blake2b(digest_size=16)
    for path in data:
        with Path(path).open("rb") as file:
            digest.update(hashlib.file_digest(file, "blake2b").digest())
    return digest.hexdigest()


def _differing(one: Mapping[str, str], other: Mapping[str, str]) -> str:
    """The versions that differ, as the first mapping has them."""
    return ", ".join(f"{name} {one[name]}" for name in one if one[name] != other.get(name))


def _reason(error: OSError, folder: Path) -> str:
    """Why a checkpoint was not written, with the disk where it is full."""
    if not is_full(error):
        return f"{folder}: {error.strerror or error}"
    return f"the disk at {disk_of(folder)} is full"
