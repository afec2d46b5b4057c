"""Signals become exceptions in a command, and are left alone everywhere else."""

import signal
import threading

import pytest

from nlpkit.signals import STOPPING, Stopped, signals_as_exceptions


@pytest.fixture(autouse=True)
def handlers():
    """Those of a process that a terminal started; the tests' own come back."""
    before = {number: signal.getsignal(number) for number in STOPPING}
    for number in STOPPING:
        signal.signal(number, signal.SIG_DFL)
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("number", STOPPING)
def test_it_ends_the_block_with_the_status_of_a_shell(number):
    with pytest.raises(Stopped) as stop, signals_as_exceptions():
        signal.raise_signal(number)
    assert stop.value.code == 128 + number
    assert signal.getsignal(number) == signal.SIG_DFL


def test_what_is_ignored_or_handled_stays_so():
    heard = []
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: heard.append("SIGTERM"))
    with signals_as_exceptions():
        signal.raise_signal(signal.SIGHUP)
        signal.raise_signal(signal.SIGTERM)
    assert heard == ["SIGTERM"]


def test_another_thread_changes_nothing():
    seen = []

    def run():
        with signals_as_exceptions():
            seen.append(signal.getsignal(signal.SIGTERM))

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    assert seen == [signal.SIG_DFL]
