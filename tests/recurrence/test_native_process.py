"""The kernel in C in a process: threads, memory, a fork, an interrupt, the environment."""

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from nlpkit.recurrence.native.cpu import library
from tests.recurrence.native_cases import (
    DIMENSIONS,
    assert_same,
    drawn,
    each_cell,
    natively,
)

pytestmark = pytest.mark.usefixtures("native")

REPOSITORY = Path(__file__).parents[2]


@each_cell
def test_threads_that_call_at_once_get_the_numbers_of_one(cell):
    case = drawn(cell, DIMENSIONS["rows of each thread"], "holes")
    want = natively(cell, *case)
    results = []

    def call():
        results.extend(natively(cell, *case) for _ in range(4))

    threads = [threading.Thread(target=call) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 32
    for got in results:  # a share of the rows has gradients of weights of its own
        assert_same(got, want)


@each_cell
def test_many_calls_leave_no_memory_behind(cell):
    case = drawn(cell, (16, 8, 8, 40))

    def resident():
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")

    for _ in range(50):
        natively(cell, *case)
    before = resident()
    for _ in range(1000):
        natively(cell, *case)
    assert resident() - before < 8 << 20


@each_cell
def test_an_interrupt_ends_the_call_and_leaves_the_next_ones_right(cell):
    case = drawn(cell, DIMENSIONS["rows of each thread"], "holes")
    want = natively(cell, *case)
    # A shell that starts tests in the background has them ignore Ctrl-C.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        for delay in (0.005, 0.01, 0.02):  # in one of the calls, on whichever thread
            timer = threading.Timer(delay, os.kill, (os.getpid(), signal.SIGINT))
            with pytest.raises(KeyboardInterrupt):
                timer.start()
                while True:
                    natively(cell, *case)
            timer.join()
            assert_same(natively(cell, *case), want)
    finally:
        signal.signal(signal.SIGINT, before)


FORKING = """
import os, sys, time
import tensorflow as tf
from nlpkit.recurrence.native.cpu import library

rows = tf.ones([64, 20, 100])
operands = [rows, tf.ones([100, 400]), tf.ones([100, 400]) / 100, tf.ones([400]),
            tf.ones([64, 100]), tf.ones([64, 100]), tf.zeros([0, 0], tf.bool), tf.zeros([0, 0, 0])]
run = library.ops().nlpkit_recur_last
h, _ = run(*operands, cell="lstm")
child = os.fork()
if not child:
    again, _ = run(*operands, cell="lstm")
    os._exit(0 if (again.numpy() == h.numpy()).all() else 3)
for _ in range(300):
    ended, status = os.waitpid(child, os.WNOHANG)
    if ended:
        sys.exit(os.waitstatus_to_exitcode(status))
    time.sleep(0.1)
os.kill(child, 9)
sys.exit("the child hangs")
"""


@pytest.mark.slow
def test_a_forked_child_has_a_team_of_its_own():
    environment = os.environ | {"PYTHONPATH": str(REPOSITORY), "TF_CPP_MIN_LOG_LEVEL": "3"}
    command = [sys.executable, "-c", FORKING]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_turned_off_it_leaves_the_case_to_the_others(monkeypatch):
    monkeypatch.setenv(library.VARIABLE, "0")
    assert library.missing() == "the environment variable NLPKIT_NATIVE is 0"
