"""Graphs that run as they are: nothing compiles them as a whole, so they hold fewer kernels."""

import functools
from collections.abc import Callable, Sequence
from typing import Any

import tensorflow as tf

from nlpkit.recurrence import never_compiled

__all__ = ["uncompiled"]


def uncompiled(
    function: Callable,
    *,
    input_signature: Sequence[tf.TensorSpec] | None = None,
    reduce_retracing: bool = False,
) -> Callable:
    """Makes a graph of a function, as `tf.function` does, that nothing will compile.

    Args:
        function: Takes and returns tensors. It is not converted by AutoGraph.
        input_signature: As for `tf.function`. Default: none.
        reduce_retracing: As for `tf.function`. Default: false.

    Returns:
        The `tf.function`.

    Example:
        >>> int(uncompiled(lambda x: x + 1)(tf.constant(1)))
        2
    """

    @functools.wraps(function)
    def traced(*args: Any, **kwargs: Any) -> Any:
        with never_compiled():
            return function(*args, **kwargs)

    return tf.function(
        traced,
        input_signature=input_signature,
        reduce_retracing=reduce_retracing,
        autograph=False,
    )
