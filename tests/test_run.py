"""What a run leaves: settings that tell nothing of the machine, and that can be repeated."""

import json

import pytest

from nlpkit import run
from nlpkit.errors import InputError


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
@pytest.mark.parametrize("option", ["data", "test_data", "valid_data"])
def test_of_data_the_name_is_kept(option, given, kept):
    arguments = {option: given, "data_dir": "/home/someone/tfds", "out": "/tmp/x", "units": 4}
    assert run.settings("sentiment", arguments) == {
        "command": "sentiment", option: kept, "units": 4
    }  # fmt: skip


@pytest.mark.parametrize("place", ["run/OUT", "run", ".", None])
def test_data_are_found_beside_the_config_or_above_it(tmp_path, monkeypatch, place):
    out = tmp_path / "run" / "OUT"
    out.mkdir(parents=True)
    (out / run.CONFIG).write_text(json.dumps({"command": "sentiment", "data": "x.csv"}))
    if place is not None:
        (tmp_path / place / "x.csv").write_text("")
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    found = run.read_config(out, "sentiment")["data"]
    assert found == ("x.csv" if place is None else str((tmp_path / place / "x.csv").resolve()))


def test_data_in_the_working_folder_come_first(tmp_path, monkeypatch):
    (tmp_path / "OUT").mkdir()
    for folder in (tmp_path, tmp_path / "OUT"):
        (folder / "x.csv").write_text("")
    (tmp_path / "OUT" / run.CONFIG).write_text('{"command": "sentiment", "data": "x.csv"}')
    monkeypatch.chdir(tmp_path)
    assert run.read_config(tmp_path / "OUT", "sentiment")["data"] == "x.csv"


@pytest.mark.parametrize("place", ["nosuch.json", "."])
def test_a_missing_config_is_named(tmp_path, place):
    with pytest.raises(InputError, match=r"`--config`: .*\.json: there is no such file"):
        run.read_config(tmp_path / place, "sentiment")
