"""A copy compiled as the model is, with the same losses and new metrics and optimizer."""

import contextlib
import inspect
from collections.abc import Iterator
from typing import Any

import keras

from nlpkit.errors import InputError
from nlpkit.layers.migration.holders import holds
from nlpkit.layers.migration.inputs import first_words
from nlpkit.layers.migration.values import pairs

__all__ = ["compile_as", "own_objects", "uncompiled"]

_CURE = "call `model.compile()` first, and compile the copy anew."


@contextlib.contextmanager
def uncompiled(model: keras.layers.Layer) -> Iterator[None]:
    """Lets Keras make a model again without its compilation, which `compile_as` sees to.

    Args:
        model: Any layer or model.

    Returns:
        A context, in which no model within it counts as compiled.
    """
    compiled = [each for each in model._flatten_layers() if getattr(each, "compiled", False)]
    for each in compiled:
        each.compiled = False
    try:
        yield
    finally:
        for each in compiled:
            each.compiled = True


def compile_as(model: keras.layers.Layer, copy: keras.layers.Layer) -> None:
    """Compiles what is compiled in a model, in its copy.

    Losses and functions are the very same; metrics and the optimizer are made again from their
    configurations, registered with Keras or not. A model with a `compile` of its own is left to
    its `compile_from_config`.

    Args:
        model: Any layer or model.
        copy: Its copy.

    Raises:
        InputError: If a metric or the optimizer cannot be made again, or a function holds a layer
            of the model.
    """
    for old, new in pairs(model, copy):
        if not getattr(old, "compiled", False):
            continue
        if type(old).compile is not keras.Model.compile:
            new.compile_from_config(old.get_compile_config())
            continue
        # What `compile` got; no public name has metrics as they were given.
        given = old._compile_config.config | {"optimizer": old.optimizer}
        with keras.saving.custom_object_scope(own_objects(given)):
            arguments = {name: _again(old, name, value) for name, value in given.items()}
        new.compile(**arguments, auto_scale_loss=False)  # the old optimizer does, where it should
        if new.optimizer is not None:
            new.optimizer.build(new.trainable_variables)


def own_objects(*values: Any) -> dict[str, Any]:
    """The classes and functions of objects that are not Keras's, by their registered names.

    Args:
        *values: Layers, and what else Keras makes from a configuration; what they hold in lists,
            tuples, dictionaries and attributes counts.

    Returns:
        What `keras.saving.custom_object_scope` takes.
    """
    objects, seen, rest = {}, set(), list(values)
    while rest:
        value = rest.pop()
        if isinstance(value, type) or id(value) in seen:
            continue
        seen.add(id(value))
        if isinstance(value, list | tuple):
            rest.extend(value)
        elif isinstance(value, dict):
            rest.extend(value.values())
        elif inspect.isfunction(value) or hasattr(value, "get_config"):
            kind = value if inspect.isfunction(value) else type(value)
            if not kind.__module__.startswith("keras."):
                objects[keras.saving.get_registered_name(kind)] = kind
            rest.extend(getattr(value, "__dict__", {}).values())
    return objects


def _again(model, name, value):
    """An argument of `compile` for a copy."""
    if holds(value, model._flatten_layers()):
        raise InputError(
            f"`model` must be compiled with a `{name}` that holds none of its layers, since those "
            f"are not the copy's, got {model.name!r}: {_CURE}"
        )
    if name not in ("optimizer", "metrics", "weighted_metrics"):
        return value
    try:
        return keras.tree.map_structure(_made_again, value)
    except (AttributeError, KeyError, NotImplementedError, TypeError, ValueError) as error:
        raise InputError(
            f"`model` must be compiled with a `{name}` that Keras can make again from its "
            f"configuration, got {model.name!r}, of which Keras says: {first_words(error)}; to do "
            f"without it, {_CURE}"
        ) from error


def _made_again(value):
    """A new one of a metric or optimizer; a function, a name or None itself."""
    if not hasattr(value, "get_config"):
        return value
    return type(value).from_config(value.get_config())
