"""What asks a program to stop, as an exception, so that it leaves nothing half done behind."""

import contextlib
import signal
import threading
from collections.abc import Iterator

__all__ = ["STOPPING", "Stopped", "signals_as_exceptions", "stop"]

STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""Ctrl-C, `kill` or a system that shuts down, and a terminal that closes."""


class Stopped(SystemExit):
    """A signal asked the program to stop; the exit status is what a shell gives one it ended."""


def stop(number: int, frame: object) -> None:
    """Handles a signal.

    Args:
        number: The signal's.
        frame: Where the program was; not used.

    Raises:
        Stopped: Always.

    Example:
        >>> stop(signal.SIGTERM, None)
        Traceback (most recent call last):
        ...
        nlpkit.signals.Stopped: 143
    """
    raise Stopped(128 + number)


@contextlib.contextmanager
def signals_as_exceptions() -> Iterator[None]:
    """Has `STOPPING` raise `Stopped` in the block, for a command.

    What is ignored, as under `nohup`, or has another handler stays so, and so does everything
    outside the main thread, which alone may say what a signal does.

    Yields:
        Nothing.
    """
    usual = (signal.SIG_DFL, signal.default_int_handler)
    ours = {number: signal.getsignal(number) for number in STOPPING}
    ours = {number: handler for number, handler in ours.items() if handler in usual}
    if threading.current_thread() is not threading.main_thread():
        ours = {}
    for number in ours:
        signal.signal(number, stop)
    try:
        yield
    finally:
        for number, handler in ours.items():
            signal.signal(number, handler)
