"""A checkpoint of a training: all that it needs to go on as if nothing had happened.

A checkpoint is one file of NumPy's format .npz: the record as JSON, the variables, the best weights
so far. It is written under another name, flushed, and renamed, so that it appears whole or not at
all. .npz has a checksum for each array, which tells what the disk has damaged.
"""

import dataclasses
import json
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from nlpkit.export.atomic import flush

__all__ = ["Checkpoint", "Record", "header_of", "read", "write"]

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
    """

    epoch: int = 0
    batch: int = 0
    loss: float = 0.0
    examples: int = 0
    logs: list[dict[str, float]] = dataclasses.field(default_factory=list)
    best: int = 0
    finished: bool = False
    over: bool = False

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

    def arrays(self, **header: Any) -> dict[str, np.ndarray]:
        """All of it as arrays.

        Args:
            **header: What `header_of` is to find beside the names of the arrays, for JSON.

        Returns:
            Arrays by name.
        """
        header[_RECORD] = dataclasses.asdict(self.record)
        arrays = dict(self.carried)
        for part, values in zip(_PARTS, (self.variables, self.best), strict=True):
            named = {f"{part}-{number}": value for number, value in enumerate(values)}
            header[part], arrays = list(named), arrays | named
        arrays[_RECORD] = np.array(json.dumps(header))
        return arrays

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, np.ndarray]) -> "Checkpoint":
        """Puts it together again.

        Args:
            arrays: What `arrays` returned.

        Returns:
            The checkpoint.
        """
        arrays = dict(arrays)
        header = json.loads(str(arrays.pop(_RECORD)))
        variables, best = ([arrays.pop(name) for name in header[part]] for part in _PARTS)
        return cls(Record(**header[_RECORD]), variables, best, arrays)


def write(path: Path, checkpoint: Checkpoint, header: Mapping[str, Any]) -> None:
    """Writes a checkpoint, completely or not at all.

    Args:
        path: The file.
        checkpoint: The training.
        header: What `header_of` is to return, beside the names of the arrays; values for JSON.

    Raises:
        OSError: If it cannot be written; a file of this name is left as it was.
    """
    arrays: dict[str, Any] = checkpoint.arrays(**header)
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


def header_of(path: Path) -> dict[str, Any]:
    """What a checkpoint says of itself, once every array's checksum is found right.

    Args:
        path: The file.

    Returns:
        The header that it was written with.

    Raises:
        OSError: If it cannot be read.
        Exception: If it is damaged, one of several kinds.
    """
    with zipfile.ZipFile(path) as file:
        if file.testzip() is not None:
            raise ValueError(path)
    with np.load(path) as stored:
        return json.loads(str(stored[_RECORD]))


def read(path: Path) -> Checkpoint:
    """Reads a checkpoint.

    Args:
        path: The file.

    Returns:
        The training.
    """
    with np.load(path) as stored:
        return Checkpoint.from_arrays({name: stored[name] for name in stored.files})
