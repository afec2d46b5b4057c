"""Vector-Jacobian products on whichever backend Keras runs, in and out as NumPy arrays."""

from collections.abc import Callable, Sequence

import keras
import numpy as np
from keras import ops

__all__ = ["cotangents", "vjp"]

Arrays = list[np.ndarray]


def vjp(
    function: Callable, variables: Sequence, inputs: Arrays, *, seed: int = 0
) -> tuple[Arrays, Arrays]:
    """Pulls random cotangents back through `function`.

    Args:
        function: Takes tensors, gives a list or tuple of tensors; may read `variables`.
        variables: Keras variables to differentiate by.
        inputs: What `function` is called with.
        seed: Seed of the cotangents; see `cotangents`.

    Returns:
        The outputs, and the gradients of sum(cotangent * output) by inputs, then by variables.

    Example:
        >>> (square,), (gradient,) = vjp(lambda x: [x * x], [], [np.array([3.0])])
        >>> round(float(gradient[0] / cotangents([square])[0][0]), 6)
        6.0
    """
    run = {"tensorflow": _tensorflow, "jax": _jax, "torch": _torch}[keras.backend.backend()]
    inputs = [ops.convert_to_tensor(array) for array in inputs]
    outputs, gradients = run(function, list(variables), inputs, seed)
    return _numpy(outputs), _numpy(gradients)


def cotangents(outputs: Sequence, seed: int = 0) -> Arrays:
    """One array for each output, normally distributed: a loss that weighs every entry its own way.

    Args:
        outputs: Tensors or arrays.
        seed: Equal seeds and shapes give equal cotangents.

    Returns:
        Arrays in the shapes and types of the outputs.
    """
    rng = np.random.default_rng(seed)
    dtypes = [keras.backend.standardize_dtype(output.dtype) for output in outputs]
    shapes = [tuple(output.shape) for output in outputs]
    return [rng.normal(size=s).astype(d) for s, d in zip(shapes, dtypes, strict=True)]


def _numpy(tensors):
    return [ops.convert_to_numpy(tensor) for tensor in tensors]


def _loss(outputs, seed):
    return sum(
        ops.sum(ops.convert_to_tensor(cotangent) * output)
        for cotangent, output in zip(cotangents(outputs, seed), outputs, strict=True)
    )


def _tensorflow(function, variables, inputs, seed):
    import tensorflow as tf

    sources = inputs + [variable.value for variable in variables]
    with tf.GradientTape() as tape:
        tape.watch(inputs)
        outputs = function(*inputs)
        loss = _loss(outputs, seed)
    return outputs, tape.gradient(loss, sources, unconnected_gradients="zero")


def _jax(function, variables, inputs, seed):
    import jax

    def stateless(inputs, values):
        with keras.StatelessScope(state_mapping=list(zip(variables, values, strict=True))):
            outputs = function(*inputs)
        return _loss(outputs, seed), outputs

    values = [variable.value for variable in variables]
    gradient = jax.grad(stateless, argnums=(0, 1), has_aux=True)
    (by_inputs, by_values), outputs = gradient(inputs, values)
    return outputs, [*by_inputs, *by_values]


def _torch(function, variables, inputs, seed):
    import torch

    inputs = [tensor.requires_grad_() for tensor in inputs]
    sources = inputs + [variable.value for variable in variables]
    outputs = function(*inputs)
    gradients = torch.autograd.grad(_loss(outputs, seed), sources, materialize_grads=True)
    return outputs, gradients
