"""What tests of the `nlpkit` command need."""

import os
import signal
import subprocess
import sys
from typing import NamedTuple

import pytest


class Answer(NamedTuple):
    """What a command left: its exit status and its two streams."""

    status: int
    out: str
    err: str


@pytest.fixture
def nlpkit_command(monkeypatch, capsys):
    """A function that takes a command's arguments and returns its `Answer`."""
    from nlpkit import cli

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["nlpkit", *map(str, arguments)])
        with pytest.raises(SystemExit) as stop:
            cli.main()
        return Answer(stop.value.code, *capsys.readouterr())

    return run


def complains(answer, status, message):
    """Requires one sentence on standard error, nothing on standard output, and a status."""
    assert answer.out == ""
    assert answer.err.startswith("nlpkit: ") and answer.err.count("\n") == 1, answer.err
    assert answer.err.rstrip().endswith((".", "?", ")")), answer.err
    assert message in answer.err
    assert answer.status == status


def clean_environment():
    """This process's environment as a user's would be: what libraries set in it is left out."""
    return {name: value for name, value in os.environ.items() if name != "TF_CPP_MIN_LOG_LEVEL"}


def interrupted(*arguments, at, number=signal.SIGINT):
    """The `Answer` of a command that gets a signal when it begins a line of stderr with `at`."""
    child = subprocess.Popen(
        [sys.executable, "-m", "nlpkit", *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        env=clean_environment(),
        # A shell that starts tests in the background has its children ignore Ctrl-C.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    with child:
        for line in child.stderr:
            if line.startswith(at):
                child.send_signal(number)
                break
        said, out = child.stderr.read(), child.stdout.read()
    assert "Traceback" not in said
    return Answer(child.returncode, out, said)
