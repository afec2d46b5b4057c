"""Which layers stand for torch's recurrent modules: by levels and directions."""

import itertools
from collections.abc import Mapping
from typing import Any

import keras

from nlpkit.errors import InputError
from nlpkit.layers.cell_layer import RecurrentCell
from nlpkit.layers.family import FAMILY, Member
from nlpkit.layers.recurrent import Recurrent

__all__ = ["check_torch_has", "layer_of", "levels_of"]


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
    if arguments.get("go_backwards"):
        raise InputError("`go_backwards` must be False where there are two directions, got True.")
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
    """The cells of a layer that is put together as a module of torch is.

    Args:
        layer: One that `layer_of` gives.

    Returns:
        For each level a cell, or two for two directions.

    Raises:
        InputError: If the layer is put together otherwise, or torch has no such cell.
    """
    directions = _directions(layer)
    if len(directions[0]) > 1:
        return [[each.cell for each in pair] for pair in directions]
    return [[each.cell] for (single,) in directions for each in (single, *single.deeper)]


def check_torch_has(layer: Any) -> None:
    """Raises unless torch has a module with the layer's numbers.

    Args:
        layer: One that `layer_of` gives.

    Raises:
        InputError: If it is put together otherwise, has an argument that torch lacks, or levels
            that differ.
    """
    directions = _directions(layer)
    for each in directions:
        for inner, go_backwards in zip(each, (False, True), strict=False):
            _check_arguments(inner, go_backwards)
    kinds = {_kind(each) for each in itertools.chain(*directions)}
    if len(kinds) > 1:
        raise InputError(
            "`layer` must have levels and directions of one class, size, `use_bias` and "
            f"`activation`, as a module of torch has, got {' and '.join(sorted(kinds))}."
        )


def _directions(layer):
    """The recurrent layers that a layer is made of: one, or for each level a pair."""
    if not isinstance(layer, keras.layers.Layer) or not layer.built:
        raise InputError(f"`layer` must be a built layer, got {layer!r}.")
    if isinstance(layer, keras.Sequential):
        stack = [each for each in layer.layers if not isinstance(each, keras.layers.Dropout)]
        if stack and all(isinstance(each, keras.layers.Bidirectional) for each in stack):
            return [pair for each in stack for pair in _directions(each)]
    if isinstance(layer, keras.layers.Bidirectional) and layer.merge_mode == "concat":
        pair = [layer.forward_layer, layer.backward_layer]
        if all(isinstance(each, Recurrent) and each.num_layers == 1 for each in pair):
            return [[_with_a_twin(each) for each in pair]]
    if isinstance(layer, Recurrent):
        return [[_with_a_twin(layer)]]
    raise InputError(
        "`layer` must be one of `nlpkit.layers`, keras.layers.Bidirectional with `merge_mode` "
        f"'concat' around one of a single level, or a keras.Sequential of those, got {layer!r}."
    )


def _with_a_twin(layer):
    """A layer whose cell torch has; raises for any other."""
    member = FAMILY[layer.declaration.name]
    if member.torch_name is None:
        raise InputError(
            f"layer {layer.name!r} must be one that torch.nn has too, got {type(layer).__name__}"
            f"{''.join(f' with {name}={value!r}' for name, value in member.arguments.items())}."
        )
    return layer


def _check_arguments(layer, go_backwards):
    """Raises where an argument of a layer gives numbers that torch's module does not."""
    member = FAMILY[layer.declaration.name]
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
    projected = layer.cell.output_size  # half of the units where nothing else is said
    if hasattr(layer, "projection_units") and projected >= layer.units:
        raise InputError(
            f"layer {layer.name!r}: `projection_units` must be less than `units`, as `proj_size` "
            f"of torch.nn.{member.torch_name} is, got {projected} and {layer.units}."
        )


def _kind(layer):
    """What all levels and directions of one module of torch have in common, in words."""
    sizes = dict.fromkeys((layer.units, layer.cell.output_size))
    return (
        f"{type(layer).__name__}({', '.join(map(str, sizes))}, use_bias={layer.use_bias}, "
        f"activation={_shown(layer.activation)})"
    )


def _each(value):
    """The values of a list or tuple, else the value itself."""
    return value if isinstance(value, list | tuple) else [value]


def _shown(value):
    """A value for a sentence; a function by its name."""
    return repr(getattr(value, "__name__", value))
