"""Where a training runs: on one device, on several of one machine, or on several machines.

TensorFlow's `tf.distribute` is the engine. Each replica has a copy of the model, each process goes
through the same batches, and each replica takes its rows of them: `nlpkit.training.replicas` is the
step. The chief, worker 0, decides for all whatever data and options leave open: it validates, reads
checkpoints and the clock, and the others get its answers.

A worker that dies is missed within ten seconds, by the heartbeats of TensorFlow's coordination
service.
"""

import contextlib
import functools
import io
import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeVar

import keras
import numpy as np
import tensorflow as tf
from keras.ops import convert_to_numpy

from nlpkit.cluster import Cluster
from nlpkit.errors import InputError, WorkerError
from nlpkit.recurrence import never_compiled
from nlpkit.run import option_text

__all__ = ["ALONE", "Distribution"]

T = TypeVar("T")

_LOST = (
    tf.errors.AbortedError,
    tf.errors.CancelledError,
    tf.errors.DeadlineExceededError,
    tf.errors.FailedPreconditionError,
    tf.errors.InternalError,
    tf.errors.UnavailableError,
    tf.errors.UnknownError,
)
"""What a collective operation ends with where another worker does not take part."""

_PACKET = 1 << 22  # numbers that are sent at once


class Distribution:
    """The replicas that train one model, in this process and in others.

    Args:
        strategy: TensorFlow's strategy; None for one device, without any overhead.
        cluster: The workers; None for this process alone.

    Attributes:
        replicas: The copies of the model that learn at the same time.
        workers: The processes.
        chief: Whether this process decides, and writes.

    Example:
        >>> Distribution().replicas, Distribution().from_chief(lambda: "alone")
        (1, 'alone')
    """

    def __init__(self, strategy: Any = None, cluster: Cluster | None = None) -> None:
        self._strategy, self._cluster = strategy, cluster
        self.replicas = strategy.num_replicas_in_sync if strategy else 1
        self.workers = len(cluster.workers) if cluster else 1
        self.chief = cluster is None or cluster.chief

    def scope(self) -> contextlib.AbstractContextManager:
        """Where variables are made that all replicas share.

        Returns:
            A context manager.
        """
        return self._strategy.scope() if self._strategy else contextlib.nullcontext()

    def copy(self, model: keras.Model) -> keras.Model:
        """Copies a model to every replica, with the values that the chief's has.

        Args:
            model: The model, made outside of the scope.

        Returns:
            The copy, to be trained; with one replica, the model itself.
        """
        if self.replicas == 1:
            return model
        values = self.arrays_from_chief(
            lambda: {f"{k}": convert_to_numpy(v) for k, v in enumerate(model.variables)}
        )
        with self.scope():
            copy = type(model).from_config(model.get_config())
        for variable, value in zip(copy.variables, values.values(), strict=True):
            variable.assign(value)
        return copy

    def copy_back(self, copy: keras.Model, model: keras.Model) -> None:
        """Gives a model the values of its copy.

        Args:
            copy: What `copy` returned, or the model itself.
            model: The model.
        """
        if copy is not model:
            for variable, trained in zip(model.variables, copy.variables, strict=True):
                variable.assign(convert_to_numpy(trained))

    def run(self, function: Callable, *batch: Any) -> Any:
        """Runs a function in every replica, within the graph of a training step.

        Args:
            function: Made of the functions of `nlpkit.training.replicas`.
            *batch: Its arguments, the same in all replicas.

        Returns:
            What it returned, which is the same in all replicas.
        """
        if self._strategy is None:
            return function(*batch)

        def replica(*batch: Any) -> Any:
            with never_compiled():  # a promise that ends at a thread
                return function(*batch)

        answers = self._strategy.run(replica, args=batch)
        return tf.nest.map_structure(self._first, answers)

    def from_chief(self, decide: Callable[[], T]) -> T:
        """Has the chief decide for all workers, which wait for it.

        Args:
            decide: Called by the chief alone; returns what JSON can hold.

        Returns:
            What it returned.

        Raises:
            WorkerError: If the chief is gone.
        """
        if self.workers == 1:
            return decide()
        return json.loads(self._bytes_from_chief(lambda: json.dumps(decide()).encode()))

    def arrays_from_chief(self, read: Callable[[], dict[str, np.ndarray]]) -> dict[str, np.ndarray]:
        """Like `from_chief`, for arrays.

        Args:
            read: Called by the chief alone; returns arrays by name.

        Returns:
            What it returned.

        Raises:
            WorkerError: If the chief is gone.
        """
        if self.workers == 1:
            return read()

        def packed() -> bytes:
            file, arrays = io.BytesIO(), dict[str, Any](read())
            np.savez(file, **arrays)
            return file.getvalue()

        with np.load(io.BytesIO(self._bytes_from_chief(packed))) as stored:
            return {name: stored[name] for name in stored.files}

    def require_same(self, settings: Mapping[str, Any]) -> None:
        """Requires that all workers have the same settings, before they train together.

        Args:
            settings: Values that JSON can hold, by the names of options.

        Raises:
            InputError: If a worker has others; in all workers.
            WorkerError: If a worker is gone.
        """
        if self._cluster is None:
            return
        ours = json.loads(json.dumps(dict(settings), default=str))
        chiefs = self.from_chief(lambda: ours)
        names = [name for name in sorted(ours) if ours[name] != chiefs.get(name)]
        differing = np.zeros(self.workers)
        differing[self._cluster.index] = bool(names)
        differing = self._total(differing)
        cure = "give all workers the same data and options, and the same versions"
        if names:
            name, this = names[0], self._cluster.name(self._cluster.index)
            raise InputError(
                f"{this} has {option_text(name, ours[name])}, and the chief has "
                f"{option_text(name, chiefs.get(name))}; {cure}."
            )
        if differing.any():
            other = self._cluster.name(int(differing.argmax()))
            raise InputError(f"{other} has other data or options, which it names itself; {cure}.")

    @contextlib.contextmanager
    def watched(self) -> Iterator[None]:
        """Says which worker is gone, where a step fails for that.

        Yields:
            Nothing.

        Raises:
            WorkerError: In place of TensorFlow's error.
        """
        try:
            yield
        except _LOST as error:
            if self._cluster is None:
                raise
            raise WorkerError(_missing(str(error), self._cluster)) from error

    def _bytes_from_chief(self, read: Callable[[], bytes]) -> bytes:
        """Sends bytes as numbers that any collective operation adds up exactly."""
        data = read() if self.chief else b""
        size = int(self._total(np.array([len(data) >> 16, len(data) & 0xFFFF])) @ [1 << 16, 1])
        padded = data.ljust(size + size % 2, b"\0") if self.chief else bytes(size + size % 2)
        numbers = np.frombuffer(padded, np.uint16)
        packets = [
            self._total(numbers[start : start + _PACKET]).astype(np.uint16).tobytes()
            for start in range(0, len(numbers), _PACKET)
        ]
        return b"".join(packets)[:size]

    def _total(self, numbers: np.ndarray) -> np.ndarray:
        """The sum over the workers, exact up to 2²⁴."""
        with self.watched():
            return self._add(tf.constant(numbers, tf.float32)).numpy().astype(np.int64)

    @functools.cached_property
    def _add(self) -> Callable[[tf.Tensor], tf.Tensor]:
        """Adds a vector of each worker, of which only the first replica takes part."""

        def of_replica(numbers: tf.Tensor) -> tf.Tensor:
            context = tf.distribute.get_replica_context()
            first = context.replica_id_in_sync_group % (self.replicas // self.workers) == 0
            return context.all_reduce(
                tf.distribute.ReduceOp.SUM, numbers * tf.cast(first, tf.float32)
            )

        @functools.partial(
            tf.function, input_signature=[tf.TensorSpec([None], tf.float32)], autograph=False
        )
        def add(numbers: tf.Tensor) -> tf.Tensor:
            return self._first(self._strategy.run(of_replica, args=(numbers,)))

        return add

    def _first(self, value: Any) -> Any:
        """The value that the first replica of this process has."""
        return self._strategy.experimental_local_results(value)[0]


ALONE = Distribution()
"""One device of one process."""


def _missing(message: str, cluster: Cluster) -> str:
    """A sentence on the worker that TensorFlow's message names, other than this one."""
    chiefs = "job:chief" in message
    for job, task in re.findall(r"job:(chief|worker)(?:/replica:\d+)?/task:(\d+)", message):
        index = int(task) + (chiefs and job == "worker")
        if index != cluster.index and index < len(cluster.workers):
            return f"{cluster.name(index)} is gone: it ended, or cannot be reached."
    said = message.strip().partition("\n")[0][:200]
    return f"another worker is gone, or a step failed: TensorFlow says {said!r}."
