"""A program: some training steps of one implementation, and the memory that they took.

    python -m nlpkit.compare.one_step keras lstm 64,200,128,128 0

`nlpkit compare memory` runs it once for each implementation.
"""

import json
import os
import sys

from nlpkit.compare.implementations import IMPLEMENTATIONS
from nlpkit.compare.workload import Shape, Workload
from nlpkit.run import memory_mb, peak_memory_mb

_STEPS = 5


def main(name: str, cell: str, shape: str, seed: str) -> None:
    """Prints `start_mb`, what the process held before the first step, and `peak_mb`."""
    # Before Keras is imported, so that beside torch there is no TensorFlow.
    os.environ["KERAS_BACKEND"] = IMPLEMENTATIONS[name].needs
    adapter = IMPLEMENTATIONS[name].adapter(Workload(Shape.parse(shape), int(seed), cell))
    step = adapter.training(masked=False)
    start = memory_mb()
    for _ in range(_STEPS):
        step()
    print(json.dumps({"start_mb": start, "peak_mb": peak_memory_mb()}))


if __name__ == "__main__":
    main(*sys.argv[1:])
