"""Graphs for calls from eager code: one for all batch sizes and lengths."""

import functools
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import keras
import tensorflow as tf

from nlpkit.recurrence.operands import Operands

__all__ = ["in_graph"]

_VARYING = {
    "inputs": (0, 1),
    "state": (0,),
    "mask": (0, 1),
    "dropout": (1,),
    "zoneout": (0, 1),
}
"""The axes of an operand that differ from call to call."""


def in_graph(function: Callable, operands: Operands, *others: Any, **static: Any) -> Any:
    """Calls a function of tensors in the graph that is being traced, or in one of its own.

    Args:
        function: Takes the operands, nested tuples of tensors and None, and what is static.
        operands: The operands.
        *others: More of such tuples, whose shapes the function must not rely on.
        **static: What the graph is traced for; hashable.

    Returns:
        What the function gives.
    """
    if not tf.executing_eagerly():
        return function(operands, *others, **static)
    structure = (operands, *others)
    flat = [tensor for tensor in tf.nest.flatten(structure) if tensor is not None]
    there = _Structure.of(structure)
    known = tf.nest.flatten(_signature(operands))
    unknown = [tf.TensorSpec(None, tensor.dtype) for tensor in flat[len(known) :]]
    traced = _traced(function, there, (*known, *unknown), tuple(static.items()))
    return traced(*flat)


@dataclass(frozen=True)
class _Structure:
    """Where in nested arguments there are tensors; hashable, though mappings are not."""

    paths: tuple[tuple[tuple[str, ...], bool], ...]
    nest: Any = field(compare=False)

    @classmethod
    def of(cls, arguments: Any) -> "_Structure":
        """The structure of nested tensors and None."""
        there = tf.nest.map_structure(lambda tensor: tensor is not None, arguments)
        paths = keras.tree.flatten_with_path(there)
        return cls(tuple((tuple(map(str, path)), value) for path, value in paths), there)


@functools.lru_cache(maxsize=128)
def _traced(function, there, signature, static):
    """The graph for arguments of one structure."""

    def call(*flat):
        tensors = iter(flat)
        filled = tf.nest.map_structure(lambda here: next(tensors) if here else None, there.nest)
        return function(*filled, **dict(static))

    return tf.function(call, input_signature=signature, autograph=False).get_concrete_function()


def _signature(operands):
    """What is known of the operands that there are, whatever the batch."""
    specs = []
    for name, operand in operands._asdict().items():
        for tensor in tf.nest.flatten(operand):
            if tensor is not None:
                varying = _VARYING.get(name, ())
                shape = [None if a in varying else n for a, n in enumerate(tensor.shape)]
                specs.append(tf.TensorSpec(shape, tensor.dtype))
    return specs
