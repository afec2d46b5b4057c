"""What a run says of itself, and what it leaves: settings that can be repeated elsewhere."""

import io
import json
import subprocess
import sys

import numpy as np
import pytest

from nlpkit import run
from nlpkit.errors import InputError

TELL = "from nlpkit import run; print(run.memory_mb(), run.peak_memory_mb())"


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (None, None),
        ("/home/someone/reviews.tsv", "reviews.tsv"),
        ("../secret/reviews.tsv", "reviews.tsv"),
        ("reviews.tsv", "reviews.tsv"),
        (r"C:\Users\someone\reviews.tsv", "reviews.tsv"),
        ("tfds:imdb_reviews/plain_text", "tfds:imdb_reviews/plain_text"),
    ],
)
@pytest.mark.parametrize("option", ["data", "test_data", "valid_data", "vectors"])
def test_of_data_the_name_is_kept(option, given, kept):
    arguments = {option: given, "data_dir": "/home/someone/tfds", "out": "/tmp/x", "units": 4}
    assert run.settings("sentiment", arguments) == {
        "command": "sentiment", option: kept, "units": 4
    }  # fmt: skip


@pytest.mark.parametrize("option", ["data", "vectors"])
@pytest.mark.parametrize("folder", ["run/OUT", "run", ".", None])
def test_data_are_found_beside_the_config_or_above_it(tmp_path, monkeypatch, folder, option):
    out = tmp_path / "run" / "OUT"
    out.mkdir(parents=True)
    (out / run.CONFIG).write_text(json.dumps({"command": "sentiment", option: "x.csv"}))
    if folder is not None:
        (tmp_path / folder / "x.csv").write_text("")
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    actual = run.read_config(out, "sentiment")[option]
    assert actual == ("x.csv" if folder is None else str((tmp_path / folder / "x.csv").resolve()))


def test_data_in_the_working_folder_come_first(tmp_path, monkeypatch):
    (tmp_path / "OUT").mkdir()
    for folder in (tmp_path, tmp_path / "OUT"):
        (folder / "x.csv").write_text("")
    (tmp_path / "OUT" / run.CONFIG).write_text('{"command": "sentiment", "data": "x.csv"}')
    monkeypatch.chdir(tmp_path)
    assert run.read_config(tmp_path / "OUT", "sentiment")["data"] == "x.csv"


@pytest.mark.parametrize("name", ["nosuch.json", "."])
def test_a_missing_config_is_named(tmp_path, name):
    with pytest.raises(InputError, match=r"`--config`: .*\.json: there is no such file"):
        run.read_config(tmp_path / name, "sentiment")


def test_a_config_without_an_end_is_refused(tmp_path):
    (tmp_path / "deep.json").write_text("[" * 100_000)
    with pytest.raises(InputError, match=r"`--config` must be a config\.json of nlpkit, got"):
        run.read_config(tmp_path / "deep.json", "sentiment")


def test_the_peak_is_of_this_process_and_not_of_the_one_that_started_it():
    held = np.ones(50_000_000)  # 400 MB
    child = subprocess.run([sys.executable, "-c", TELL], capture_output=True, encoding="utf-8")
    now, peak = map(float, child.stdout.split())
    assert 0 < now <= peak < 300 < held.nbytes / 1e6 < run.peak_memory_mb()


@pytest.mark.parametrize("content", [None, "Name: python\n"])
def test_where_the_system_keeps_no_status_the_peak_is_still_told(monkeypatch, tmp_path, content):
    status = tmp_path / "status"
    if content is not None:
        status.write_text(content)
    monkeypatch.setattr(run, "_STATUS", status)
    assert run.memory_mb() == run.peak_memory_mb() > 1


def test_the_width_is_the_terminals_or_80(monkeypatch):
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    monkeypatch.setenv("COLUMNS", "33")
    assert (run.terminal_width(Terminal()), run.terminal_width(io.StringIO())) == (33, 80)
