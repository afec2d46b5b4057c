"""Ctrl-C between two steps of a training, not inside one.

Python raises KeyboardInterrupt wherever the main thread happens to be. Inside TensorFlow that may
be a callback of C++, or a finaliser: it comes out as a RuntimeError, or is lost; and now and then
a process that got Ctrl-C there died of a damaged heap.
"""

import contextlib
import signal
import threading
from collections.abc import Iterator

__all__ = ["interrupts_between_steps", "step_done"]

_asked = threading.Event()


@contextlib.contextmanager
def interrupts_between_steps() -> Iterator[None]:
    """Holds Ctrl-C back until `step_done` is called, or the block ends.

    A second Ctrl-C is not held back. Where Ctrl-C does not raise KeyboardInterrupt, and outside
    the main thread, which alone may say what it does, nothing changes.

    Raises:
        KeyboardInterrupt: At the end of the block, if there was a Ctrl-C that no `step_done` met.
    """
    before = signal.getsignal(signal.SIGINT)
    ours = (
        threading.current_thread() is threading.main_thread()
        and before is signal.default_int_handler
    )
    if not ours:
        yield
        return

    def ask(*_: object) -> None:
        _asked.set()
        signal.signal(signal.SIGINT, before)

    signal.signal(signal.SIGINT, ask)
    try:
        yield
        step_done()
    finally:
        signal.signal(signal.SIGINT, before)
        _asked.clear()


def step_done() -> None:
    """Says that nothing of TensorFlow runs.

    Raises:
        KeyboardInterrupt: If Ctrl-C was held back.
    """
    if _asked.is_set():
        raise KeyboardInterrupt
