"""What runs the loop over time: functions of tensors alone, which XLA may compile."""

from collections.abc import Callable
from typing import NamedTuple

from nlpkit.recurrence import loop
from nlpkit.recurrence.operands import RecurrentProduct

__all__ = ["PLAIN", "Engine", "run_backward", "run_forward"]


class Engine(NamedTuple):
    """How the loop over time is run.

    Attributes:
        forward: As `run_forward`.
        backward: As `run_backward`.
        steps: From T and B, as far as they are known, to the number of steps of a window; or None
            for one window of all steps.
    """

    forward: Callable
    backward: Callable
    steps: Callable[[int | None, int | None], int | None]


def run_forward(
    cell,
    sequences,
    kept,
    x,
    first,
    state,
    kernel,
    weights,
    mask,
    zoneout,
    dropout,
    *,
    compiled=False,
):
    """`nlpkit.recurrence.loop.forward` of tensors alone."""
    return loop.forward(
        cell,
        x,
        RecurrentProduct(cell, kernel, dropout),
        state,
        weights,
        mask=mask,
        zoneout=zoneout,
        first=first,
        sequences=sequences,
        kept=kept,
        compiled=compiled,
    )


def run_backward(
    cell,
    given,
    states,
    first,
    start,
    dstate,
    dy,
    kernel,
    transposed,
    weights,
    mask,
    zoneout,
    dropout,
):
    """`nlpkit.recurrence.loop.backward` of tensors alone."""
    return loop.backward(
        cell,
        given,
        loop.before(states, start, first),
        RecurrentProduct(cell, kernel, dropout, transposed),
        dstate,
        weights,
        dy=dy,
        mask=mask,
        zoneout=zoneout,
        first=first,
    )


PLAIN = Engine(run_forward, run_backward, lambda time, rows: None)
"""The loop as TensorFlow runs it, everywhere."""
