"""What LSTMs have in common: a memory c that is shown through an output gate, h = o * tanh(c).

A page of such a cell has the equations of its gates and of c', and their local derivatives. With
these the step back is the same for all, d being the derivative of the loss:

    (1)  dc' += dh' * k_local                      by way of h' = o * tanh(c')
    (2)  dz = [dc', …, dc', dh'] * z_local         the output gate has the last columns
    (3)  dc = dc' * c_local                        1 where the memory is kept whole
"""

import functools
from collections.abc import Callable
from typing import Any

from keras import ops

from nlpkit.cells.cell import Cell, Derivative, State
from nlpkit.cells.gates import SIGMOID_AND_TANH

__all__ = ["OPTIONS", "STATES", "clip", "memory_cell"]

STATES = (State(name="h"), State(name="c"))
"""The output state and the memory."""

OPTIONS = {**SIGMOID_AND_TANH, "cell_clip": None}
"""`activation` of candidate and memory, `recurrent_activation` of the gates, the bound of c."""


def clip(c: Any, bound: float | None) -> Any:
    """A cell state within bounds.

    Args:
        c: Any tensor.
        bound: The largest size of an entry; or None, and there is no bound.

    Returns:
        A tensor of its shape.
    """
    return c if bound is None else ops.clip(c, -bound, bound)


def memory_cell(
    name: str,
    gates: tuple[str, ...],
    step: Callable[..., Any],
    local: Callable[..., tuple[Any, ...]],
    *,
    read_by_step: Callable[..., dict[str, Any]] | None = None,
    **more: Any,
) -> Cell:
    """A cell with a memory and a derivative by hand, which keeps all its gates.

    Args:
        name: As `Cell.name`.
        gates: As `Cell.gates`; o is the last.
        step: As `Cell.step`.
        local: As `Derivative.local`: z_local, k_local and, unless it is 1, c_local.
        read_by_step: As `Derivative.weights`. Default: the step reads none.
        **more: Other fields of the `Cell`.

    Returns:
        The cell.
    """
    derivative = Derivative(
        options=OPTIONS,
        local=local,
        adjoint=functools.partial(_adjoint, len(gates)),
        weights=read_by_step,
        adds_projections=True,
    )
    return Cell(
        name=name,
        gates=gates,
        states=STATES,
        kept=gates,
        options=OPTIONS,
        step=step,
        derivative=derivative,
        **more,
    )


def _adjoint(gates, local, dstate, weights):
    """One step back; h acts by way of r alone, so that its own derivative is zero."""
    z_local, k_local, *c_local = local
    dh, dc = dstate
    dc = dc + dh * k_local  # (1)
    dz = ops.concatenate([*[dc] * (gates - 1), dh], axis=-1) * z_local  # (2)
    for each in c_local:
        dc = dc * each  # (3)
    return dz, dz, (ops.zeros_like(dh), dc)
