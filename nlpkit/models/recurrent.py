"""The recurrent layers a model can be built of, by the name the command line gives them."""

from collections.abc import Callable

import keras

from nlpkit import layers
from nlpkit.checks import check_choice, check_positive_integer

__all__ = ["RECURRENT", "recurrent"]

# Keras decides for cuDNN when it traces, and a model exported so dies on a CPU: hence `False`.
RECURRENT: dict[str, Callable[..., keras.layers.RNN]] = {
    "lstm": layers.LSTM,
    "keras-lstm": lambda units, **options: keras.layers.LSTM(units, use_cudnn=False, **options),
    "keras-gru": lambda units, **options: keras.layers.GRU(units, use_cudnn=False, **options),
}


def recurrent(cell: str, units: int, **options) -> keras.layers.RNN:
    """A recurrent layer by its cell's name.

    Args:
        cell: A key of `RECURRENT`.
        units: Size of the state, U.
        **options: More arguments of the layer.

    Returns:
        The layer.

    Raises:
        InputError: If there is no such cell, or `units` is not a positive integer.

    Example:
        >>> recurrent("lstm", 8, return_sequences=True).units
        8
    """
    check_choice("cell", cell, RECURRENT)
    check_positive_integer("units", units)
    return RECURRENT[cell](units, **options)
