import dataclasses
import json

import pytest

from nlpkit.compare import Plan, generation, load
from nlpkit.compare.timing import Timing
from nlpkit.reports.pictures import png

BENCHMARK = load("generation")
TIMING = Timing(1.0, median_ms=50.0, low_ms=40.0, high_ms=100.0, rounds=3, calls=1)
WAYS = ["generate", "step", "step, XLA", "predict"]


@pytest.mark.slow
def test_every_way_runs_and_its_speed_follows_from_its_time(monkeypatch):
    said = []

    def time_interleaved(calls, **limits):
        for call in calls.values():
            call()
        return dict.fromkeys(calls, TIMING)

    monkeypatch.setattr(generation, "time_interleaved", time_interleaved)
    results = BENCHMARK.measure(Plan(quick=True, rounds=2), said.append)
    assert list(results["ways"]) == WAYS
    for way, words in zip(WAYS, (100, 100, 100, 5), strict=True):
        speed = {"words_per_second": words / 0.05, "low": words / 0.1, "high": words / 0.04}
        assert results["ways"][way] == {**speed, "rounds": 3}
    assert results["suggestion_ms"].keys() == dataclasses.asdict(TIMING).keys()
    assert len(said) == 2 + len(WAYS)


def test_the_table_says_how_many_times_as_slow_the_others_are():
    speed = {"low": 90.0, "high": 110.0, "rounds": 3}
    ways = {way: {"words_per_second": 400.0 / 2**n, **speed} for n, way in enumerate(WAYS)}
    results = {
        "model": {"words": 10_000, "units": 256, "layers": 2, "parameters": 3_620_624},
        "ways": ways,
        "suggestion_ms": {"median_ms": 1.234, "low_ms": 1.2, "high_ms": 1.3},
    }
    for width in (20, 80):
        words = " ".join(BENCHMARK.table(json.loads(json.dumps(results)), width)).split()
        assert {"400", "200", "100", "50", "1.0", "2.0", "4.0", "8.0", "1.23", "10,000"} <= set(
            words
        )
    assert png(BENCHMARK.picture(results))[:4] == b"\x89PNG"
