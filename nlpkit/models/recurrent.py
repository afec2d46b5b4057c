"""The recurrent layers a model can be built of, by the name the command line gives them."""

import inspect
from collections.abc import Callable

import keras

from nlpkit.checks import check_choice, check_positive_integer
from nlpkit.layers import FAMILY, Member

__all__ = ["RECURRENT", "has_recurrent_kernel", "recurrent"]


def _keras(member: Member) -> Callable[..., keras.layers.RNN]:
    """A layer of Keras for a model that is exported."""
    fixed, layer = dict(member.arguments), member.require_keras()
    # Keras decides for cuDNN when it traces, and a model exported so dies on a CPU: hence `False`.
    if "use_cudnn" in inspect.signature(layer).parameters:
        fixed["use_cudnn"] = False
    return lambda units, **options: layer(units, **fixed, **options)


RECURRENT: dict[str, Callable[..., keras.layers.RNN]] = {
    **{name: member.make_width for name, member in FAMILY.items()},
    **{f"keras-{n}": _keras(member) for n, member in FAMILY.items() if member.keras_name},
}
"""The family, and those of it that Keras has, as Keras has them."""


def recurrent(cell: str, units: int, **options) -> keras.layers.RNN:
    """A recurrent layer by its cell's name.

    Args:
        cell: A key of `RECURRENT`.
        units: Width of the output, which is nearly always the layer's `units`.
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


def has_recurrent_kernel(cell: str) -> bool:
    """Whether a layer multiplies its state.

    Args:
        cell: A key of `RECURRENT`.

    Returns:
        Whether there is a recurrent kernel; Keras's layers have one.

    Example:
        >>> has_recurrent_kernel("lstm")
        True
    """
    return cell not in FAMILY or FAMILY[cell].cell.recurrent
