"""Delivers Ctrl-C and other signals between two training steps, never inside one.

Python runs a signal's handler wherever the main thread happens to be. Inside TensorFlow that may be
a callback from C++ or a finaliser, where the exception becomes a RuntimeError or is lost; now and
then, a process that was interrupted there crashed with a corrupted heap.
"""

import contextlib
import signal
import threading
from collections.abc import Callable, Iterator
from typing import Any

from nlpkit.signals import STOPPING, stop

__all__ = ["interrupts_between_steps", "step_done"]

_asked: list[Callable[[], None]] = []
"""The handler of the first signal that was held back, ready to be called."""


@contextlib.contextmanager
def interrupts_between_steps(before: Callable[[], object] | None = None) -> Iterator[None]:
    """Holds signals back until `step_done` is called, or the block ends.

    This concerns the signals of `nlpkit.signals.STOPPING` whose handlers raise KeyboardInterrupt or
    `nlpkit.signals.Stopped`. A second signal is delivered at once. Signals with other handlers are
    left alone, and so are all outside the main thread, since only it may set handlers.

    Args:
        before: Called before a signal that was held back is delivered, to save what would be lost;
            None for nothing.

    Raises:
        KeyboardInterrupt: At the end of the block, if Ctrl-C came after the last `step_done`.
        Stopped: Likewise, for another signal.
    """
    handlers: dict[int, Any] = {number: signal.getsignal(number) for number in STOPPING}
    ours = {n: does for n, does in handlers.items() if does in (signal.default_int_handler, stop)}
    if threading.current_thread() is not threading.main_thread():
        ours = {}

    def ask(number: int, frame: object) -> None:
        _asked.append(lambda: deliver(number))
        give_back()

    def deliver(number: int) -> None:
        if before is not None:
            before()
        ours[number](number, None)

    def give_back() -> None:
        for number, does in ours.items():
            signal.signal(number, does)

    for number in ours:
        signal.signal(number, ask)
    try:
        yield
        if ours:
            step_done()
    finally:
        give_back()
        if ours:
            _asked.clear()


def step_done() -> None:
    """Marks a point where no TensorFlow code is running, and delivers a signal held back.

    Raises:
        KeyboardInterrupt: If Ctrl-C was held back.
        Stopped: If another signal was.
    """
    for raise_it in _asked:
        raise_it()
