"""A layer against its cell's step in a plain loop, differentiated by autodiff."""

from collections.abc import Callable, Collection
from typing import Any

import keras
import numpy as np
from keras import ops

from nlpkit.layers import Recurrent
from nlpkit.testing.autodiff import vjp
from nlpkit.testing.masks import MASKS, draw_mask
from nlpkit.testing.tolerances import GRADIENTS, VALUES, assert_close

__all__ = ["check_layer"]

_BATCH, _TIME, _FEATURES, _UNITS = 3, 17, 2, 4  # steps enough for a parallel scan


def check_layer(
    make: Callable[..., Recurrent],
    *,
    masks: Collection[str] = MASKS,
    seed: int = 0,
    **arguments: Any,
) -> None:
    """Checks a layer of one level: its numbers, its gradients and its configuration.

    Whatever runs the layer on this machine must give the outputs and the states of its cell's
    step in a plain loop, and the gradients that autodiff gives of that loop.

    Args:
        make: The class of the layer, or a function that makes one of the arguments `units`,
            `return_sequences`, `return_state`, `dtype` and others.
        masks: Kinds of masks to try, keys of `MASKS`. Default: all.
        seed: Of weights, inputs, states and masks.
        **arguments: Others of the layer's, that change its equations: activations, `use_bias` and
            the like.

    Raises:
        AssertionError: If something differs; it says what, under which mask, and by how much.

    Example:
        >>> from nlpkit.layers import LSTM
        >>> check_layer(LSTM, masks=["holes"], use_bias=False)
    """
    # keras.ops.tanh answers in float32 on JAX, which Keras's loop there does not carry on.
    dtype = "float32" if keras.backend.backend() == "jax" else "float64"
    options = {"return_sequences": True, "return_state": True, "dtype": dtype, **arguments}
    layer = make(units=_UNITS, **options)
    layer.build((_BATCH, _TIME, _FEATURES))
    rng = np.random.default_rng(seed)
    layer.set_weights([rng.normal(size=w.shape) * 0.6 for w in layer.weights])
    _check_configuration(layer)
    inputs, earlier = rng.normal(size=(2, _BATCH, _TIME, _FEATURES)).astype(dtype)
    states = [ops.convert_to_numpy(s) for s in _plain_loop(layer, earlier)[1:]]
    for kind in masks:
        mask = draw_mask(kind, _BATCH, _TIME, seed)
        _check_numbers(layer, [inputs, *states], mask, f"under the mask {kind!r}")


def _check_configuration(layer):
    """A layer made again from its configuration is configured alike."""
    config = layer.get_config()
    again = type(layer).from_config(config)
    for name, value in config.items():
        if again.get_config()[name] != value:
            raise AssertionError(
                f"`{name}` is {again.get_config()[name]!r} in a layer that is made again from "
                f"get_config(), which has {value!r}"
            )
    if again.declaration != layer.declaration:
        raise AssertionError("a layer that is made again from get_config() has another cell")


def _check_numbers(layer, arrays, mask, where):
    """Outputs, states and gradients are those of the plain loop."""

    def ours(sequences, *states):
        return layer(sequences, initial_state=list(states), mask=mask)

    def plain(sequences, *states):
        return _plain_loop(layer, sequences, states, mask)

    outputs, gradients = vjp(ours, layer.trainable_variables, arrays)
    expected_outputs, expected_gradients = vjp(plain, layer.trainable_variables, arrays)
    dtype = layer.compute_dtype
    names = ["outputs", *(f"the last {name}" for name in layer.state_names)]
    for name, got, expected in zip(names, outputs, expected_outputs, strict=True):
        assert_close(got, expected, VALUES[dtype], f"{name} {where}")
    sources = ["inputs", *layer.state_names, *(w.name for w in layer.trainable_variables)]
    for name, got, expected in zip(sources, gradients, expected_gradients, strict=True):
        assert_close(got, expected, GRADIENTS[dtype], f"the gradient by {name} {where}")


def _plain_loop(layer, sequences, states=None, mask=None):
    """The outputs of all steps and the last states, by the step of the layer's cell alone."""
    sequences = ops.convert_to_tensor(sequences)
    states = tuple(states or layer.get_initial_state(_BATCH))
    # A masked step repeats the output before. Ahead of the first step there is none: zeros, but on
    # JAX, where Keras's loop begins with the initial state.
    output = states[0] if keras.backend.backend() == "jax" else ops.zeros_like(states[0])
    outputs = []
    for t in range(_TIME):
        after, _ = layer.cell.stepped(sequences[:, t], states, training=False)
        if mask is None:
            states, output = tuple(after), after[0]
        else:
            live = ops.convert_to_tensor(mask[:, t, None])
            output = ops.where(live, after[0], output)
            states = tuple(ops.where(live, *pair) for pair in zip(after, states, strict=True))
        outputs.append(output)
    return [ops.stack(outputs, axis=1), *states]
