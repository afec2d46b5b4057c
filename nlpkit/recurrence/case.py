"""What is known of a call when its graph is traced, by which a kernel is chosen."""

from typing import NamedTuple

from nlpkit.cells import Cell
from nlpkit.recurrence.operands import Operands

__all__ = ["Case"]


class Case(NamedTuple):
    """One call of a cell along time, as far as it is known beforehand.

    Attributes:
        cell: The cell, with its options.
        dtype: The name of the type that it computes in.
        sequences: Of how many states every step is wanted.
        kernel: Whether the inputs are still to be multiplied by the kernel.
        state_dropout: Whether the state has dropout or zoneout.
        masked: Whether there is a mask.
        time: The number of steps, where it is known.
        saved: Whether the graph is for an artefact, which must not need XLA.
        zoneout: Whether the state has zoneout.
        off: The layer's arguments that turn kernels off: "use_cudnn", "native".
    """

    cell: Cell
    dtype: str = "float32"
    sequences: int = 1
    kernel: bool = True
    state_dropout: bool = False
    masked: bool = False
    time: int | None = None
    saved: bool = False
    zoneout: bool = False
    off: tuple[str, ...] = ()

    @classmethod
    def of(
        cls,
        cell: Cell,
        operands: Operands,
        sequences: int,
        *,
        saved: bool,
        off: tuple[str, ...] = (),
    ) -> "Case":
        """The case of operands."""
        return cls(
            cell,
            operands.inputs.dtype.name,
            sequences,
            operands.kernel(cell) is not None,
            operands.dropout is not None or operands.zoneout is not None,
            operands.mask is not None,
            operands.inputs.shape[1],
            saved,
            operands.zoneout is not None,
            off,
        )
