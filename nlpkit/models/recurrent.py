"""The recurrent layers that a model can be built of, by their names on the command line."""

import inspect
from collections.abc import Callable

import keras

from nlpkit.checks import check_choice, check_positive_integer
from nlpkit.layers import FAMILY, Member

__all__ = ["RECURRENT", "has_recurrent_kernel", "recurrent"]


def _keras(member: Member) -> Callable[..., keras.layers.RNN]:
    """Makes a layer of Keras that can be exported."""
    fixed, layer = dict(member.arguments), member.require_keras()
    # Keras chooses cuDNN while tracing, and a model exported with cuDNN fails on a CPU.
    if "use_cudnn" in inspect.signature(layer).parameters:
        fixed["use_cudnn"] = False
    return lambda units, **options: layer(units, **fixed, **options)


RECURRENT: dict[str, Callable[..., keras.layers.RNN]] = {
    **{name: member.make_width for name, member in FAMILY.items()},
    **{f"keras-{n}": _keras(member) for n, member in FAMILY.items() if member.keras_name},
}
"""The layers of nlpkit, and those of Keras for the same cells."""


def recurrent(cell: str, units: int, **options) -> keras.layers.RNN:
    """Makes a recurrent layer by the name of its cell.

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
    """Whether a layer has a recurrent kernel.

    Args:
        cell: A key of `RECURRENT`.

    Returns:
        True for all layers of Keras, and for most of nlpkit.

    Example:
        >>> has_recurrent_kernel("lstm")
        True
    """
    return cell not in FAMILY or FAMILY[cell].cell.recurrent
