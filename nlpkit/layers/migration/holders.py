"""Who holds a layer: putting another in its stead, and finding it."""

import collections
import functools
import gc
import inspect
import types
from collections.abc import Iterable
from typing import Any

import keras

from nlpkit.errors import InputError

__all__ = ["exchange", "holds"]

_OF_LIBRARIES = {"keras", "tensorflow", "jax", "jaxlib", "torch", "numpy"}


def exchange(owner: keras.layers.Layer, old: keras.layers.Layer, new: keras.layers.Layer) -> None:
    """Puts a layer in another's stead, past Keras's lock of what is built.

    Args:
        owner: The layer or model that holds `old`: as an attribute, or in lists, tuples, sets and
            dictionaries, in each other too.
        old: A layer.
        new: What comes in its stead.

    Raises:
        InputError: If the owner holds it in another way, or makes it beside its own graph.
    """
    if hasattr(owner, "operations"):
        raise InputError(
            f"`model` must have its recurrent layers in its configuration, got {owner.name!r}: "
            f"{type(owner).__name__} makes {old.name!r} in its constructor."
        )
    held = vars(owner)
    rebuilt: dict[int, Any] = {}
    for name, value in list(held.items()):
        held[name] = _with_new(value, old, new, rebuilt)
    for name, value in held.items():
        if holds(value, [old]):
            raise InputError(
                f"`model` must hold its recurrent layers in attributes, lists, tuples, sets or "
                f"values of dictionaries, got {owner.name!r}: its `{name}` holds {old.name!r} in "
                "another way."
            )


def holds(value: Any, layers: Iterable[keras.layers.Layer]) -> bool:
    """Whether a value holds one of some layers, not counting what other layers hold.

    Args:
        value: Any object: a container, a function with what it encloses, an object of the user's.
        layers: The layers.

    Returns:
        Whether one of them is found.
    """
    wanted, seen, rest = {id(layer) for layer in layers}, set(), [value]
    while rest:
        value = rest.pop()
        if id(value) in wanted:
            return True
        if id(value) not in seen:
            seen.add(id(value))
            rest += _held_by(value)
    return False


def _held_by(value):
    """What an object holds itself."""
    if isinstance(value, keras.layers.Layer | type | types.ModuleType):
        return []
    if isinstance(value, dict):
        return [*value.keys(), *value.values()]
    if isinstance(value, list | tuple | set | frozenset | collections.deque):
        return list(value)
    if inspect.ismethod(value):
        return [value.__self__, value.__func__]
    if isinstance(value, functools.partial):
        return [value.func, *value.args, *value.keywords.values()]
    if inspect.isfunction(value):
        return [*gc.get_referents(*(value.__closure__ or ())), *(value.__defaults__ or ())]
    if type(value).__module__.partition(".")[0] in _OF_LIBRARIES:
        return []
    return list(getattr(value, "__dict__", {}).values())


def _with_new(value, old, new, rebuilt):
    """A value with one layer in another's stead: what can be changed is, tuples are made anew."""
    if value is old:
        return new
    if isinstance(value, list):
        for k, each in enumerate(value):
            if (other := _with_new(each, old, new, rebuilt)) is not each:
                list.__setitem__(value, k, other)
    elif isinstance(value, dict):
        for key, each in list(value.items()):
            if (other := _with_new(each, old, new, rebuilt)) is not each:
                dict.__setitem__(value, key, other)
    elif isinstance(value, set) and old in value:
        set.remove(value, old)
        set.add(value, new)
    elif isinstance(value, tuple | frozenset):
        if id(value) not in rebuilt:
            # The old one is kept, so that nothing else gets its id.
            rebuilt[id(value)] = value, _made_anew(value, old, new, rebuilt)
        return rebuilt[id(value)][1]
    return value


def _made_anew(value, old, new, rebuilt):
    """A tuple of the same kind, or the same one where nothing in it changes."""
    items = [_with_new(each, old, new, rebuilt) for each in value]
    if all(item is each for item, each in zip(items, value, strict=True)):
        return value
    if hasattr(value, "__wrapped__"):  # TensorFlow's, around one of an attribute
        return type(value)(_made_anew(value.__wrapped__, old, new, rebuilt))
    if hasattr(value, "_fields"):
        return type(value)(*items)
    return type(value)(items)
