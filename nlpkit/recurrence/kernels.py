"""The kernels: for each device one ordered table, of which the first that can runs.

    device              in the process that built the layer      in a SavedModel
    CPU                 SCAN, NATIVE, COMPILED,                  the same without NATIVE and
                        BLOCK_LSTM, PACKED                       COMPILED
    GPU                 SCAN, CUDNN                              the same
    any other, and      SCAN, LOOP, which XLA compiles with      the same
    jit_compile=True    the rest of the graph

The device is chosen when the graph runs, everything else when it is traced. A process traces the
branches of its own devices, an artefact those of all devices. A SavedModel must not need ops of
ours, nor XLA, which TensorFlow Serving leaves out for CPUs by default. Saving traces the graph
anew, so save the `tf.function`: a concrete function was traced earlier, for this process, and
`nlpkit verify` refuses it.

A new kernel is a module with `refusal`, `forward`, `backward` and `empty`, and a row here.
"""

import functools
from collections.abc import Callable
from typing import Any, NamedTuple

import tensorflow as tf

from nlpkit.recurrence import compiled, packed, scan, sequence, tracers
from nlpkit.recurrence.case import Case
from nlpkit.recurrence.native import block_lstm, cudnn
from nlpkit.recurrence.native.cpu import kernel as native
from nlpkit.recurrence.operands import Tensors

__all__ = [
    "BLOCK_LSTM",
    "COMPILED",
    "CUDNN",
    "KERNELS",
    "LOOP",
    "NATIVE",
    "OTHER",
    "PACKED",
    "SCAN",
    "Kernel",
    "by_device",
    "choose",
    "chosen_by_device",
    "devices_of_a_call",
]


def _never(case: Case) -> None:
    """Refuses nothing."""


class Kernel(NamedTuple):
    """One way to run a recurrence forward and back.

    Attributes:
        description: What it is, as a message names it.
        forward: As `nlpkit.recurrence.sequence.forward`.
        backward: As `nlpkit.recurrence.sequence.backward`.
        empty: As `nlpkit.recurrence.sequence.empty`.
        cells: The names of the cells that it serves. Default: all.
        refusal: `refusal(case)` gives a reason why it cannot run a case, or None.
        option: The argument of a layer that turns it off by `False`. Default: there is none.
    """

    description: str
    forward: Callable[..., Any]
    backward: Callable[..., Any] = sequence.backward
    empty: Callable[..., Tensors] = sequence.empty
    cells: tuple[str, ...] | None = None
    refusal: Callable[[Case], str | None] = _never
    option: str | None = None

    def why_not(self, case: Case) -> str | None:
        """Why it does not run a case, or None if it does."""
        if self.cells is not None and case.cell.name not in self.cells:
            return f"it has no {case.cell.name}"
        if self.option in case.off:
            return f"`{self.option}` is False"
        return self.refusal(case)


def _no_xla(case: Case) -> str | None:
    """Why XLA cannot be used, or None."""
    if case.saved:
        return "an exported model must run without XLA"
    if not case.masked and case.time is not None and case.time <= packed.SHORT:
        return "calling the compiled kernel would cost more than running so few steps"
    return None


SCAN = Kernel(
    "a parallel scan over time",
    scan.forward,
    scan.backward,
    scan.empty,
    refusal=scan.refusal,
)
NATIVE = Kernel(
    native.description(),
    native.forward,
    native.backward,
    native.empty,
    cells=native.CELLS,
    refusal=native.refusal,
    option="native",
)
COMPILED = Kernel(
    "a loop compiled by XLA, with rows for each core",
    compiled.forward,
    compiled.backward,
    compiled.empty,
    refusal=_no_xla,
)
BLOCK_LSTM = Kernel(
    f"TensorFlow's BlockLSTM for {packed.FEW_ROWS} rows or fewer, "
    "else a loop of TensorFlow ops over the rows that are still going on",
    block_lstm.forward,
    cells=("lstm",),
    refusal=block_lstm.refusal,
)
PACKED = Kernel("a loop of TensorFlow ops over the rows that are still going on", packed.forward)
CUDNN = Kernel(
    "cuDNN, where the valid steps of every row are contiguous; else a loop of TensorFlow ops",
    cudnn.forward,
    cudnn.backward,
    cudnn.empty,
    cells=("lstm", "gru", "simple-rnn"),
    refusal=cudnn.refusal,
    option="use_cudnn",
)
LOOP = Kernel("a loop of TensorFlow ops", sequence.forward)

OTHER = "any other device, and under jit_compile=True"
KERNELS = {
    "CPU": (SCAN, NATIVE, COMPILED, BLOCK_LSTM, PACKED),
    "GPU": (SCAN, CUDNN, LOOP),
    OTHER: (SCAN, LOOP),
}
"""Kernels by device, the fastest first."""


def choose(case: Case, kernels: tuple[Kernel, ...]) -> tuple[Kernel, dict[str, str]]:
    """The first kernel that can run a case.

    Args:
        case: The case.
        kernels: A row of `KERNELS`.

    Returns:
        The kernel, and the reasons of those before it, by their descriptions.
    """
    reasons: dict[str, str] = {}
    for kernel in kernels:
        if (reason := kernel.why_not(case)) is None:
            return kernel, reasons
        reasons[kernel.description] = reason
    raise AssertionError(f"no kernel runs {case}: each table must end with one that runs all")


def devices_of_a_call(*, saved: bool = False) -> tuple[str, ...]:
    """The devices that may run what is called now.

    Args:
        saved: Whether the graph is for an artefact. Default: `False`.

    Returns:
        Keys of `KERNELS`. All for an artefact; else what this process has, and `OTHER` unless there
        are only CPUs and nothing may compile the graph.
    """
    if saved:
        return tuple(KERNELS)
    there = {device.device_type for device in tf.config.list_logical_devices()}
    named = tuple(device for device in KERNELS if device in there)
    uncompiled = tf.executing_eagerly() or not tracers.compilable()
    return named if uncompiled and there == {"CPU"} else (*named, OTHER)


def by_device(case: Case, *, devices: tuple[str, ...] = tuple(KERNELS)) -> dict[str, Kernel]:
    """The kernel of each device.

    Args:
        case: The case.
        devices: Which there are. Default: all of `KERNELS`.

    Returns:
        Kernels by device.
    """
    return {device: choose(case, KERNELS[device])[0] for device in devices}


def chosen_by_device(kernels: dict[str, Kernel], run: Callable[[Kernel], Any]) -> Any:
    """Lays out a branch for each device, of which each device runs its own.

    Args:
        kernels: As `by_device` gives them.
        run: From a kernel to tensors, of one structure for all. Every size that it needs it must
            take itself: one that is taken outside is an argument of the branch, and no constant
            for XLA where a loaded signature is compiled.

    Returns:
        What `run` gives. Nothing may be differentiated through it: that ends TensorFlow 2.21 with
        a segmentation fault.
    """
    *_, default = kernels.values()  # where there is more than one, that of `OTHER`
    branches = {
        device: functools.partial(run, kernel)
        for device, kernel in kernels.items()
        if kernel is not default
    }
    if not branches:
        return run(default)
    return tf.__internal__.execute_fn_for_device(branches, functools.partial(run, default))
