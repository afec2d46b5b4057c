import json

import pytest

from nlpkit.compare import Plan, load, scan
from nlpkit.reports.pictures import png

BENCHMARK = load("scan")
TIMING = {"median_ms": 2.0, "low_ms": 1.0, "high_ms": 3.0}


def _timed_all(**medians):
    timings = {name: {**TIMING, "median_ms": medians.get(name, 2.0)} for name in scan._KERNELS}
    ratios = {name: timing["median_ms"] / 2.0 for name, timing in timings.items()}
    return {"contestants": timings, "ratios": ratios}


@pytest.mark.slow
def test_every_kernel_runs_the_cells_that_have_a_scan():
    results = BENCHMARK.measure(Plan(quick=True, rounds=2), lambda words: None)
    linear = [name for name, member in scan.FAMILY.items() if member.cell.scan is not None]
    assert list(results["cells"]) == linear
    for operations in results["cells"].values():
        for timed in operations.values():
            assert list(timed["contestants"]) == ["scan", "compiled loop", "loop"]


@pytest.mark.parametrize("width", [20, 80])
def test_table_and_picture_are_drawn_from_the_json_alone(width):
    cells = {"min-gru": {"forward": _timed_all(loop=12.0), "training": _timed_all()}}
    results = json.loads(json.dumps({"shape": "1,40,3,4", "cells": cells}))
    words = " ".join(BENCHMARK.table(results, width)).split()
    assert {"12", "6.0", "1.0"} <= set(words)
    assert png(BENCHMARK.picture(results))[:4] == b"\x89PNG"


def test_without_such_a_cell_that_is_said():
    results = BENCHMARK.measure(Plan(quick=True, cells=("gru",)), lambda words: None)
    assert BENCHMARK.table(results, 80) == ["None of these cells has a scan."]
    assert png(BENCHMARK.picture(results))[:4] == b"\x89PNG"
