"""Why the present graph is traced: saving, conversion and vectorisation each need another graph."""

import contextlib
import contextvars
import re
import sys
from collections.abc import Iterator
from types import FrameType

import tensorflow as tf
from tensorflow.python.ops import control_flow_v2_func_graphs as control_flow
from tensorflow.python.saved_model import save_context

__all__ = [
    "assert_equal",
    "compilable",
    "converting",
    "never_compiled",
    "saved_without_gradients",
    "saving",
    "vectorizing",
]


def assert_equal(
    number: tf.Tensor, expected: int | tf.Tensor, sentence: str, tensor: tf.Tensor
) -> tf.Tensor:
    """Requires a number before a tensor is read.

    Args:
        number: An integer, [].
        expected: What it must be.
        sentence: What the error says, without the full stop; the number follows.
        tensor: What would fail in other words, or go on, if the number were another.

    Returns:
        The tensor.

    Raises:
        InvalidArgumentError: When the graph runs, if the number is another.
    """
    right = tf.equal(number, expected)
    check = tf.debugging.Assert(right, [f"{sentence}, got", number], summarize=1)
    with tf.control_dependencies([check]):
        return tf.identity(tensor)


def saving() -> bool:
    """Whether the graph is for a SavedModel.

    Returns:
        True while TensorFlow or Keras saves or exports, and traces for that.
    """
    return save_context.in_save_context()


def saved_without_gradients() -> bool:
    """Whether it is saved by `SaveOptions(experimental_custom_gradients=False)`."""
    options = save_context.get_save_options() if saving() else None
    return options is not None and not options.experimental_custom_gradients


def converting() -> bool:
    """Whether tf2onnx, or Keras's export to ONNX, traces the graph to convert it.

    Only the call stack shows it. A graph that was traced before tf2onnx got it goes unnoticed.
    """
    if tf.executing_eagerly():
        return False
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        name = frame.f_globals.get("__name__") or ""
        if name.startswith("tf2onnx.") or name == "keras.src.export.onnx":
            return True
        frame = frame.f_back
    return False


def vectorizing() -> bool:
    """Whether `tf.vectorized_map` or a Jacobian traces the graph to vectorise it.

    They trace in the name scope `loop_body`. A `tf.function` within has a graph of its own, which
    is used elsewhere too: it is left as it is.
    """
    if tf.executing_eagerly():
        return False
    graph = tf.compat.v1.get_default_graph()
    while not _LOOP_BODY.search(graph.get_name_scope()):
        if not isinstance(graph, _CONTROL_FLOW):
            return False
        graph = graph.outer_graph
    return True


@contextlib.contextmanager
def never_compiled() -> Iterator[None]:
    """Promises that nothing compiles the graphs that are traced within, as `jit_compile=True` does.

    Then a process without an accelerator traces one kernel in place of two. XLA would refuse such a
    graph. The promise holds for every graph that is traced within, also for that of a `tf.function`
    that is called there and keeps its graph.

    Yields:
        Nothing.

    Example:
        >>> with never_compiled():
        ...     compilable()
        False
    """
    token = _COMPILABLE.set(False)
    try:
        yield
    finally:
        _COMPILABLE.reset(token)


def compilable() -> bool:
    """Whether XLA may compile the graph as a whole: yes, unless `never_compiled` says no."""
    return _COMPILABLE.get()


_COMPILABLE = contextvars.ContextVar("compilable", default=True)
_LOOP_BODY = re.compile(r"(^|/)loop_body(_\d+)?(/|$)")
_CONTROL_FLOW = (
    control_flow.CondBranchFuncGraph,
    control_flow.WhileCondFuncGraph,
    control_flow.WhileBodyFuncGraph,
)
