import json

import pytest

from nlpkit.compare import Plan, load
from nlpkit.evaluation.pictures import png

BENCHMARK = load("generation")
WAYS = ["generate", "step", "step, XLA", "predict"]


@pytest.mark.slow
def test_every_way_writes_and_a_suggestion_is_timed():
    said = []
    found = BENCHMARK.measure(Plan(quick=True, rounds=2), said.append)
    assert list(found["ways"]) == WAYS
    for speed in found["ways"].values():
        assert 0 < speed["low"] <= speed["words_per_second"] <= speed["high"]
    assert 0 < found["suggestion_ms"]["median_ms"]
    assert len(said) == 2 + len(WAYS)


def test_the_table_says_how_many_times_as_slow_the_others_are():
    speed = {"low": 90.0, "high": 110.0, "rounds": 3}
    ways = {way: {"words_per_second": 400.0 / 2**n, **speed} for n, way in enumerate(WAYS)}
    found = {
        "model": {"words": 10_000, "units": 256, "layers": 2, "parameters": 3_620_624},
        "ways": ways,
        "suggestion_ms": {"median_ms": 1.234, "low_ms": 1.2, "high_ms": 1.3},
    }
    for width in (20, 80):
        words = " ".join(BENCHMARK.table(json.loads(json.dumps(found)), width)).split()
        assert {"400", "200", "100", "50", "1.0", "2.0", "4.0", "8.0", "1.23", "10,000"} <= set(
            words
        )
    assert png(BENCHMARK.picture(found))[:4] == b"\x89PNG"
