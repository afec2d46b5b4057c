"""What a run says of itself."""

import subprocess
import sys

import numpy as np
import pytest

from nlpkit import run

TELL = "from nlpkit import run; print(run.memory_mb(), run.peak_memory_mb())"


def test_the_peak_is_of_this_process_and_not_of_the_one_that_started_it():
    held = np.ones(50_000_000)  # 400 MB
    child = subprocess.run([sys.executable, "-c", TELL], capture_output=True, encoding="utf-8")
    now, peak = map(float, child.stdout.split())
    assert 0 < now <= peak < 300 < held.nbytes / 1e6 < run.peak_memory_mb()


@pytest.mark.parametrize("content", [None, "Name: python\n"])
def test_where_the_system_keeps_no_status_the_peak_is_still_told(monkeypatch, tmp_path, content):
    status = tmp_path / "status"
    if content is not None:
        status.write_text(content)
    monkeypatch.setattr(run, "_STATUS", status)
    assert run.memory_mb() == run.peak_memory_mb() > 1
