"""Keras 2's recurrent layers, those for cuDNN too, from their configurations and weights."""

import itertools
import json
from collections.abc import Mapping, Sequence
from typing import Any

import keras
import numpy as np

from nlpkit.errors import InputError, listed
from nlpkit.layers.family import FAMILY
from nlpkit.layers.migration.inputs import as_array, first_words
from nlpkit.layers.recurrent import Recurrent

__all__ = ["from_keras_2"]

_OF_BOTH_DIRECTIONS = ("name", "layer", "backward_layer", "merge_mode", "trainable")


def from_keras_2(
    config: Mapping[str, Any] | str, weights: Sequence[Any] | None = None
) -> keras.layers.Layer:
    """A layer of ours from the configuration, and the weights, of one of Keras 2.

    It has Keras 2's numbers: `hard_sigmoid` is the steeper one that it was, `dropout` draws a mask
    for each step where cuDNN could run the layer and one for all steps elsewhere, and a GRU whose
    configuration does not name `reset_after` has the reset gate in front of the product.

    A whole model in an `.h5` file needs Keras alone, with our layers in `custom_objects`:
    `keras.models.load_model(path, custom_objects={"LSTM": nlpkit.layers.LSTM})`; of a `CuDNNLSTM`
    or `CuDNNGRU` in it, whose weights lie otherwise, make the layer here.

    Args:
        config: `{"class_name": …, "config": {…}}` as in the model's JSON, of an `LSTM`, `GRU`,
            `SimpleRNN`, `CuDNNLSTM`, `CuDNNGRU`, or a `Bidirectional` around one; or the JSON.
        weights: The layer's arrays, in the order of Keras 2. Default: `None`, the layer is not
            built.

    Returns:
        The layer.

    Raises:
        InputError: If the layer is another, ran with `time_major`, or the configuration or the
            weights do not fit it.

    Example:
        >>> config = {"name": "reader", "units": 2, "return_sequences": True, "time_major": False}
        >>> kernels = [np.ones((3, 8)), np.ones((2, 8)), np.zeros(16)]
        >>> layer = from_keras_2({"class_name": "CuDNNLSTM", "config": config}, kernels)
        >>> type(layer).__name__, [tuple(weight.shape) for weight in layer.weights]
        ('LSTM', [(3, 8), (2, 8), (8,)])
    """
    config = _parsed(config) if isinstance(config, str) else config
    layer = _layer(config)
    if weights is None:
        return layer
    inner = [layer]
    if isinstance(layer, keras.layers.Bidirectional):
        inner = [layer.forward_layer, layer.backward_layer]
    arrays = _arrays(weights)
    counts = [3 if each.use_bias else 2 for each in inner]
    if len(arrays) != sum(counts) or arrays[0].ndim != 2:
        raise InputError(
            "`weights` must be kernel, recurrent kernel and, where there is one, bias, "
            f"{'of each direction, ' if len(inner) > 1 else ''}got arrays "
            f"{[list(array.shape) for array in arrays]}."
        )
    rows = _rows(config["config"])
    layer.build((rows, None, arrays[0].shape[0]))
    rest = iter(arrays)
    for each, count in zip(inner, counts, strict=True):
        _set_weights(each, list(itertools.islice(rest, count)))
    return layer


def _parsed(text):
    """What a JSON text holds."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InputError(
            f"`config` must be JSON if it is a string, got {listed([text])}: {error}."
        ) from error


def _classes():
    """The layer's class by the name that Keras 2 wrote."""
    names = {"Bidirectional": keras.layers.Bidirectional}
    for member in FAMILY.values():
        if member.keras_name:
            names[member.keras_name] = member.layer
        if member.keras_name in ("LSTM", "GRU"):
            names[f"CuDNN{member.keras_name}"] = member.layer
    return names


def _layer(config):
    """The layer, not built."""
    names = _classes()
    kind = config.get("class_name") if isinstance(config, Mapping) else None
    if kind not in list(names) or not isinstance(config.get("config"), Mapping):
        raise InputError(
            "`config` must be `{'class_name': …, 'config': {…}}` with a class of "
            f"{listed(names)}, got {f'class {kind!r}' if kind else config!r}."
        )
    inner = dict(config["config"])
    if kind == "Bidirectional":
        inner = {name: value for name, value in inner.items() if name in _OF_BOTH_DIRECTIONS}
        for name in ("layer", "backward_layer"):
            if name == "layer" or inner.get(name) is not None:
                _check_wrapped(name, inner.get(name), [n for n in names if n != kind])
    try:
        with keras.saving.custom_object_scope(names):
            return names[kind].from_config(inner)
    except InputError:
        raise
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise InputError(
            f"`config['config']` must be what Keras 2 wrote of a {kind}, got one with "
            f"{listed(inner) or 'nothing in it'}, of which Keras says: {first_words(error)}"
        ) from error


def _check_wrapped(name, value, classes):
    """Raises unless a value in a Bidirectional's configuration is that of a recurrent layer."""
    wrapped = value.get("class_name") if isinstance(value, Mapping) else value
    if wrapped not in classes:
        raise InputError(
            f"`config['config'][{name!r}]` must be of a class of {listed(classes)}, got "
            f"{wrapped!r}."
        )


def _rows(config):
    """The batch size that a stateful layer is for, if it is said."""
    shape = config.get("batch_input_shape") or config.get("batch_shape")
    return shape[0] if shape else None


def _arrays(weights):
    """The weights as arrays."""
    if not isinstance(weights, Sequence | np.ndarray) or isinstance(weights, str):
        raise InputError(f"`weights` must be a list of arrays, got a {type(weights).__name__}.")
    return [as_array(f"`weights[{k}]`", array) for k, array in enumerate(weights)]


def _set_weights(layer: Recurrent, arrays):
    """Gives a layer Keras 2's arrays; those for cuDNN are told by their longer bias."""
    gates, units = len(layer.declaration.gates), layer.units
    if len(arrays) == 3 and gates > 1 and arrays[2].shape == (2 * gates * units,):
        arrays = _from_cudnn(arrays, gates, two_biases=len(layer.weights[-1].shape) == 2)
    shapes = [tuple(weight.shape) for weight in layer.weights]
    got = [array.shape for array in arrays]
    if got != shapes:
        raise InputError(
            f"`weights` must be of the shapes {[*map(list, shapes)]} for layer {layer.name!r}, "
            f"got {[*map(list, got)]}."
        )
    layer.set_weights(arrays)


def _from_cudnn(arrays, gates, two_biases):
    """Kernels and bias as they lie for cuDNN: a matrix of each gate, transposed, row by row."""
    kernel, recurrent, bias = arrays
    blocks = [block.T.reshape(block.shape, order="F") for block in np.split(kernel, gates, axis=1)]
    turned = [block.T for block in np.split(recurrent, gates, axis=1)]
    bias = bias.reshape(2, -1)
    return [np.hstack(blocks), np.hstack(turned), bias if two_biases else bias.sum(axis=0)]
