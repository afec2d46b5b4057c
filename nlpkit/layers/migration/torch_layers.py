"""Which layers stand for torch's recurrent modules: by levels and directions."""

from collections.abc import Mapping
from typing import Any

import keras

from nlpkit.errors import InputError
from nlpkit.layers.cell_layer import RecurrentCell
from nlpkit.layers.family import FAMILY, Member
from nlpkit.layers.recurrent import Recurrent

__all__ = ["layer_of", "levels_of"]


def layer_of(
    member: Member,
    decided: Mapping[str, Any],
    arguments: Mapping[str, Any],
    *,
    features: int,
    both: bool,
) -> keras.layers.Layer:
    """A layer for a torch module.

    Args:
        member: The member of the family.
        decided: The arguments that the module's sizes decide, `num_layers` among them.
        arguments: The user's.
        features: I.
        both: Whether there are two directions.

    Returns:
        The layer, built.

    Raises:
        InputError: If an argument is not for what stands for the module.
    """
    levels = decided["num_layers"]
    shape = (None, None, features)
    if not both:
        layer = member.make(**decided, **arguments)
        layer.build(shape)
        return layer
    decided = {name: value for name, value in decided.items() if name != "num_layers"}
    if levels == 1:
        layer = _both_directions(member, decided, arguments)
        layer.build(shape)
        return layer
    if arguments.get("return_state"):
        raise InputError(
            "`return_state` must be False where several layers have two directions, since "
            "keras.Sequential returns one tensor, got True."
        )
    arguments = dict(arguments)
    name, dropout = arguments.pop("name", None), arguments.pop("layer_dropout", 0.0)
    stack = [keras.Input(shape[1:])]
    for level in range(levels):
        above = {"return_sequences": True} if level < levels - 1 else {}
        stack.append(_both_directions(member, decided, {**arguments, **above}))
        if dropout and above:
            stack.append(keras.layers.Dropout(dropout, dtype=arguments.get("dtype")))
    return keras.Sequential(stack, name=name)


def _both_directions(member, decided, arguments):
    """One level with two directions."""
    layer = member.make(**decided, **arguments)
    return keras.layers.Bidirectional(
        layer, dtype=arguments.get("dtype"), name=arguments.get("name")
    )


def levels_of(layer: Any) -> list[list[RecurrentCell]]:
    """The cells of a layer that torch has a module for.

    Args:
        layer: One that `layer_of` gives.

    Returns:
        For each level a cell, or two for two directions.

    Raises:
        InputError: If there is no such module, or it has other numbers.
    """
    if not isinstance(layer, keras.layers.Layer) or not layer.built:
        raise InputError(f"`layer` must be a built layer, got {layer!r}.")
    if isinstance(layer, keras.Sequential):
        stack = [each for each in layer.layers if not isinstance(each, keras.layers.Dropout)]
        if all(isinstance(each, keras.layers.Bidirectional) for each in stack):
            return [cells for each in stack for cells in levels_of(each)]
    if isinstance(layer, keras.layers.Bidirectional) and layer.merge_mode == "concat":
        inner = [layer.forward_layer, layer.backward_layer]
        if all(getattr(each, "num_layers", 0) == 1 for each in inner):
            for each in inner:
                _check(each, go_backwards=each is layer.backward_layer)
            return [[each.cell for each in inner]]
    if isinstance(layer, Recurrent):
        _check(layer, go_backwards=False)
        return [[each.cell] for each in (layer, *layer.deeper)]
    raise InputError(
        "`layer` must be one of `nlpkit.layers`, keras.layers.Bidirectional with `merge_mode` "
        f"'concat' around one of a single level, or a keras.Sequential of those, got {layer!r}."
    )


def _check(layer, go_backwards):
    """Raises where torch has no module with the layer's numbers."""
    member = FAMILY[layer.declaration.name]
    if member.torch_name is None:
        raise InputError(
            f"layer {layer.name!r} must be one that torch.nn has too, got {type(layer).__name__}"
            f"{''.join(f' with {name}={value!r}' for name, value in member.arguments.items())}."
        )
    wanted = {
        **member.cell.options,
        "zoneout": 0.0,
        "learned_initial_state": False,
        "go_backwards": go_backwards,
    }
    if member.torch_name == "RNN" and layer.activation is keras.activations.relu:
        del wanted["activation"]
    for name, value in wanted.items():
        got = getattr(layer, name)
        if got is not value and any(each != value for each in _each(got)):
            raise InputError(
                f"layer {layer.name!r}: `{name}` must be {_shown(value)}, as torch.nn."
                f"{member.torch_name} has it, got {_shown(got)}."
            )


def _each(value):
    """The values of a list or tuple, else the value itself."""
    return value if isinstance(value, list | tuple) else [value]


def _shown(value):
    """A value for a sentence; a function by its name."""
    return repr(getattr(value, "__name__", value))
