"""Cells that are linear in their only state, h' = a * h + b, where a and b do not depend on h."""

from collections.abc import Callable, Mapping
from typing import Any

from nlpkit.cells.cell import BIAS, GATE_ROLES, KERNEL, Cell, GateRole, State

__all__ = ["linear_cell"]


def linear_cell(
    name: str,
    gates: tuple[str, ...],
    scan: Callable[..., Any],
    *weights: Any,
    gate_roles: Mapping[str, GateRole] = GATE_ROLES,
    **options: Any,
) -> Cell:
    """A cell that is linear in its state, without a recurrent kernel, which keeps all its gates.

    Args:
        name: As `Cell.name`.
        gates: As `Cell.gates`.
        scan: As `Cell.scan`; the step follows from it.
        *weights: More weights than kernel and bias.
        gate_roles: As `Cell.gate_roles`, with its default.
        **options: As `Cell.options`.

    Returns:
        The cell.
    """

    def step(x, r, state, weights, **options):
        (h,) = state
        (a, b), kept = scan(x, weights, **options)
        return (a * h + b,), kept

    return Cell(
        name=name,
        gates=gates,
        gate_roles=gate_roles,
        states=(State(name="h"),),
        kept=gates,
        weights=(KERNEL, BIAS, *weights),
        options=options,
        step=step,
        scan=scan,
    )
