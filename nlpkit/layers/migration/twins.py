"""Configurations of Keras's recurrent layers as those of ours, and back."""

import inspect
from collections.abc import Iterator
from typing import Any

import keras

from nlpkit.errors import InputError
from nlpkit.layers.family import FAMILY
from nlpkit.layers.recurrent import Recurrent

__all__ = ["as_keras", "as_ours", "ours", "theirs"]

_HOW_IT_RUNS = {"use_cudnn", "native"}
"""Arguments that change no number, and are left out where Keras does not have them."""

_ALSO_TAKEN = {"implementation", "zero_output_for_mask", "name", "trainable", "dtype"}
"""What Keras's layers take by `**kwargs`."""


def _twins() -> Iterator[tuple[type, type]]:
    """Keras's layer and ours, and the layers of one step, of each member with a twin."""
    for member in FAMILY.values():
        if member.keras_layer is not None:
            yield member.keras_layer, member.layer
            yield getattr(keras.layers, f"{member.keras_name}Cell"), member.layer.cell_class


def ours() -> dict[type, type]:
    """Our layers by Keras's."""
    return dict(_twins())


def theirs() -> dict[type, type]:
    """Keras's layers by ours."""
    return {our: their for their, our in _twins()}


def as_ours(node: dict[str, Any]) -> dict[str, Any]:
    """The serialised form of a recurrent layer of Keras as that of ours.

    Args:
        node: What `keras.saving.serialize_keras_object` makes of an object.

    Returns:
        A node of the same kind; the same one for any other object.
    """
    if node.get("module") != "keras.layers":
        return node
    for their, our in _twins():
        if their.__name__ == node["class_name"]:
            return {**node, **_header(our)}
    return node


def as_keras(node: dict[str, Any]) -> dict[str, Any]:
    """The serialised form of a recurrent layer of ours as that of Keras.

    Args:
        node: What `keras.saving.serialize_keras_object` makes of an object.

    Returns:
        A node of the same kind; the same one for any other object.

    Raises:
        InputError: If Keras has no such layer, or no such argument.
    """
    family = [c for m in FAMILY.values() for c in (m.layer, m.layer.cell_class)]
    names = {keras.saving.get_registered_name(layer): layer for layer in family}
    our = names.get(node.get("registered_name"))
    if our is None:
        return node
    name, their = node["config"]["name"], theirs().get(our)
    if their is None:
        raise InputError(
            f"layer {name!r} must be one that `keras.layers` has too, got {our.__name__}."
        )
    taken = {*inspect.signature(their).parameters, *_ALSO_TAKEN}
    for argument, value in node["config"].items():
        if argument not in taken | _HOW_IT_RUNS:
            _check_at_default(our, name, argument, value)
    config = {argument: value for argument, value in node["config"].items() if argument in taken}
    header = {"module": "keras.layers", "class_name": their.__name__, "registered_name": None}
    return {**node, **header, "config": config}


def _header(layer):
    """What tells which class a serialised object is of."""
    return {
        "module": layer.__module__,
        "class_name": layer.__name__,
        "registered_name": keras.saving.get_registered_name(layer),
    }


def _check_at_default(layer, name, argument, value):
    """Raises where an argument that Keras does not have is in use."""
    # A signature may leave what every layer takes to **kwargs.
    parameters = {**inspect.signature(Recurrent).parameters, **inspect.signature(layer).parameters}
    default = parameters[argument].default
    values = value if isinstance(value, list | tuple) else [value]
    if any(each != default for each in values):
        raise InputError(
            f"layer {name!r}: `{argument}` must be {default!r}, since keras.layers."
            f"{theirs()[layer].__name__} has no such argument, got {value!r}."
        )
