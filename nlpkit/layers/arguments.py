"""The arguments of recurrent layers: which are whose, how they are checked and stored."""

from typing import Any

import keras

__all__ = [
    "OF_THE_LAYER",
    "of_level",
    "parsed",
    "serialized",
]

OF_THE_LAYER = (
    "activity_regularizer",
    "return_sequences",
    "return_state",
    "go_backwards",
    "stateful",
    "unroll",
    "use_cudnn",
    "zero_output_for_mask",
    "dropout_noise",
    "learned_initial_state",
    "return_cell_sequences",
    "num_layers",
    "layer_dropout",
    "native",
)
"""The arguments of a layer that a single step does not have."""

_PARSERS = {
    "activation": keras.activations,
    "initializer": keras.initializers,
    "regularizer": keras.regularizers,
    "constraint": keras.constraints,
}


def parsed(name: str, value: Any) -> Any:
    """An argument's value as the layer holds it.

    Args:
        name: The argument's name, whose end says what it is.
        value: What was given: a name of Keras's, a configuration, an object or a plain value.

    Returns:
        A function or an object of Keras's, or the value itself.
    """
    module = _module_of(name)
    return value if module is None else module.get(value)


def serialized(name: str, value: Any) -> Any:
    """An argument's value as a configuration holds it.

    Args:
        name: The argument's name.
        value: Its value.

    Returns:
        What JSON can hold.
    """
    module = _module_of(name)
    return value if module is None else module.serialize(value)


def of_level(arguments: dict[str, Any], level: int) -> dict[str, Any]:
    """The arguments of the cell of a further level of `num_layers`.

    Args:
        arguments: Those of the first level's cell, by name.
        level: The level, from 1 on.

    Returns:
        Arguments with seeds of their own, and no `dropout`: the layer drops between levels itself.
    """
    further = {n: 0.0 if n == "dropout" else value for n, value in arguments.items()}
    for name, value in arguments.items():
        if name.endswith("_initializer"):
            further[name] = _of_other_draws(parsed(name, value), level)
    if arguments.get("seed") is not None:
        further["seed"] = arguments["seed"] + level
    return further


def _of_other_draws(initializer, level):
    """An initializer with another seed: one instance gives the same values at every call."""
    config = {}
    if isinstance(initializer, keras.initializers.Initializer):
        config = initializer.get_config()
    if "seed" not in config or isinstance(
        config["seed"], dict
    ):  # a generator draws anew at each call
        return initializer
    seed = None if config["seed"] is None else config["seed"] + level
    return type(initializer).from_config({**config, "seed": seed})


def _module_of(name):
    """Keras's module for an argument, by the end of its name, or None."""
    return _PARSERS.get(name.rpartition("_")[2])
