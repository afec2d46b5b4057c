"""The page on migration runs as printed."""

import importlib.util
import re
from pathlib import Path

import numpy as np
import pytest

PAGE = Path(__file__).parents[3] / "docs" / "migration.md"
BLOCKS = re.findall(r"^```python\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.S | re.M)


def state():
    """What torch's block of the page saves, where there is no torch."""
    names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    shapes = {0: ((64, 8), (64, 16), (64,), (64,)), 1: ((64, 16), (64, 16), (64,), (64,))}
    return {
        f"{name}_l{level}": np.zeros(shape, "float32")
        for level in shapes
        for name, shape in zip(names, shapes[level], strict=True)
    }


def test_the_page_has_its_examples():
    assert len(BLOCKS) == 5


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block.splitlines()[-1].split(" ")[0])
def test_an_example_of_the_page_runs_as_printed(block, tmp_path, monkeypatch):
    if "import torch" in block and importlib.util.find_spec("torch") is None:
        pytest.skip("torch is not installed")
    monkeypatch.chdir(tmp_path)
    np.savez("reader.npz", **state())
    exec(compile(block, PAGE.name, "exec"), {})
