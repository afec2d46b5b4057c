import importlib.util
import json
import subprocess
import sys

import pytest

from nlpkit.compare import SHAPES, Plan, Shape, load, memory
from nlpkit.compare.implementations import implementations_of
from nlpkit.reports.pictures import png

BENCHMARK = load("memory")


def _measured(**plan):
    return BENCHMARK.measure(Plan(**plan), lambda words: None)


@pytest.mark.slow
def test_a_larger_batch_takes_more_memory():
    small, large = (
        _measured(shapes=(shape,), implementations=("nlpkit",))["cells"]["lstm"]["nlpkit"]
        for shape in (Shape(1, 2, 4, 4), Shape(64, 60, 64, 256))
    )
    assert 0 < small["start_mb"] < small["peak_mb"]
    # The outputs alone, which the way back reads again, are 4 MB.
    assert large["steps_mb"] > small["steps_mb"] + 4


@pytest.mark.slow
@pytest.mark.skipif(not importlib.util.find_spec("torch"), reason="torch is not installed")
def test_torch_is_measured_without_tensorflow_in_the_process():
    code = (
        "import sys; from nlpkit.compare.child_process import training_memory\n"
        "training_memory('torch', 'gru', '1,2,3,4', '0'); print('tensorflow' in sys.modules)"
    )
    child = subprocess.run([sys.executable, "-c", code], capture_output=True, encoding="utf-8")
    assert child.stdout.splitlines()[-1] == "False"


@pytest.mark.parametrize(
    ("shapes", "expected"), [(SHAPES, "64,200,128,128"), ((Shape(1, 2, 3, 4),), "1,2,3,4")]
)
def test_every_implementation_gets_a_process(monkeypatch, shapes, expected):
    asked = []

    def measure_in_child(*arguments):
        asked.append(arguments)
        return {"start_mb": 500.0, "peak_mb": 612.5}

    monkeypatch.setattr(memory, "measure_in_child", measure_in_child)
    cells = ("lstm", "gru-reset-before")
    results = _measured(shapes=shapes, seed=3, cells=cells)
    assert asked == [
        ("training-memory", name, cell, expected, "3")
        for cell in cells
        for name in implementations_of(cell)
    ]
    assert {one["steps_mb"] for cell in cells for one in results["cells"][cell].values()} == {112.5}
    for width in (20, 80):
        words = " ".join(BENCHMARK.table(json.loads(json.dumps(results)), width)).split()
        assert {"112", "500", "612"} <= set(words)
    assert png(BENCHMARK.picture(results))[:4] == b"\x89PNG"
