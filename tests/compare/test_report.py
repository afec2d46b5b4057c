import io
import json

import pytest

from nlpkit.compare import Plan, Report, Shape, terminal_width
from nlpkit.compare.drawing import figure
from nlpkit.errors import InputError


def _written(path):
    return json.loads(path.read_text(encoding="utf-8"))


def test_json_holds_machine_versions_settings_and_what_was_found_so_far(tmp_path):
    file = tmp_path / "deep" / "all.json"
    plan = Plan(shapes=(Shape(1, 2, 3, 4),), seed=7, implementations=("keras",))
    report = Report(plan, json=file)
    report.add("parity", {"worst": []}, figure(1, 1))
    first = _written(file)
    assert first["parity"] == {"worst": []} and "speed" not in first
    report.add("speed", {"shapes": []}, figure(1, 1))
    assert _written(file) == {**first, "speed": {"shapes": []}}
    assert first["machine"]["cores"] >= 1 and first["machine"]["processor"]
    assert {"tensorflow", "keras", "python", "numpy"} <= first["versions"].keys()
    assert first["settings"]["seed"] == 7
    assert first["settings"]["contestants"] == ["keras"]
    assert "implementations" not in first["settings"]
    assert first["settings"]["shapes"] == [{"batch": 1, "time": 2, "features": 3, "units": 4}]


def test_pictures_stand_beside_what_is_already_there(tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    Report(Plan(), out=tmp_path).add("speed", {}, figure(1, 1))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mine.txt", "speed.png"]


def test_nothing_is_written_where_nothing_is_asked_for(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Report(Plan()).add("speed", {}, figure(1, 1))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("place", ["json", "out"])
def test_what_cannot_be_written_is_refused_before_anything_is_measured(tmp_path, place):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="file/x: nothing can be written here"):
        Report(Plan(), **{place: tmp_path / "file" / "x"})


def test_a_folder_is_no_file_for_json(tmp_path):
    with pytest.raises(InputError, match="a file is to be written here, but this is a folder"):
        Report(Plan(), json=tmp_path)


def test_the_width_is_the_terminals_or_80(monkeypatch):
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    monkeypatch.setenv("COLUMNS", "33")
    assert (terminal_width(Terminal()), terminal_width(io.StringIO())) == (33, 80)
