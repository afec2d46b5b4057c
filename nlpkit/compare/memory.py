"""How much memory training steps take, each contestant in a process of its own.

The step is `training` of `speed`: all outputs, and gradients by inputs and weights. What a process
holds before the first step are its libraries, the weights and the batch; what the steps add are
above all the activations that the way back reads again, and what tracing and compiling need.
"""

import json
from collections.abc import Callable
from typing import Any

from matplotlib.figure import Figure

from nlpkit.compare.children import ask
from nlpkit.compare.contestants import CONTESTANTS, present, require_tensorflow
from nlpkit.compare.drawing import figure
from nlpkit.compare.shapes import Shape
from nlpkit.compare.subject import Plan, Subject
from nlpkit.compare.table import grid

__all__ = ["SUBJECT"]

_SHAPE = Shape(64, 200, 128, 128)


def measure(plan: Plan, say: Callable[[str], None]) -> dict[str, Any]:
    """Runs a process for each contestant; see `Subject`."""
    shape = _SHAPE if _SHAPE in plan.shapes else plan.shapes[0]
    contestants = {}
    for name in present(plan.contestants):
        held = json.loads(ask("nlpkit.compare.one_step", name, str(shape), str(plan.seed)))
        contestants[name] = {**held, "steps_mb": round(held["peak_mb"] - held["start_mb"], 1)}
        say(f"memory: {name} {contestants[name]['steps_mb']:.0f} MB above the start")
    return {"units": "10⁶ bytes", "shape": str(shape), "contestants": contestants}


def table(found: dict[str, Any], width: int) -> list[str]:
    """Start, peak and difference; see `Subject`."""
    rows = {
        " ".join(CONTESTANTS[name].title): [
            f"{held[key]:,.0f}" for key in ("start_mb", "steps_mb", "peak_mb")
        ]
        for name, held in found["contestants"].items()
    }
    title = f"Memory of training steps at {found['shape']} (batch,time,features,units), MB:"
    heads = [("before", "the steps"), ("added", "by them"), ("", "peak")]
    return grid(title, heads, rows, width=width)


def picture(found: dict[str, Any]) -> Figure:
    """A bar for each contestant; see `Subject`."""
    drawn = figure(6.0, 3.5)
    axes = drawn.subplots()
    for name, held in found["contestants"].items():
        axes.barh(name, held["start_mb"], color="lightgrey")
        axes.barh(name, held["steps_mb"], left=held["start_mb"], color=CONTESTANTS[name].colour)
    axes.invert_yaxis()
    axes.set(title=f"Training steps at {found['shape']}", xlabel="MB; grey: before the first step")
    return drawn


SUBJECT = Subject(require=require_tensorflow, measure=measure, table=table, picture=picture)
