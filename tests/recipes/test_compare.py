"""`nlpkit compare`: its words, its exit statuses, and what it leaves when it fails or stops."""

import itertools
import json
import subprocess
import sys

import pytest

from nlpkit.compare import BENCHMARKS, READERS, parity
from tests.browser import CHROMIUM, WIDTHS, opened, overflow
from tests.commands import complains, interrupted, nlpkit_command

__all__ = ["nlpkit_command"]

SMALL = {
    "rounds": ["--rounds", "1"],
    "shapes": ["--shape", "1,2,3,4"],
    "configurations": ["--configurations", "2"],
    "cells": ["--cells", "lstm, gru"],
}


def quick(benchmark):
    """A benchmark with the options that make it small."""
    read = [words for option, words in SMALL.items() if benchmark in READERS[option]]
    return [benchmark, "--quick", *itertools.chain(*read)]


USAGE = {
    "unknown benchmark": (["colour"], "`BENCHMARK` must be one of 'parity', 'speed'"),
    "two benchmarks": (["speed", "memory"], "(memory)"),
    "no shape": (["speed", "--shape", "1,2,3"], "`--shape` must be four positive integers"),
    "no rounds": (["speed", "--rounds", "0"], "'--rounds'"),
    "no minutes": (["--minutes", "0"], "'--minutes'"),
    "minutes and quick": (["--minutes", "5", "--quick", "--quiet"], "must not go with `--quick`"),
    "no configurations": (["parity", "--configurations", "0"], "'--configurations'"),
    "unknown cell": (
        ["memory", "--cells", "lstm,elman", "--quiet"],
        "`--cells` must be one of 'simple-rnn',",
    ),
    "wrong flag": (["speed", "--jsn", "x"], "--json"),
    "an option of others": (
        ["parity", "--lag", "10", "--quiet"],
        "`--lag` must go with gradients or long-lag, got parity; leave it out.",
    ),
    "a size of others": (
        ["scan", "--shape", "1,2,3,4", "--quiet"],
        "`--shape` must go with speed or memory",
    ),
}


@pytest.mark.parametrize(("arguments", "message"), USAGE.values(), ids=USAGE.keys())
def test_wrong_usage_is_one_sentence_and_status_2(nlpkit_command, arguments, message):
    complains(nlpkit_command("compare", *arguments), 2, message)


@pytest.mark.parametrize("arguments", [["--help"], ["colour"], ["speed", "--shape", "x"]])
def test_help_and_wrong_usage_do_not_wait_for_tensorflow(arguments):
    code = (
        f"import sys; sys.argv = ['nlpkit', 'compare', *{arguments!r}]; from nlpkit import cli\n"
        "try: cli.main()\n"
        "finally: print(sorted({'tensorflow', 'keras', 'sklearn', 'torch'} & set(sys.modules)))"
    )
    child = subprocess.run([sys.executable, "-c", code], capture_output=True, encoding="utf-8")
    assert child.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize("option", ["--json", "--out"])
def test_an_unwritable_place_is_refused_before_anything_is_measured(
    nlpkit_command, tmp_path, option
):
    (tmp_path / "file").write_text("mine")
    answer = nlpkit_command("compare", "parity", option, tmp_path / "file" / "x", "--quiet")
    complains(answer, 2, "file/x: nothing can be written here")
    assert (tmp_path / "file").read_text() == "mine"


def test_reviews_that_are_missing_are_refused_before_anything_is_measured(nlpkit_command):
    answer = nlpkit_command("compare", "--data", "nowhere.csv", "--quiet")
    complains(answer, 2, "nowhere.csv: there is no such file.")


# One that checks, one that times, one that trains; tests/compare/ measures with the others.
@pytest.mark.slow
@pytest.mark.parametrize("benchmark", ["parity", "scan", "long-lag"])
def test_a_benchmark_leaves_table_json_and_picture(nlpkit_command, tmp_path, benchmark):
    file, out = tmp_path / "all.json", tmp_path / "out"
    answer = nlpkit_command("compare", *quick(benchmark), "--json", file, "--out", out, "--quiet")
    assert (answer.status, answer.err) == (0, "")
    assert max(map(len, answer.out.splitlines())) <= 80
    content = json.loads(file.read_text(encoding="utf-8"))
    assert content.keys() == {"command", "date", "machine", "versions", "settings", benchmark}
    assert {path.name for path in out.iterdir()} == {f"{benchmark}.png", "compare.html"}
    for width in WIDTHS.values() if CHROMIUM else ():
        with opened(out / "compare.html", width=width) as page:
            assert overflow(page) <= 0
            assert page.locator("section").get_attribute("id") == benchmark
            assert page.locator(".conclusion").inner_text() in " ".join(answer.out.split())


def test_what_is_not_equal_is_status_1_and_is_written_all_the_same(
    nlpkit_command, tmp_path, monkeypatch
):
    def unequal(actual):
        raise parity.NotEqualError("outputs are off by 1.0e+00.")

    monkeypatch.setattr(parity, "BENCHMARK", _with(parity.BENCHMARK, check=unequal))
    file = tmp_path / "all.json"
    answer = nlpkit_command("compare", *quick("parity"), "--json", file, "--quiet")
    assert answer.status == 1
    assert answer.err.startswith("nlpkit: NotEqualError: outputs are off by 1.0e+00.")
    assert "parity" in json.loads(file.read_text(encoding="utf-8"))


def _with(benchmark, **changes):
    return type(benchmark)(**{**vars(benchmark), **changes})


def test_no_benchmark_is_all_of_them_in_order(nlpkit_command, monkeypatch):
    measured = []
    for name in BENCHMARKS:
        fake = _with(
            parity.BENCHMARK,
            require=lambda plan: None,
            measure=lambda plan, say, name=name: measured.append(name) or {},
            contents=lambda actual, name=name: [f"contents of {name}"],
            conclusion=lambda actual: "conclusion",
            check=lambda actual: None,
        )
        monkeypatch.setattr(sys.modules[_module(name)], "BENCHMARK", fake)
    answer = nlpkit_command("compare", "--quiet")
    assert (answer.status, answer.err) == (0, "")
    assert measured == list(BENCHMARKS)
    words = [word for name in BENCHMARKS for word in (f"contents of {name}", "conclusion")]
    assert answer.out.split("\n\n") == [*words, ""]


def _module(name):
    __import__(BENCHMARKS[name])
    return BENCHMARKS[name]


@pytest.mark.slow
def test_ctrl_c_keeps_what_was_finished(tmp_path):
    file = tmp_path / "all.json"
    answer = interrupted("compare", "--configurations", "2", "--json", file, at="speed: ")
    assert answer.err.splitlines()[-1].startswith("nlpkit: stopped; ")
    assert answer.status == 130
    assert "2 random configurations" in " ".join(answer.out.split())
    assert "parity" in json.loads(file.read_text(encoding="utf-8"))
