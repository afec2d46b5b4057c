"""The workers of a training on several machines, as `TF_CONFIG` names them.

    TF_CONFIG='{"cluster": {"worker": ["one:12345", "two:12345"]},
                "task": {"type": "worker", "index": 0}}'

Each worker has the same cluster and its own task. TensorFlow reads the variable too, but says less
of what is wrong with it, and only after it has started.
"""

import contextlib
import dataclasses
import json
import os
import select
import socket
import time
from collections.abc import Callable, Mapping
from typing import Any

from nlpkit.errors import InputError, WorkerError, listed

__all__ = ["STRATEGIES", "Cluster", "meet", "read_cluster"]

STRATEGIES = ("auto", "cpu", "mirrored", "multi-worker", "tpu")
"""How a training is spread over devices and machines; the values of `--strategy`."""

_EXAMPLE = (
    '{"cluster": {"worker": ["one:12345", "two:12345"]}, "task": {"type": "worker", "index": 0}}'
)
_JOBS = ("chief", "worker")
_HELLO = b"nlpkit worker "
_PAUSE = 0.5  # seconds between two attempts


@dataclasses.dataclass(frozen=True)
class Cluster:
    """The workers that train one model together.

    Attributes:
        workers: The address of each, `host:port`, the chief's first.
        index: Which of them this process is.
    """

    workers: tuple[str, ...]
    index: int

    @property
    def chief(self) -> bool:
        """Whether this process is the chief, which alone validates and writes."""
        return self.index == 0

    def name(self, index: int) -> str:
        """A worker, as a message names it.

        Args:
            index: Its place in `workers`.

        Returns:
            Its number and its address.

        Example:
            >>> Cluster(("one:12345", "two:12345"), 0).name(1)
            'worker 1 (two:12345)'
        """
        return f"{'worker' if index else 'the chief, worker'} {index} ({self.workers[index]})"


def read_cluster(environment: Mapping[str, str] = os.environ) -> Cluster | None:
    """Reads `TF_CONFIG`.

    Args:
        environment: Where it is looked for. Default: this process's.

    Returns:
        The cluster; None without `TF_CONFIG`, or where it names no worker.

    Raises:
        InputError: If it is malformed.

    Example:
        >>> config = '{"cluster": {"worker": ["one:1", "two:1"]}, '
        >>> config += '"task": {"type": "worker", "index": 1}}'
        >>> read_cluster({"TF_CONFIG": config})
        Cluster(workers=('one:1', 'two:1'), index=1)
    """
    given = environment.get("TF_CONFIG", "").strip()
    try:
        config = json.loads(given or "{}")
    except (ValueError, RecursionError) as error:
        raise _malformed(f"{error}, in {listed([given])}") from None
    if not isinstance(config, dict):
        raise _malformed(f"it is {given!r}")
    if not config.get("cluster"):
        return None
    jobs = _jobs(config["cluster"])
    kind, index = _task(config.get("task"))
    if kind not in jobs or not 0 <= index < len(jobs[kind]):
        raise _malformed(f"its task is {kind} {index}, which is not in its cluster")
    ahead = len(jobs["chief"]) if kind == "worker" and "chief" in jobs else 0
    return Cluster(tuple(address for job in _JOBS for address in jobs.get(job, ())), ahead + index)


def _jobs(cluster: Any) -> dict[str, list[str]]:
    """The addresses of each job."""
    if not isinstance(cluster, dict) or not all(isinstance(job, list) for job in cluster.values()):
        raise _malformed("its cluster must hold a list of addresses for each job")
    if others := sorted(cluster.keys() - set(_JOBS)):
        raise _malformed(f"its cluster has the job {others[0]!r}, but nlpkit has only workers")
    addresses = [address for job in cluster.values() for address in job]
    for address in addresses:
        host, _, port = address.rpartition(":") if isinstance(address, str) else ("", "", "")
        if not host or not port.isdecimal() or not 0 < int(port) < 65_536:
            raise _malformed(f"an address must be `host:port`, got {address!r}")
    if len(set(addresses)) < len(addresses):
        raise _malformed("two of its workers have the same address")
    if len(cluster.get("chief", ())) > 1:
        raise _malformed("its cluster has more than one chief")
    return cluster


def _task(task: Any) -> tuple[str, int]:
    """The job and the index of this process."""
    try:
        return str(task["type"]), int(task["index"])
    except (KeyError, TypeError, ValueError):
        raise _malformed(f"its task must hold a type and an index, got {task!r}") from None


def _malformed(what: str) -> InputError:
    """The error for a malformed variable."""
    return InputError(f"`TF_CONFIG` must be JSON such as {_EXAMPLE}: {what}.")


def meet(cluster: Cluster, tell: Callable[[str], object], *, minutes: float = 10.0) -> None:
    """Waits until all workers are there.

    TensorFlow would wait for them too, but without a limit, and without listening to Ctrl-C. The
    workers go to the chief's port, and leave it once the chief has seen all of them.

    Args:
        cluster: The workers.
        tell: Called with a line about whom this one waits for.
        minutes: How long to wait. Default 10.

    Raises:
        InputError: If the port of this worker is taken.
        WorkerError: If a worker does not come.
    """
    deadline = time.monotonic() + 60.0 * minutes
    address, _, port = cluster.workers[cluster.index].rpartition(":")
    try:
        listener = _listener(int(port))
    except OSError as error:
        raise InputError(
            f"`TF_CONFIG`: {cluster.name(cluster.index)} cannot use its port: "
            f"{error.strerror or error}; give it another one in all workers."
        ) from None
    with listener, contextlib.ExitStack() as connections:
        if cluster.chief:
            _receive(cluster, listener, connections, tell, deadline)
    if not cluster.chief:
        _go_to_chief(cluster, tell, deadline)


def _listener(port: int) -> socket.socket:
    """A port of this machine, for addresses of both kinds where it has both."""
    if socket.has_dualstack_ipv6():
        return socket.create_server(("", port), family=socket.AF_INET6, dualstack_ipv6=True)
    return socket.create_server(("", port))


def _receive(
    cluster: Cluster,
    listener: socket.socket,
    connections: contextlib.ExitStack,
    tell: Callable[[str], object],
    deadline: float,
) -> None:
    """Waits for the other workers, and lets them go on."""
    there: dict[int, socket.socket] = {}
    others = range(1, len(cluster.workers))
    tell("waiting for " + ", ".join(map(cluster.name, others)))
    while missing := [number for number in others if number not in there or _left(there[number])]:
        _check_time(cluster, missing[0], deadline)
        listener.settimeout(_PAUSE)
        with contextlib.suppress(TimeoutError, ConnectionError, ValueError):
            connection = connections.enter_context(listener.accept()[0])
            connection.settimeout(_PAUSE)
            said = connection.recv(64)
            number = int(said.removeprefix(_HELLO)) if said.startswith(_HELLO) else 0
            if number in others:
                there[number] = connection  # the last one, where a worker begins anew
    for connection in there.values():
        with contextlib.suppress(ConnectionError):
            connection.sendall(_HELLO)
    for connection in there.values():  # who closes first keeps the port for a minute: not the chief
        with contextlib.suppress(TimeoutError, ConnectionError):
            connection.recv(1)


def _left(connection: socket.socket) -> bool:
    """Whether the other side has gone away."""
    return bool(select.select([connection], [], [], 0)[0])  # it says nothing but that


def _go_to_chief(cluster: Cluster, tell: Callable[[str], object], deadline: float) -> None:
    """Waits for the chief, and for what it waits for."""
    host, _, port = cluster.workers[0].rpartition(":")
    tell(f"waiting for {cluster.name(0)}")
    while True:
        _check_time(cluster, 0, deadline)
        with contextlib.suppress(OSError):  # it is not there yet, or begins anew
            with socket.create_connection((host.strip("[]"), int(port)), _PAUSE) as connection:
                connection.sendall(_HELLO + str(cluster.index).encode())
                connection.settimeout(max(_PAUSE, deadline - time.monotonic()))
                if connection.recv(64) == _HELLO:
                    return
        time.sleep(_PAUSE)


def _check_time(cluster: Cluster, index: int, deadline: float) -> None:
    """Requires that it is not too late for a worker."""
    if time.monotonic() > deadline:
        raise WorkerError(f"{cluster.name(index)} did not come; start all workers at a time.")
