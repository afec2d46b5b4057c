"""Configurations of Keras 2's recurrent layers as arguments of ours.

What Keras 2 wrote and Keras 3 does not take is dropped or translated, so that a layer made of it
has Keras 2's numbers: its hard sigmoid was steeper, where cuDNN could run the layer its dropout
drew a mask for each step, and its first GRUs had the reset gate in front of the product.
"""

from collections.abc import Collection, Mapping
from typing import Any

import keras
from keras import ops

from nlpkit.errors import InputError

__all__ = ["hard_sigmoid", "upgraded"]

_SHAPES = ("batch_input_shape", "batch_shape", "input_shape")
_FOR_CUDNN = {
    "activation": "tanh",
    "recurrent_activation": "sigmoid",
    "recurrent_dropout": 0,
    "unroll": False,
    "use_bias": True,
}
"""With what Keras 2 let cuDNN run an LSTM or GRU; `unroll` has a layer along time alone."""

_DROPPED = ("time_major", "ragged", "states", "input_dtype", "input_dim", "input_length", *_SHAPES)


@keras.saving.register_keras_serializable(package="nlpkit", name="hard_sigmoid_of_keras_2")
def hard_sigmoid(x: Any) -> Any:
    """Keras 2's hard sigmoid, x / 5 + 1 / 2 from 0 to 1; Keras 3's has x / 6.

    Args:
        x: Any tensor.

    Returns:
        A tensor of its shape.
    """
    return ops.clip(x * 0.2 + 0.5, 0.0, 1.0)


def upgraded(
    config: Mapping[str, Any], arguments: Collection[str]
) -> tuple[dict[str, Any], tuple[int | None, ...] | None]:
    """A configuration, of Keras 2 or later, as arguments.

    Args:
        config: What the layer's `get_config` gave.
        arguments: The names that the layer takes.

    Returns:
        The arguments, and the shape of the inputs that Keras 2 kept with a first layer,
        `(B, T, I)`, or None.

    Raises:
        InputError: If the layer ran with time as the first axis.
    """
    if config.get("time_major"):
        raise InputError(
            "`time_major` must be False, got True: put `keras.layers.Permute` or "
            "`keras.ops.swapaxes(x, 0, 1)` around the layer."
        )
    shape = _input_shape(config)
    given = {name: value for name, value in config.items() if name not in _DROPPED}
    # Keras 3 writes modules; CuDNNLSTM and CuDNNGRU, which have no such arguments, no dropout.
    initializer = given.get("recurrent_initializer")
    if isinstance(initializer, dict) and "module" not in initializer and "dropout" in given:
        given = _translated(given, arguments)
    return {name: _plain(name, value) for name, value in given.items()}, shape


def _input_shape(config):
    """(B, T, I), as far as a configuration says, or None."""
    for name in _SHAPES:
        if config.get(name) is not None:
            shape = tuple(config[name])
            return (None, *shape)[-3:] if len(shape) == 2 else shape
    if config.get("input_dim") is not None:
        return (None, config.get("input_length"), config["input_dim"])
    return None


def _translated(config, arguments):
    """The arguments that have Keras 2's meaning here."""
    config = dict(config)
    for name in ("activation", "recurrent_activation"):
        if config.get(name) == "hard_sigmoid":
            config[name] = hard_sigmoid
    implementation = config.pop("implementation", 2)
    if "implementation" in arguments:
        config["implementation"] = max(1, implementation)  # 0 differed in memory alone
    if "reset_after" in arguments:
        config.setdefault("reset_after", False)
    if "dropout_noise" in arguments and config["dropout"] and _masked_each_step(config):
        config.setdefault("dropout_noise", "step")
    return config


def _masked_each_step(config):
    """Whether Keras 2 dropped from all inputs at once, [B, T, I], as it did ahead of cuDNN.

    It did so on a CPU too. Otherwise its cell drew one mask and kept it for all steps; that of
    a SimpleRNN, which has no `recurrent_activation`, always.
    """
    wanted = _FOR_CUDNN | ({"reset_after": True} if "reset_after" in config else {})
    return all(name in config and config[name] == value for name, value in wanted.items())


def _plain(name, value):
    """A value without what Keras 2 wrote around it."""
    if not isinstance(value, dict) or "module" in value:
        return value
    if name == "dtype":
        return value["config"]["name"]
    if name.endswith("_initializer") and isinstance(value.get("config"), dict):
        inner = {key: each for key, each in value["config"].items() if key != "dtype"}
        return {**value, "config": inner}
    return value
