import json

import pytest

from nlpkit.compare import Plan, load
from nlpkit.reports.pictures import png

pytestmark = pytest.mark.slow

BENCHMARK = load("exported")


@pytest.fixture(scope="module")
def results():
    plan = Plan(quick=True, rounds=2, cells=("gru", "simple-rnn"))
    return BENCHMARK.measure(plan, lambda words: None)


def test_ours_and_keras_s_are_timed_at_every_batch(results):
    assert list(results["cells"]) == ["gru", "simple-rnn"]
    for one in results["cells"].values():
        assert {(each["batch"], each["longest"]) for each in one["batches"]} == {(1, 6), (3, 6)}
        for each in one["batches"]:
            assert list(each["contestants"]) == ["nlpkit", "keras"]
            medians = {name: one["median_ms"] for name, one in each["contestants"].items()}
            ratios = {name: median / medians["nlpkit"] for name, median in medians.items()}
            assert each["ratios"] == pytest.approx(ratios, rel=1e-3, abs=1e-4)
        assert set(one["geometric_means"]) == {"1", "3"}


def test_what_is_exported_has_no_xla(results):
    for one in results["cells"].values():
        assert not any("XLA" in words for words in one["ran"].values())


@pytest.mark.parametrize("width", [20, 80])
def test_table_and_picture_are_drawn_from_the_json_alone(results, width):
    again = json.loads(json.dumps(results))
    words = " ".join(" ".join(BENCHMARK.table(again, width)).split())
    assert "gru, exported" in words and "3×6" in words
    assert png(BENCHMARK.picture(again))[:4] == b"\x89PNG"


def test_the_conclusion_names_what_keras_takes_and_where_nothing_was_compared(results):
    one = results["cells"]["gru"]
    alone = {**one, "geometric_means": {"1": {"nlpkit": 1.0}}}
    both = {**one, "geometric_means": {"1": {"nlpkit": 1.0, "keras": 1.5}}}
    assert BENCHMARK.conclusion({"cells": {"slstm": alone, "gru": both}}) == (
        "Nothing was timed beside nlpkit's exported slstm. Compared with nlpkit's exported gru, "
        "Keras's takes 1.50 times as long at batch 1."
    )
