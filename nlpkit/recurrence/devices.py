"""Which implementation runs on which device; the graph itself chooses when it runs.

    device              in the process that built the layer      in a SavedModel
    CPU                 COMPILED: windows compiled by XLA        PACKED: rows still going on
    GPU                 CUDNN, and PORTABLE where it cannot      the same
    any other, and      PORTABLE: a loop of TensorFlow's ops,    the same
    jit_compile=True    which XLA compiles with what is around

A few steps without a mask, as in decoding, are PACKED in the process too: to call what XLA compiled
would take longer than they do. XLA has no place in a SavedModel: TensorFlow Serving does not bring
it for CPUs by default. What is saved is traced for it, so save the `tf.function`: a concrete
function was traced before, for this process, and `nlpkit verify` refuses it.
"""

import functools
from collections.abc import Callable
from typing import Any, NamedTuple

import tensorflow as tf
from tensorflow.python.saved_model import save_context

from nlpkit.cells import Cell
from nlpkit.recurrence import cudnn, packed, sequence, unrolled, xla
from nlpkit.recurrence.operands import Operands, Tensors

__all__ = [
    "COMPILED",
    "CUDNN",
    "PACKED",
    "PORTABLE",
    "Implementation",
    "chosen_by_device",
    "devices",
    "words",
]


class Implementation(NamedTuple):
    """One way to run a recurrence forward and back.

    Attributes:
        words: What it is, for people.
        forward: As `nlpkit.recurrence.sequence.forward`.
        backward: As `nlpkit.recurrence.sequence.backward`.
        empty: As `nlpkit.recurrence.sequence.empty`.
    """

    words: str
    forward: Callable[..., Any]
    backward: Callable[..., Any]
    empty: Callable[..., Tensors]


PORTABLE = Implementation(
    "a loop of TensorFlow ops", sequence.forward, sequence.backward, sequence.empty
)
PACKED = Implementation(
    "a loop of TensorFlow ops over the rows that are still going on",
    packed.forward,
    sequence.backward,
    sequence.empty,
)
COMPILED = Implementation(
    "a loop compiled by XLA, with rows for each core", xla.forward, xla.backward, xla.empty
)
CUDNN = Implementation("cuDNN", cudnn.forward, cudnn.backward, cudnn.empty)


def devices(cell: Cell, operands: Operands, *, use_cudnn: bool = True) -> dict[str, Implementation]:
    """The devices that have an implementation of their own; all others run `PORTABLE`.

    Args:
        cell: The cell.
        operands: What it works on.
        use_cudnn: Whether cuDNN may be one of them. Default: `True`.

    Returns:
        For the graph that is being traced: implementations by the name of their device.
    """
    without_xla = save_context.in_save_context() or unrolled.is_short(operands)
    chosen = {"CPU": PACKED if without_xla else COMPILED}
    if use_cudnn and cudnn.serves(cell, operands):
        chosen["GPU"] = CUDNN
    return chosen


def saved_without_gradients() -> bool:
    """Whether this graph is being saved by `SaveOptions(experimental_custom_gradients=False)`."""
    options = save_context.get_save_options() if save_context.in_save_context() else None
    return options is not None and not options.experimental_custom_gradients


def words(cell: Cell, *, use_cudnn: bool = True) -> str:
    """What will run where, for people.

    Args:
        cell: The cell.
        use_cudnn: Whether cuDNN may run it. Default: `True`.

    Returns:
        A sentence for each device.
    """
    gpu = PORTABLE.words
    if use_cudnn and cudnn.knows(cell):
        gpu = (
            f"{CUDNN.words}, where the steps that count follow one another in every row and "
            f"neither the state nor single gates have dropout; else {PORTABLE.words}"
        )
    return (
        f"On a CPU: {COMPILED.words}; for {unrolled.STEPS} steps or fewer without a mask, and in "
        f"an exported model, {PACKED.words}. "
        f"On a GPU: {gpu}. "
        f"On a TPU, and under jit_compile=True: {PORTABLE.words}, compiled with the model by XLA."
    )


def chosen_by_device(
    implementations: dict[str, Implementation], run: Callable[[Implementation], Any]
) -> Any:
    """Lays out a branch for each device, of which each device runs its own.

    Args:
        implementations: As `devices` gives them.
        run: From an implementation to tensors, of one structure for all. Every size that it needs
            it must take itself: one that is taken outside is an argument of the branch, and no
            constant for XLA where a loaded signature is compiled.

    Returns:
        What `run` gives. Nothing may be differentiated through it: that ends TensorFlow 2.21 with
        a segmentation fault.
    """
    branches = {device: functools.partial(run, i) for device, i in implementations.items()}
    return tf.__internal__.execute_fn_for_device(branches, functools.partial(run, PORTABLE))
