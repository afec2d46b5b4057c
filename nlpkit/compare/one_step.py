"""A program: some training steps of one contestant, and the memory that they took.

    python -m nlpkit.compare.one_step keras lstm 64,200,128,128 0

`nlpkit compare memory` runs it once for each contestant.
"""

import json
import os
import re
import sys
from pathlib import Path

from nlpkit.compare.contestants import CONTESTANTS
from nlpkit.compare.shapes import Shape
from nlpkit.compare.task import Task

_STEPS = 5


def main(name: str, cell: str, shape: str, seed: str) -> None:
    """Prints `start_mb`, what the process held before the first step, and `peak_mb`."""
    # Before Keras is imported, so that beside torch there is no TensorFlow.
    os.environ["KERAS_BACKEND"] = CONTESTANTS[name].needs
    peer = CONTESTANTS[name].peer(Task(Shape.parse(shape), int(seed), cell))
    step = peer.training(masked=False)
    start = _held("VmRSS")
    for _ in range(_STEPS):
        step()
    print(json.dumps({"start_mb": start, "peak_mb": _held("VmHWM")}))


def _held(name: str) -> float:
    """What Linux says of this process, 10⁶ bytes. Its getrusage counts the parent's memory too."""
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    return round(int(re.search(rf"^{name}:\s+(\d+) kB$", status, re.MULTILINE)[1]) * 1024 / 1e6, 1)


if __name__ == "__main__":
    main(*sys.argv[1:])
