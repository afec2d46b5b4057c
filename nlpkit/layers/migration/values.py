"""What a layer has besides its configuration, given to its copy."""

import tempfile
from collections.abc import Iterator
from typing import Any

import keras
import numpy as np

from nlpkit.errors import InputError
from nlpkit.layers.migration.inputs import first_words

__all__ = ["copy_trainable", "copy_values", "pairs"]

_NOT_IN_CONFIGURATIONS = {"name", "use_cudnn", "implementation", "dropout_mask_count"}
"""What Keras leaves out of a recurrent layer's, and the names of layers made in a constructor."""

_LEARNS_A_VOCABULARY = (
    keras.layers.TextVectorization,
    keras.layers.StringLookup,
    keras.layers.IntegerLookup,
)

_FAILURES = (
    AttributeError,
    KeyError,
    NotImplementedError,
    OSError,
    RuntimeError,
    TypeError,
    ValueError,
)
"""What a layer's own way to save and load may raise."""


def pairs(
    layer: keras.layers.Layer, copy: keras.layers.Layer
) -> Iterator[tuple[keras.layers.Layer, keras.layers.Layer]]:
    """The layers within a layer, itself first, each with its copy.

    Args:
        layer: Any layer or model.
        copy: Its copy.

    Returns:
        An iterator.

    Raises:
        InputError: If the copy has not as many layers.
    """
    olds, news = layer._flatten_layers(), copy._flatten_layers()
    if len(olds) != len(news):
        raise InputError(
            f"layer {layer.name!r} must have {len(olds) - 1} layers within it when Keras makes it "
            f"again from its configuration, got {len(news) - 1}: its constructor or `build` must "
            "make them all."
        )
    return zip(olds, news, strict=True)


def copy_values(layer: keras.layers.Layer, copy: keras.layers.Layer) -> None:
    """Gives a copy all that Keras would save of a layer, and its kept states.

    That is weights, the states of random generators, and what a layer saves in a way of its own:
    the vocabulary of a `TextVectorization`, the statistics of a `Normalization`.

    Args:
        layer: Any layer.
        copy: One of the same weights, which Keras has just made.

    Raises:
        InputError: If the layer's own way to save or load fails.
    """
    for old, new in pairs(layer, copy):
        for name in _NOT_IN_CONFIGURATIONS & vars(old).keys():
            setattr(new, name, vars(old)[name])
        if type(old) is type(new) and not _knows_nothing_yet(old):
            _load_what_it_saves(old, new)
    copy.set_weights([np.array(value) for value in layer.get_weights()])
    if len(copy.variables) == len(layer.variables):
        _assign(copy.variables, layer.variables)
    _assign(_kept_states(copy), _kept_states(layer))


def copy_trainable(model: keras.layers.Layer, copy: keras.layers.Layer) -> None:
    """Freezes in a copy what is frozen in a model: layers, layers within them, and weights.

    Args:
        model: Any layer or model.
        copy: Its copy.
    """
    # A layer hands its flag on to those within it, so the outer ones come first.
    for old, new in sorted(pairs(model, copy), key=lambda pair: -len(pair[0]._flatten_layers())):
        new.trainable = old.trainable
    for old, new in zip(model.weights, copy.weights, strict=True):
        new.trainable = old.trainable


def _knows_nothing_yet(layer):
    """Whether a layer has no vocabulary, which Keras would save but not load."""
    if not isinstance(layer, _LEARNS_A_VOCABULARY):
        return False
    return not layer.get_vocabulary(include_special_tokens=False)


def _load_what_it_saves(layer, copy):
    """Lets a copy load what a layer saves in a way of its own: numbers, and files."""
    try:
        if _saves_numbers_its_own_way(type(layer)):
            numbers: dict[str, Any] = {}
            layer.save_own_variables(numbers)
            # Arrays of its own: JAX's `fit` deletes shared ones.
            copy.load_own_variables({name: np.array(value) for name, value in numbers.items()})
        if hasattr(layer, "save_assets") and hasattr(copy, "load_assets"):
            with tempfile.TemporaryDirectory() as folder:
                layer.save_assets(folder)
                copy.load_assets(folder)
    except _FAILURES as error:
        raise InputError(
            f"layer {layer.name!r} must be one that Keras can save and load, got a "
            f"{type(layer).__name__}, which says: {first_words(error)}"
        ) from error


def _saves_numbers_its_own_way(kind):
    """Whether a class of layers does not leave it to Keras to save its weights, or load them."""
    plain = keras.layers.Layer
    return (
        kind.save_own_variables is not plain.save_own_variables
        or kind.load_own_variables is not plain.load_own_variables
    )


def _assign(copies, variables):
    """Gives each variable another's value, as an array of its own: JAX's `fit` deletes the old."""
    for new, old in zip(copies, variables, strict=True):
        new.assign(keras.ops.copy(old))


def _kept_states(layer):
    """The states of all stateful layers in a layer, which Keras does not count as variables."""
    inner = [each for each in layer._flatten_layers() if isinstance(each, keras.layers.RNN)]
    return keras.tree.flatten([each.states for each in inner if each.states is not None])
