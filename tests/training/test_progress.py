"""Progress: a line an epoch where nobody watches, a bar on a terminal, silence on request."""

import io
import re
import sys

import pytest

from nlpkit.training.progress import Progress

LOGS = {"loss": 0.51234, "val_loss": 0.4}
LINES = [f"epoch {epoch}/2: loss 0.5123, in validation 0.4000" for epoch in (1, 2)]


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture(autouse=True)
def environment(monkeypatch):
    """Neither the width nor the kind of this terminal counts."""
    for name in ("FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "40")


def described(logs):
    return f"loss {logs['loss']:.4f}, in validation {logs['val_loss']:.4f}"


def train(progress):
    """What the loop calls, for two epochs of three batches."""
    with progress:
        for epoch in range(2):
            progress.epoch_begins(epoch)
            for _ in range(3):
                progress.batch_done()
            progress.epoch_ends(epoch, LOGS)


def test_without_a_terminal_there_is_a_line_an_epoch_and_nothing_else(capfd):
    train(Progress(2, 3, describe=described))
    out, err = capfd.readouterr()
    assert out == ""
    for said, line in zip(err.splitlines(), LINES, strict=True):
        assert re.fullmatch(re.escape(line) + r", \d+\.\d s", said)


@pytest.mark.parametrize(
    ("done", "kept", "over", "message"),
    [
        (2, 2, False, "finished epoch 2 of 2; kept the weights of epoch 2, which has the lowest"),
        (1, 1, False, "stopped early after epoch 1 of 2; kept the weights of epoch 1, which has"),
        (2, 1, True, "the time is over: stopped in epoch 2 of 2; kept the weights of epoch 1,"),
    ],
)
def test_the_end_is_explained(capfd, done, kept, over, message):
    with Progress(2, 3, describe=described) as progress:
        progress.ended(done, kept, over=over)
    assert capfd.readouterr().err.startswith(message)


@pytest.mark.parametrize("stream", [io.StringIO, Terminal])
def test_quiet_shows_nothing(monkeypatch, stream):
    monkeypatch.setattr(sys, "stderr", stream())
    train(Progress(2, 3, quiet=True, describe=described))
    assert sys.stderr.getvalue() == ""


def test_a_terminal_shows_a_bar_with_the_time_left(monkeypatch):
    monkeypatch.setattr(sys, "stderr", Terminal())
    train(Progress(2, 3, describe=described))
    shown = sys.stderr.getvalue()
    assert "epoch 1/2" in shown and "0/3" in shown and "--:--" in shown
    assert all(line.split(":")[1] in shown for line in LINES)


def test_an_interrupt_gives_the_terminal_back(monkeypatch):
    monkeypatch.setattr(sys, "stderr", Terminal())
    with pytest.raises(KeyboardInterrupt), Progress(2, 3, describe=described) as progress:
        progress.epoch_begins(0)
        raise KeyboardInterrupt
    hide, show = "\x1b[?25l", "\x1b[?25h"
    assert hide in sys.stderr.getvalue()
    assert sys.stderr.getvalue().rindex(show) > sys.stderr.getvalue().rindex(hide)
