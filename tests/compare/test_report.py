import json
import os

import pytest

import nlpkit.compare.report
from nlpkit.compare import Plan, Report, Shape
from nlpkit.errors import InputError
from tests.browser import WIDTHS, needs_browser, opened, overflow

ROW = {"task": "adding", "title": "Adding <two> numbers", "cell": "lstm", "published": 74_000}
ROW |= {"limit": 100_000, "sequences": [20_000, None], "correct": [1.0, 0.5], "seconds": [9.0, 9.0]}
LONG_LAG = {"lag": 50, "seeds": [0, 1], "rows": [ROW]}
MEMORY = {"shape": "1,2,3,4", "cells": {"lstm": {"nlpkit": dict.fromkeys(
    ("start_mb", "steps_mb", "peak_mb"), 12.0)}}}  # fmt: skip


def _written(path):
    return json.loads(path.read_text(encoding="utf-8"))


def test_json_holds_machine_versions_settings_and_the_results_so_far(tmp_path, monkeypatch):
    file = tmp_path / "deep" / "all.json"
    plan = Plan(shapes=(Shape(1, 2, 3, 4),), seed=7, implementations=("keras",))
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1, 5})
    (tmp_path / "cpuinfo").write_text("processor : 0\nmodel name : A fast one\n")
    monkeypatch.setattr(nlpkit.compare.report, "_CPU_INFO", tmp_path / "cpuinfo")
    report = Report(plan, json=file)
    report.add("parity", plan, {"worst": []})
    first = _written(file)
    assert first["parity"] == {"worst": []} and "speed" not in first
    report.add("speed", plan, {"shapes": []})
    assert _written(file) == {**first, "speed": {"shapes": []}}
    assert first["machine"]["cores"] == 3
    assert first["machine"]["processor"] == "A fast one"
    assert {"tensorflow", "keras", "python", "numpy"} <= first["versions"].keys()
    assert first["settings"]["seed"] == 7
    assert first["settings"]["contestants"] == ["keras"]
    assert "implementations" not in first["settings"]
    assert first["settings"]["shapes"] == [{"batch": 1, "time": 2, "features": 3, "units": 4}]


def test_json_holds_the_settings_that_a_budget_chose_for_each_benchmark(tmp_path):
    file = tmp_path / "all.json"
    report = Report(Plan(lag=100), json=file)
    report.add("parity", Plan(lag=100), {})
    assert "settings_by_benchmark" not in _written(file)
    report.add("gradients", Plan(lag=30), {})
    settings = _written(file)["settings_by_benchmark"]
    assert list(settings) == ["gradients"] and settings["gradients"]["lag"] == 30


def test_pictures_are_added_to_what_is_already_there(tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    Report(Plan(), out=tmp_path).add("long-lag", Plan(), LONG_LAG)
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == ["compare.html", "long-lag.png", "mine.txt"]


def test_nothing_is_written_where_nothing_is_asked_for(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Report(Plan()).add("long-lag", Plan(), LONG_LAG)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("option", ["json", "out"])
def test_what_cannot_be_written_is_refused_before_anything_is_measured(tmp_path, option):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="file/x: nothing can be written here"):
        Report(Plan(), **{option: tmp_path / "file" / "x"})


def test_a_folder_is_no_file_for_json(tmp_path):
    with pytest.raises(InputError, match="this is a folder; give the path of a file"):
        Report(Plan(), json=tmp_path)


def test_a_file_is_no_folder_for_pictures(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="file: this is a file; give the path of a folder"):
        Report(Plan(), out=tmp_path / "file")


@needs_browser
@pytest.mark.parametrize("width", WIDTHS.values(), ids=WIDTHS.keys())
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_the_page_shows_every_section_of_the_run(tmp_path, width, dark):
    report = Report(Plan(), out=tmp_path)
    plan = Plan(lag=50, seeds=2)
    report.add("long-lag", plan, LONG_LAG)
    report.add("memory", Plan.of(quick=True), MEMORY)
    with opened(tmp_path / "compare.html", width=width, dark=dark) as page:
        assert overflow(page) <= 0
        assert page.locator("nav a").all_inner_texts() == ["Long lags", "Memory"]
        assert page.locator("h2").all_inner_texts() == ["Long lags", "Memory"]
        assert page.locator("pre").all_inner_texts() == [
            plan.command("long-lag"), "nlpkit compare memory --quick"]  # fmt: skip
        assert "1 of 2" in page.locator("#long-lag td").all_inner_texts()
        conclusion = page.locator("#long-lag .conclusion").inner_text()
        assert "adding was solved in 1 of 2 trainings by lstm" in conclusion
        for picture in page.locator("img").all():
            assert picture.evaluate("image => image.naturalWidth") > 100
            assert len(picture.get_attribute("alt")) > 20
        assert page.locator("text=the numbers mean nothing").count() == 1


def test_the_page_is_small_and_asks_for_nothing(tmp_path):
    Report(Plan(), out=tmp_path).add("long-lag", Plan(), LONG_LAG)
    page = (tmp_path / "compare.html").read_text(encoding="utf-8")
    assert len(page) < 300_000 and "http:" not in page and "https:" not in page
    assert 'href="#long-lag"' in page
