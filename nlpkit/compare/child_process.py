"""Measurements in separate processes, so that none affects the memory of another.

`run_module` starts such a process. This module is also the program that runs in it:

    python -m nlpkit.compare.child_process training-memory keras lstm 64,200,128,128 0
    python -m nlpkit.compare.child_process suggestion-latency MODEL "The quick brown"

Each prints its result as JSON.
"""

import dataclasses
import json
import os
import subprocess
import sys
from collections.abc import Callable
from typing import Any

from nlpkit.errors import InputError

__all__ = ["measure_in_child", "run_module", "suggestion_latency", "training_memory"]

_USAGE = 2  # exit status of a command whose input or usage is at fault
_STEPS = 5  # of training
_CALLS = 300  # of a suggestion


def run_module(module: str, *arguments: str) -> str:
    """Runs `python -m module` and waits for it; if this process is interrupted, so is the other.

    Args:
        module: The program.
        *arguments: Its command line.

    Returns:
        Its standard output.

    Raises:
        InputError: If it ended with status 2; the message is the program's own.
        RuntimeError: If it failed otherwise.

    Example:
        >>> import nlpkit
        >>> run_module("nlpkit", "--version").strip() == nlpkit.__version__
        True
    """
    # The child finds what this process can import, wherever it was found; and `-P` keeps it from
    # importing whatever else lies in the current folder.
    path = os.pathsep.join(map(os.path.abspath, sys.path))
    child = subprocess.run(
        [sys.executable, "-P", "-m", module, *arguments],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        env={**os.environ, "PYTHONPATH": path},
    )
    if child.returncode:
        *_, last = ["it said nothing.", *child.stderr.strip().splitlines()]
        message = last.removeprefix("nlpkit: ")
        if child.returncode == _USAGE:
            raise InputError(message)
        raise RuntimeError(
            f"`python -m {' '.join([module, *arguments])}` ended with status "
            f"{child.returncode}: {message}"
        )
    return child.stdout


def measure_in_child(measurement: str, *arguments: str) -> dict[str, Any]:
    """Runs one of the measurements of this module in a separate process.

    Args:
        measurement: "training-memory" or "suggestion-latency".
        *arguments: The arguments of the function of that name.

    Returns:
        The result of that function.
    """
    return json.loads(run_module("nlpkit.compare.child_process", measurement, *arguments))


def training_memory(name: str, cell: str, shape: str, seed: str) -> dict[str, float]:
    """Runs some training steps of one implementation.

    Args:
        name: A key of `IMPLEMENTATIONS`.
        cell: A key of `nlpkit.layers.FAMILY`.
        shape: A shape in the form that `Shape.parse` takes.
        seed: The seed of the workload.

    Returns:
        `start_mb`, the memory that the process held before the first step, and `peak_mb`.
    """
    from nlpkit.compare.implementations import IMPLEMENTATIONS
    from nlpkit.compare.workload import Shape, Workload
    from nlpkit.run import memory_mb, peak_memory_mb

    # Before Keras is imported: torch is measured without TensorFlow in the process.
    os.environ["KERAS_BACKEND"] = IMPLEMENTATIONS[name].needs
    workload = Workload(Shape.parse(shape), int(seed), cell)
    step = IMPLEMENTATIONS[name].adapter(workload).training(masked=False)
    start = memory_mb()
    for _ in range(_STEPS):
        step()
    return {"start_mb": start, "peak_mb": peak_memory_mb()}


def suggestion_latency(directory: str, prompt: str) -> dict[str, Any]:
    """Times the suggestions of a language model on one core.

    Args:
        directory: The SavedModel.
        prompt: The text to continue.

    Returns:
        The fields of a `Timing` of `serving_default`.
    """
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    import tensorflow as tf  # after it, so that its thread pools have one thread

    from nlpkit.compare.timing import time_interleaved

    loaded = tf.saved_model.load(directory)
    suggest, text = loaded.signatures["serving_default"], tf.constant([prompt])
    calls = {"suggest": lambda: suggest(text=text)["words"].numpy()}
    timing = time_interleaved(calls, rounds=_CALLS, seconds=10.0)["suggest"]
    return dataclasses.asdict(timing)


if __name__ == "__main__":
    measurements: dict[str, Callable[..., Any]] = {
        "training-memory": training_memory,
        "suggestion-latency": suggestion_latency,
    }
    print(json.dumps(measurements[sys.argv[1]](*sys.argv[2:])))
