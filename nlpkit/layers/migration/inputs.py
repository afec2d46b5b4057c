"""What comes from elsewhere, taken or refused in one sentence: arrays, and others' errors."""

from typing import Any

import numpy as np

from nlpkit.errors import InputError

__all__ = ["as_array", "first_words"]


def as_array(name: str, value: Any) -> np.ndarray:
    """An array of numbers from what torch, NumPy or a file gives.

    Args:
        name: What the value is called in the sentence.
        value: An array, or a tensor of torch, one that requires a gradient too. bfloat16 becomes
            float32.

    Returns:
        The array.

    Raises:
        InputError: If the value holds no numbers that NumPy can read.

    Example:
        >>> as_array("`weights`", [[1, 2]]).shape
        (1, 2)
    """
    if hasattr(value, "detach"):
        value = value.detach().cpu()
        value = value.float() if str(value.dtype) == "torch.bfloat16" else value
    try:
        array = np.asarray(value)
    except (TypeError, ValueError):
        array = np.asarray(None)
    if array.dtype.name == "bfloat16":
        return array.astype("float32")
    if array.dtype.kind not in "fiu":
        kind = type(value).__name__ if array.dtype.hasobject else f"{array.dtype} array"
        raise InputError(
            f"{name} must be an array of floating-point numbers that NumPy has, got a {kind}: "
            "save it as float32."
        )
    return array


def first_words(error: BaseException) -> str:
    """The beginning of what an error that others wrap says; Keras adds configurations to it.

    Args:
        error: The outermost.

    Returns:
        A line of 160 characters at most.
    """
    while inner := error.__cause__ or (not error.__suppress_context__ and error.__context__):
        error = inner
    message = " ".join(str(error).split())
    return message if len(message) < 160 else message[:159] + "…"
