"""The recurrence in plain TensorFlow, for derivatives of derivatives, vectorisers and converters.

Slow and simple: one step at a time, no hand-written derivative, no device branch, and the loop as
Keras writes it, which these tools can handle. A step reads and writes TensorArrays of known shape,
and masks are tiled to the shape of what they select. It serves

* derivatives of derivatives, since `nlpkit.recurrence.gradient` has a hand-written first derivative
  only;
* what traces a graph to rewrite it: `tf.vectorized_map`, Jacobians, tf2onnx and LiteRT.
"""

from collections.abc import Callable

import tensorflow as tf

from nlpkit.cells import Cell
from nlpkit.recurrence import loop, sequence
from nlpkit.recurrence.operands import Operands, Tensors

__all__ = ["derivative_of_back", "recur", "vjp"]


def recur(cell: Cell, operands: Operands, *, sequences: int = 1) -> tuple[Tensors, Tensors]:
    """As `nlpkit.recurrence.gradient.recur`, which can be differentiated any number of times."""
    inputs = sequence.swapped(operands.inputs)
    run = loop.step_of(cell, operands.product(cell), operands.by_role(cell, "step"))
    time = tf.shape(inputs)[0] if inputs.shape[0] is None else inputs.shape[0]

    def by_step(tensor):
        return tf.TensorArray(tensor.dtype, time).unstack(tensor)

    inputs = by_step(inputs)
    zoneout = [by_step(sequence.swapped(z)) for z in operands.zoneout or ()]
    masks = None
    if operands.mask is not None:
        masks = by_step(sequence.swapped(operands.mask)[:, :, None])

    def step(t, before, arrays):
        # Projected here, since pfor cannot differentiate by all x in one array.
        x = sequence.projected(cell, operands, inputs.read(t)[None])[0]
        after, _ = run(x, before)
        after = loop.mixed([z.read(t) for z in zoneout], before, after)
        if masks is not None:
            live = masks.read(t)
            tiled = [tf.tile(live, [1, s.shape[1]]) for s in after]
            after = tuple(map(tf.where, tiled, after, before))
        return t + 1, after, [a.write(t, s) for a, s in zip(arrays, after, strict=False)]

    states = operands.state[:sequences]
    arrays = [tf.TensorArray(s.dtype, time, element_shape=s.shape) for s in states]
    _, state, arrays = tf.while_loop(
        lambda t, *_: t < time,
        step,
        (tf.constant(0), tuple(operands.state), arrays),
        maximum_iterations=time,
    )
    return tuple(sequence.swapped(array.stack()) for array in arrays), state


def vjp(
    forward: Callable[..., list[tf.Tensor]], tensors: Tensors, upstream: Tensors
) -> list[tf.Tensor]:
    """The vector-Jacobian product of a function.

    Args:
        forward: From tensors to tensors.
        tensors: Where it is differentiated.
        upstream: The cotangents of what it gives.

    Returns:
        Derivatives by `tensors`.
    """
    with tf.GradientTape() as tape:
        tape.watch(tensors)
        outputs = forward(*tensors)
    return tape.gradient(
        outputs, tensors, output_gradients=list(upstream), unconnected_gradients="zero"
    )


def derivative_of_back(
    forward: Callable[..., list[tf.Tensor]],
    tensors: Tensors,
    upstream: Tensors,
    cotangents: Tensors,
) -> list[tf.Tensor]:
    """The vector-Jacobian product of a vector-Jacobian product.

    Args:
        forward: From tensors to tensors.
        tensors: Where it is differentiated.
        upstream: The cotangents of what it gives.
        cotangents: Those of the derivatives by `tensors` that follow.

    Returns:
        Derivatives by `tensors` and by `upstream`.
    """
    with tf.GradientTape() as outer:
        outer.watch([*tensors, *upstream])
        back = vjp(forward, tensors, upstream)
    return outer.gradient(
        back,
        [*tensors, *upstream],
        output_gradients=list(cotangents),
        unconnected_gradients="zero",
    )
