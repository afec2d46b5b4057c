"""The command line: its words, its exit statuses, and what it leaves alone."""

import json
import re
import shutil
import signal
import subprocess
import sys

import pytest

import nlpkit
from nlpkit import cli, export
from tests.commands import complains, nlpkit_command

__all__ = ["nlpkit_command"]

USAGE = {
    "wrong flag": (["sentiment", "--dta", "x"], "--dta (Possible options: --data"),
    "wrong command": (["sentimnt"], "Did you mean 'sentiment'?"),
    "missing argument": (["predict"], "Missing argument 'MODEL'; see `nlpkit predict --help`."),
    "value out of range": (["sentiment", "--units", "0"], "or equal to 1, got '0'; see `nlpkit s"),
    "no number": (["sentiment", "--epochs", "many"], "as an integer, got 'many'; see"),
    "dropout of everything": (
        ["sentiment", "--dropout", "1"],
        "must be at least 0 and below 1, got 1.0",
    ),
    "rate that is no number": (
        ["sentiment", "--learning-rate", "nan"],
        "must be a finite number above 0, got nan",
    ),
    "neither texts nor input": (["predict", "."], "Give either texts or `--input FILE`"),
    "drawing without generating": (
        ["predict", ".", "text", "--top-k", "3", "--beam", "2"],
        "`--top-k`, `--beam` must go with `--generate N`.",
    ),
    "fewer words than none": (["predict", ".", "text", "--generate", "-1"], "'--generate'"),
    "texts and input": (["predict", ".", "text", "--input", "-"], "Give either texts or"),
}


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (["--help"], 0),
        (["sentiment", "--help"], 0),
        (["sentiment", "--dta"], 2),
        (["predict"], 2),
        (["predict", "."], 2),
        (["verify", "nowhere"], 2),
        (["explain", "nowhere", "a", "--out", "x"], 2),
        (["explain", ".", "--out", "x"], 2),
    ],
)
def test_help_and_wrong_usage_do_not_wait_for_tensorflow(arguments, status):
    code = (
        f"import sys; sys.argv = ['nlpkit', *{arguments!r}]; from nlpkit import cli\n"
        "try: cli.main()\n"
        "finally: print(sorted({'tensorflow', 'keras', 'sklearn'} & set(sys.modules)))"
    )
    child = subprocess.run([sys.executable, "-c", code], capture_output=True, encoding="utf-8")
    assert (child.returncode, child.stdout.splitlines()[-1]) == (status, "[]")


def test_help_lists_the_commands(nlpkit_command):
    for answer in (nlpkit_command("--help"), nlpkit_command()):
        assert (answer.status, answer.err) == (0, "")
        for command in (
            "sentiment", "next-word", "compare", "explain", "serve", "predict", "evaluate",
            "verify",
        ):  # fmt: skip
            assert f"\n  {command} " in answer.out
        assert "..." not in answer.out.partition("Commands:")[2]  # cut short


def test_help_of_a_command_lists_its_options(nlpkit_command):
    answer = nlpkit_command("sentiment", "-h")
    assert (answer.status, answer.err) == (0, "")
    options = (
        "data test-data valid-data text-column label-column label-names cell units layers "
        "embedding vectors max-length vocabulary batch-size epochs seed encoding out quiet config"
    )
    for option in options.split():
        assert f"--{option} " in answer.out


def test_version_is_shown(nlpkit_command):
    answer = nlpkit_command("--version")
    assert (answer.status, answer.err) == (0, "")
    assert answer.out == f"{nlpkit.__version__}\n"


@pytest.mark.parametrize(("arguments", "message"), USAGE.values(), ids=USAGE.keys())
def test_wrong_usage_is_one_sentence_and_status_2(nlpkit_command, arguments, message):
    complains(nlpkit_command(*arguments), 2, message)


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (MemoryError(), "there is not enough memory."),
        (OSError(28, "No space left on device", "out/x"), "out/x: No space left on device."),
        (OSError("odd"), "the system: odd."),
        (RuntimeError("first line\nsecond line"), "RuntimeError: first line (NLPKIT_TRACEBACK=1"),
        (KeyError(), "KeyError: no reason given"),
        (export.NotPortableError("it is not proven."), "nlpkit: it is not proven."),
    ],
    ids=lambda value: type(value).__name__,
)
def test_any_other_failure_is_one_sentence_and_status_1(
    nlpkit_command, monkeypatch, error, message
):
    def fail(directory, **options):
        raise error

    monkeypatch.setattr(export, "verify", fail)
    complains(nlpkit_command("verify", "anything"), 1, message)


@pytest.mark.parametrize(
    ("number", "status"),
    [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)],
    ids=lambda value: getattr(value, "name", value),
)
def test_a_signal_is_one_sentence_and_the_status_of_a_shell(
    nlpkit_command, monkeypatch, number, status
):
    before = signal.getsignal(number)
    usual = signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL
    signal.signal(number, usual)
    monkeypatch.setattr(export, "verify", lambda *_, **__: signal.raise_signal(number))
    try:
        answer = nlpkit_command("verify", "anything")
        complains(answer, status, "stopped; no file is left half-written.")
        assert signal.getsignal(number) is usual
    finally:
        signal.signal(number, before)


def test_what_was_kept_of_a_failed_run_is_said_last(nlpkit_command, monkeypatch):
    error = OSError(28, "No space left on device", "out/x")
    error.add_note("The trained model is kept in out-unfinished.")

    def fail(directory, **options):
        raise error

    monkeypatch.setattr(export, "verify", fail)
    message = "out/x: No space left on device. The trained model is kept in out-unfinished.\n"
    complains(nlpkit_command("verify", "anything"), 1, message)


def test_a_mark_that_a_model_is_unproven_is_seen(nlpkit_command, artefact, tmp_path):
    marked = shutil.copytree(artefact, tmp_path / "marked")
    export.mark_unproven(marked, "The model is not proven portable: xla.")
    answer = nlpkit_command("predict", marked, "a")
    assert answer.status == 0 and json.loads(answer.out)["text"] == "a"
    assert re.fullmatch(
        r".*marked: marked as unproven when it was exported \(assets.extra/UNPROVEN.txt\): "
        r"The model is not proven portable: xla\.\n",
        answer.err,
    )


def test_the_traceback_is_shown_on_demand(monkeypatch):
    def fail(directory, **options):
        raise RuntimeError("deep inside")

    monkeypatch.setattr(export, "verify", fail)
    monkeypatch.setenv("NLPKIT_TRACEBACK", "1")
    monkeypatch.setattr(sys, "argv", ["nlpkit", "verify", "anything"])
    with pytest.raises(RuntimeError, match="deep inside"):
        cli.main()
