import json
import os

import pytest
from rich.cells import cell_len

import nlpkit.compare.report
from nlpkit.compare import Plan, Report, Shape
from nlpkit.compare.report import grid, paragraph
from nlpkit.errors import InputError
from nlpkit.reports.pictures import empty_figure

HEADS = [("nlpkit", "LSTM"), ("Keras", "LSTM"), ("", "floor")]
ROWS = {"128,100,256,256": ["75.4±12%", "1084±3%", "46.1"], "긴 이름": ["1", "–", "0.001"]}


def _written(path):
    return json.loads(path.read_text(encoding="utf-8"))


def test_json_holds_machine_versions_settings_and_the_results_so_far(tmp_path, monkeypatch):
    file = tmp_path / "deep" / "all.json"
    plan = Plan(shapes=(Shape(1, 2, 3, 4),), seed=7, implementations=("keras",))
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1, 5})
    (tmp_path / "cpuinfo").write_text("processor : 0\nmodel name : A fast one\n")
    monkeypatch.setattr(nlpkit.compare.report, "_CPU_INFO", tmp_path / "cpuinfo")
    report = Report(plan, json=file)
    report.add("parity", {"worst": []}, empty_figure(1, 1))
    first = _written(file)
    assert first["parity"] == {"worst": []} and "speed" not in first
    report.add("speed", {"shapes": []}, empty_figure(1, 1))
    assert _written(file) == {**first, "speed": {"shapes": []}}
    assert first["machine"]["cores"] == 3
    assert first["machine"]["processor"] == "A fast one"
    assert {"tensorflow", "keras", "python", "numpy"} <= first["versions"].keys()
    assert first["settings"]["seed"] == 7
    assert first["settings"]["contestants"] == ["keras"]
    assert "implementations" not in first["settings"]
    assert first["settings"]["shapes"] == [{"batch": 1, "time": 2, "features": 3, "units": 4}]


def test_pictures_are_added_to_what_is_already_there(tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    Report(Plan(), out=tmp_path).add("speed", {}, empty_figure(1, 1))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mine.txt", "speed.png"]


def test_nothing_is_written_where_nothing_is_asked_for(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Report(Plan()).add("speed", {}, empty_figure(1, 1))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("option", ["json", "out"])
def test_what_cannot_be_written_is_refused_before_anything_is_measured(tmp_path, option):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="file/x: nothing can be written here"):
        Report(Plan(), **{option: tmp_path / "file" / "x"})


def test_a_folder_is_no_file_for_json(tmp_path):
    with pytest.raises(InputError, match="this is a folder; give the path of a file"):
        Report(Plan(), json=tmp_path)


@pytest.mark.parametrize("width", [20, 24, 40, 80, 200])
def test_no_line_is_too_long_and_no_number_is_cut(width):
    lines = grid("What is set side by side here, in ms:", HEADS, ROWS, width=width)
    assert all(cell_len(line) <= width for line in lines)
    words = " ".join(lines).split()
    for name, cells in ROWS.items():
        assert set(cells) <= set(words) and set(name.split()) <= set(words)


@pytest.mark.parametrize("width", [1, 10, 19])
def test_a_terminal_too_narrow_for_words_still_gets_every_number(width):
    words = " ".join(grid("Title:", HEADS, ROWS, width=width)).split()
    assert {cell for cells in ROWS.values() for cell in cells} <= set(words)


def test_columns_line_up():
    _, above, header, *rows = grid("Title:", HEADS, ROWS, width=80)
    assert len({cell_len(line) for line in (header, *rows)}) == 1
    assert above.split() == ["nlpkit", "Keras"]


def test_long_words_stay_whole():
    assert paragraph("short " + "x" * 60, width=30) == ["short", "x" * 60]
