import json

import numpy as np
import pytest

from nlpkit.compare import Plan, Shape, load, speed, timing
from nlpkit.compare.implementations import OURS, implementations_of
from nlpkit.compare.workload import Workload
from nlpkit.reports.pictures import png

pytestmark = pytest.mark.slow

BENCHMARK = load("speed")
CELLS = ("lstm", "gru-reset-before")


@pytest.fixture(scope="module")
def said():
    return []


@pytest.fixture(scope="module")
def results(said):
    plan = Plan(shapes=(Shape(2, 4, 3, 5), Shape(1, 3, 2, 2)), rounds=2, cells=CELLS)
    return BENCHMARK.measure(plan, said.append)


@pytest.mark.parametrize("cell", CELLS)
def test_every_implementation_is_timed_at_every_operation(results, cell):
    for shape in results["cells"][cell]["shapes"]:
        assert set(shape["operations"]) == set(speed.OPERATIONS)
        for operation, timed in shape["operations"].items():
            implementations = implementations_of(cell).items()
            expected = [n for n, one in implementations if one.masks or "masked" not in operation]
            assert list(timed["contestants"]) == expected
            method, options = speed.OPERATIONS[operation]
            workload = Workload(Shape.parse(shape["shape"]), cell=cell)
            floor = speed.floor_ms(workload, method, shape["gflops"], **options)
            assert timed["floor_ms"] == floor
            for one in timed["contestants"].values():
                assert one["rounds"] == 2


@pytest.mark.parametrize("cell", CELLS)
def test_ratios_and_their_means_follow_from_the_medians(results, cell):
    one = results["cells"][cell]
    for operation, means in one["geometric_means"].items():
        timed = [shape["operations"][operation] for shape in one["shapes"]]
        for name, mean in means.items():
            ratios = [
                each["contestants"][name]["median_ms"] / each["contestants"][OURS]["median_ms"]
                for each in timed
            ]
            assert [each["ratios"][name] for each in timed] == pytest.approx(
                ratios, rel=1e-3, abs=1e-4
            )
            assert mean == pytest.approx(np.prod(ratios) ** (1 / len(ratios)), rel=1e-2)


@pytest.mark.parametrize("cell", CELLS)
def test_what_ran_is_told_for_every_operation(results, cell):
    one = results["cells"][cell]
    for name in one["geometric_means"]["forward"]:
        told = {operation for operation, means in one["geometric_means"].items() if name in means}
        assert set(one["ran"][name]) == told
    assert "a while loop" in one["ran"]["keras"]["forward"]
    assert "a branch by device" in one["ran"]["nlpkit"]["training"]


def test_what_ours_says_of_itself_is_told_once(results):
    words = " ".join(" ".join(BENCHMARK.table(results, 80)).split())
    for one in results["cells"].values():
        assert list(one["says"]) == ["nlpkit"]
        assert words.count(one["says"]["nlpkit"]) == 1


def test_progress_tells_each_timing(results, said):
    assert len(said) == len(CELLS) * 2 * len(speed.OPERATIONS)
    assert said[0].startswith("speed: lstm 2,4,3,5 forward: nlpkit ")


@pytest.mark.parametrize("width", [20, 80])
def test_table_and_picture_are_drawn_from_the_json_alone(results, width):
    again = json.loads(json.dumps(results))
    lines = BENCHMARK.table(again, width)
    words = " ".join(" ".join(lines).split())
    for message in ("2,4,3,5", "floor", "share", "gru-reset-before: what ran:", "decode"):
        assert message in words
    assert max(map(len, lines)) <= max(width, 50)
    assert png(BENCHMARK.picture(again))[:4] == b"\x89PNG"


def test_times_of_different_numbers_are_refused(monkeypatch):
    monkeypatch.setattr(timing, "_SAME", -1.0)
    message = "lstm at 2,4,3,5: with equal weights .* and nlpkit differ by"
    with pytest.raises(RuntimeError, match=message):
        BENCHMARK.measure(Plan(shapes=(Shape(2, 4, 3, 5),), rounds=1), lambda message: None)


def test_the_conclusion_names_what_others_take_and_where_nothing_was_compared(results):
    one = results["cells"]["lstm"]
    alone = {**one, "geometric_means": {"training": {"nlpkit": 1.0}}}
    both = {**one, "geometric_means": {"training": {"nlpkit": 1.0, "keras": 2.0, "torch": 0.5}}}
    assert BENCHMARK.conclusion({"cells": {"slstm": alone, "lstm": both}}) == (
        "Nothing was timed beside nlpkit's slstm. Compared with nlpkit's lstm, outputs and "
        "gradients take 2.00 times as long with Keras and 0.50 times as long with torch "
        "(geometric means over the shapes)."
    )
