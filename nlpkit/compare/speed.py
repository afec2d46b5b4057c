"""How long a forward pass, a gradient, a step of `fit` and a step of decoding take.

For each shape and operation the contestants are timed in turns. Those that compute the same
function must give the same numbers, or the comparison ends. The floor is what the matrix products
of an LSTM would take at the rate that this machine reaches in a large one, measured anew at each
shape.
"""

import dataclasses
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np

from nlpkit.compare.contestants import CONTESTANTS, OURS, Contestant, present, require_tensorflow
from nlpkit.compare.floor import floor_ms, gflops
from nlpkit.compare.shapes import Shape
from nlpkit.compare.speed_picture import picture
from nlpkit.compare.speed_table import table
from nlpkit.compare.subject import Plan, Subject
from nlpkit.compare.task import Task
from nlpkit.compare.timing import race

__all__ = ["OPERATIONS", "SUBJECT"]

_SECONDS = 3.0  # for the rounds of one operation at one shape
_SAME = 1e-4  # of outputs below 1: above what 200 steps round off, below what a mistake would do

OPERATIONS = {
    "forward": ("forward", {"masked": False}),
    "forward, masked": ("forward", {"masked": True}),
    "training": ("training", {"masked": False}),
    "training, masked": ("training", {"masked": True}),
    "fit": ("fit", {"masked": False}),
    "fit, masked": ("fit", {"masked": True}),
    "decode": ("decode", {}),
}
"""What is timed: the method of `KerasPeer`, and its arguments."""


def measure(plan: Plan, say: Callable[[str], None]) -> dict[str, Any]:
    """Times everybody at everything; see `Subject`."""
    everybody, ran, shapes = present(plan.contestants), {}, []
    for shape in plan.shapes:
        rate, task, operations = gflops(), Task(shape, plan.seed), {}
        for operation in OPERATIONS:
            found = _raced(operation, task, everybody, plan, ran)
            floor = floor_ms(shape, OPERATIONS[operation][0], rate)
            operations[operation] = {"floor_ms": floor, **found}
            medians = {name: one["median_ms"] for name, one in found["contestants"].items()}
            said = ", ".join(f"{name} {median:.4g}" for name, median in medians.items())
            say(f"speed: {shape} {operation}: {said} ms")
        shapes.append({"shape": str(shape), "gflops": rate, "operations": operations})
    return {
        "shape": "batch,time,features,units",
        "units": "milliseconds; ratios are the contestant's median over nlpkit's",
        "mask": "padding on the right, lengths drawn evenly from T/2 to T",
        "absent": sorted(CONTESTANTS.keys() - present().keys()),
        "says": _says(everybody.values(), Task(plan.shapes[0])),
        "ran": ran,
        "shapes": shapes,
        "geometric_means": {name: _mean_ratios(shapes, name) for name in OPERATIONS},
    }


def _raced(
    operation: str,
    task: Task,
    everybody: Mapping[str, Contestant],
    plan: Plan,
    ran: dict[str, dict[str, str]],
) -> dict[str, Any]:
    """Times one operation at one shape; notes in `ran` what ran."""
    method, options = OPERATIONS[operation]
    entrants = {
        name: contestant
        for name, contestant in everybody.items()
        if contestant.masks or not options.get("masked")
    }
    peers = {name: contestant.peer(task) for name, contestant in entrants.items()}
    calls = {name: getattr(peer, method)(**options) for name, peer in peers.items()}
    timings = race(calls, rounds=plan.rounds, seconds=_SECONDS, seed=plan.seed)
    if method == "forward":
        _require_same(calls, entrants, task.shape)
    for name, peer in peers.items():
        ran.setdefault(name, {})[operation] = peer.ran[method]
    ours = timings[OURS].median_ms
    return {
        "contestants": {name: dataclasses.asdict(timing) for name, timing in timings.items()},
        "ratios": {name: round(timing.median_ms / ours, 4) for name, timing in timings.items()},
    }


def _require_same(
    calls: Mapping[str, Callable[[], Any]], entrants: Mapping[str, Contestant], shape: Shape
) -> None:
    """Insists that equal functions with equal weights give equal outputs."""
    expected = np.asarray(calls[OURS]())
    for name, contestant in entrants.items():
        if name != OURS and contestant.function == entrants[OURS].function:
            error = float(np.max(np.abs(np.asarray(calls[name]()) - expected)))
            if not error <= _SAME:
                raise RuntimeError(
                    f"at {shape}, {name} and {OURS} are off by {error:.1e} with equal weights, "
                    "so that their times mean nothing."
                )


def _says(everybody: Iterable[Contestant], task: Task) -> dict[str, str]:
    """What the layers say of themselves, by name; most say nothing."""
    words = {contestant.name: contestant.peer(task).says for contestant in everybody}
    return {name: said for name, said in words.items() if said}


def _mean_ratios(shapes: list[dict[str, Any]], operation: str) -> dict[str, float]:
    """The geometric mean of each contestant's ratio over the shapes."""
    ratios = [shape["operations"][operation]["ratios"] for shape in shapes]
    return {
        name: round(float(np.exp(np.mean([np.log(each[name]) for each in ratios]))), 4)
        for name in ratios[0]
    }


SUBJECT = Subject(require=require_tensorflow, measure=measure, table=table, picture=picture)
