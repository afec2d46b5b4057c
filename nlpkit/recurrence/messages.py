"""What `layer.runs_on` says: the kernel of each device, and why those ahead of it do not run."""

from typing import Any

from nlpkit.cells import Cell
from nlpkit.recurrence import kernels
from nlpkit.recurrence.case import Case

__all__ = ["of_layer"]


def of_layer(cell: Cell, **known: Any) -> str:
    """What will run where.

    Args:
        cell: The cell, with its options.
        **known: What is known of its calls, in training too: attributes of a `Case`, by name.

    Returns:
        A sentence for each device.
    """
    case = Case(cell, **known)
    cases = {
        "On a CPU": ("CPU", case),
        "On a CPU from an exported model": ("CPU", case._replace(saved=True)),
        "On a GPU": ("GPU", case),
        "On a TPU, and under jit_compile=True": (kernels.OTHER, case),
    }
    return " ".join(_sentence(where, *of) for where, of in cases.items())


def _sentence(where, device, case):
    """One device: the kernel that runs, and the reasons of those before it."""
    kernel, reasons = kernels.choose(case, kernels.KERNELS[device])
    why = "; ".join(f"not {k.partition(',')[0]}, since {reason}" for k, reason in reasons.items())
    return f"{where}: {kernel.description}{f' ({why})' if why else ''}."
