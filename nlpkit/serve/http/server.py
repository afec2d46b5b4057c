"""Runs the server: one process or several that share an address, until a signal ends it."""

import contextlib
import dataclasses
import functools
import logging
import os
import socket
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from nlpkit.errors import InputError
from nlpkit.export.interfaces import read_interface
from nlpkit.export.manifest import check_files
from nlpkit.serve.http.limits import DEFAULTS, Limits
from nlpkit.signals import Stopped
from nlpkit.startup import import_tensorflow

if TYPE_CHECKING:
    from starlette.applications import Starlette

__all__ = ["Served", "serve"]

_CANNOT_START = 3  # the exit status by which uvicorn knows that to start a process anew is no use


@dataclasses.dataclass(frozen=True)
class Served:
    """What is served, and how.

    Attributes:
        models: The folders of the artefacts, by the names in their addresses.
        limits: What to take from clients. Default: see `Limits`.
        origins: Other sites whose pages may ask. Default: none.
        trust: Whether to load models with any ops, such as ops that read files. Default false.
    """

    models: dict[str, Path]
    limits: Limits = DEFAULTS
    origins: tuple[str, ...] = ()
    trust: bool = False


def serve(
    served: Served,
    *,
    host: str = "127.0.0.1",
    port: int = 8501,
    workers: int = 1,
    tell: Callable[[str], object] = print,
) -> None:
    """Serves models until SIGTERM or Ctrl-C; requests that have arrived by then are answered.

    Args:
        served: What to serve.
        host: The address to listen at. Default "127.0.0.1", which only this machine reaches.
        port: The port, 0 for any that is free. Default 8501, as TensorFlow Serving.
        workers: Processes, each with the models in its own memory. Default 1.
        tell: Called with a line for each thing that takes time, and one with the address.

    Raises:
        InputError: If a folder holds no model, the extra `serve` is not installed, or the address
            cannot be had.
    """
    uvicorn = _require_extra()
    for directory in served.models.values():
        read_interface(directory)
        check_files(directory)
    with _listening(host, port) as listener, _counted_together(workers):
        tell("starting TensorFlow")
        config = uvicorn.Config(
            _application(served) if workers == 1 else functools.partial(_in_worker, served),
            factory=workers > 1,
            workers=workers,
            log_level="warning",
            access_log=False,
            server_header=False,
            proxy_headers=False,
            lifespan="on",
            timeout_graceful_shutdown=int(served.limits.timeout) + 1,
            timeout_worker_healthcheck=60,  # loading a model keeps a process from answering
        )
        names = ", ".join(served.models)
        tell(f"serving {names} at http://{_written(host)}:{listener.getsockname()[1]}/")
        if workers == 1:
            with contextlib.suppress(Stopped, KeyboardInterrupt):  # raised again once it has ended
                uvicorn.Server(config).run(sockets=[listener])
        else:
            supervisor = uvicorn.supervisors.Multiprocess(config, [listener])
            supervisor.run()
            if any(worker.exitcode == _CANNOT_START for worker in supervisor.processes):
                raise InputError("the models could not be loaded; the lines above say why.")


def _in_worker(served: Served) -> "Starlette":
    """The application in one process of several; where it cannot be had, all of them end."""
    try:
        return _application(served)
    except Exception as error:
        logging.getLogger("uvicorn.error").error("%s", error)
        sys.exit(_CANNOT_START)


def _application(served: Served) -> "Starlette":
    """The application, with its models loaded; called in each process."""
    import_tensorflow()
    from nlpkit.serve.http.app import application
    from nlpkit.serve.http.endpoint import Endpoint
    from nlpkit.serve.http.page import page
    from nlpkit.serve.loading import load

    models = [
        (name, load(directory, trust=served.trust)) for name, directory in served.models.items()
    ]
    return application(
        [Endpoint(name, model.loaded) for name, model in models],
        page=page(models),
        limits=served.limits,
        origins=served.origins,
    )


def _require_extra():
    """Uvicorn, with its supervisors."""
    try:
        import prometheus_client  # noqa: F401
        import starlette  # noqa: F401
        import uvicorn.supervisors
    except ImportError as error:
        raise InputError(
            f"`nlpkit serve` needs the extra `serve`, {error.name} is missing; "
            f"run `python3 -m pip --python {sys.prefix} install prometheus-client starlette "
            "uvicorn`."
        ) from None
    return uvicorn


@contextlib.contextmanager
def _listening(host: str, port: int) -> Iterator[socket.socket]:
    """A socket that processes may share."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listener = socket.socket(family, kind, protocol)  # known as TCP, asyncio sends at once
    except OSError as error:
        raise InputError(
            f"`--host` {host!r} is no address of this machine: {error.strerror}."
        ) from None
    with listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(address)
        except OSError as error:
            raise InputError(
                f"Port {port} of {host} cannot be had: {error.strerror}; another `--port` may help."
            ) from None
        listener.set_inheritable(True)
        listener.listen(2048)  # who comes before the models are loaded waits
        yield listener


@contextlib.contextmanager
def _counted_together(workers: int) -> Iterator[None]:
    """Has the processes count in a folder, so that each can tell the counts of all."""
    if workers == 1:
        yield
        return
    from nlpkit.serve.http.metrics import FOLDER

    with tempfile.TemporaryDirectory() as folder:
        os.environ[FOLDER] = folder
        try:
            yield
        finally:
            del os.environ[FOLDER]


def _written(host: str) -> str:
    """An address as a URL has it."""
    return f"[{host}]" if ":" in host else host
