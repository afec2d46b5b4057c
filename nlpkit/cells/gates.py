"""The gates of a cell from the columns of its projections."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import keras
import numpy as np
from keras import ops

__all__ = ["SIGMOID_AND_TANH", "by_tanh", "gates", "sigmoid_by_tanh"]

SIGMOID_AND_TANH = {
    "activation": keras.activations.tanh,
    "recurrent_activation": keras.activations.sigmoid,
}
"""The activations that gated cells begin with, and that hand-written derivatives are for."""


def sigmoid_by_tanh(z: Any) -> Any:
    """The sigmoid as half a tanh, ½·tanh(½·z) + ½; the same within rounding.

    Args:
        z: Any tensor.

    Returns:
        A tensor of its shape.

    Example:
        >>> sigmoid_by_tanh(np.array([0.0, 2.0])).numpy().round(3)
        array([0.5  , 0.881])
    """
    return ops.tanh(z * 0.5) * 0.5 + 0.5


def by_tanh(options: Mapping[str, Any]) -> dict[str, Any]:
    """The same options, with `sigmoid_by_tanh` for the sigmoid.

    Args:
        options: Of a cell, by name.

    Returns:
        Options by the same names.
    """
    sigmoid = keras.activations.sigmoid
    return {name: sigmoid_by_tanh if f is sigmoid else f for name, f in options.items()}


def gates(z: Any, activations: Sequence[Callable]) -> tuple[tuple[Any, ...], Any]:
    """Applies each gate's activation to its own block of columns.

    Where each is a tanh or `sigmoid_by_tanh`, a single tanh serves them all: for XLA that is half
    the time. TensorFlow itself is faster with an op for each gate, which it runs side by side.

    Args:
        z: What the gates' activations receive, [B, G·U], one block of U columns for each gate.
        activations: One function for each gate, G of them.

    Returns:
        The gates in the order of their blocks, [B, U] each, and again side by side, [B, G·U].

    Example:
        >>> z = np.array([[0.0, 2.0]])
        >>> (i, g), a = gates(z, [sigmoid_by_tanh, keras.activations.tanh])
        >>> a.numpy().round(3)
        array([[0.5  , 0.964]])
    """
    count = len(activations)
    if not {sigmoid_by_tanh, keras.activations.tanh}.issuperset(activations):
        blocks = ops.split(z, count, axis=-1)
        results = tuple(f(block) for f, block in zip(activations, blocks, strict=True))
        return results, ops.concatenate(results, axis=-1)
    halved = np.repeat([f is sigmoid_by_tanh for f in activations], z.shape[-1] // count)
    scale = ops.convert_to_tensor(np.where(halved, 0.5, 1.0), z.dtype)
    shift = ops.convert_to_tensor(np.where(halved, 0.5, 0.0), z.dtype)
    a = ops.tanh(z * scale) * scale + shift
    return tuple(ops.split(a, count, axis=-1)), a
