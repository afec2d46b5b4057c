"""The mask that a recurrent layer is given: checked, and as the recurrence takes it."""

from typing import Any

from keras import ops

from nlpkit.errors import InputError

__all__ = ["checked_mask"]


def checked_mask(mask: Any, sequences: Any) -> Any:
    """A mask as the recurrence takes it.

    Args:
        mask: [B, T] or [B, T, 1] of any type, zero at steps to skip; or None.
        sequences: What it is for, [B, T, I].

    Returns:
        Booleans [B, T], or None.

    Raises:
        InputError: If it is of another shape.
    """
    if mask is None:
        return None
    mask = ops.convert_to_tensor(mask)
    given, wanted = tuple(mask.shape), tuple(sequences.shape[:2])
    sizes = zip(given, wanted, strict=False)
    if len(given) not in (2, 3) or any(a != b for a, b in sizes if None not in (a, b)):
        raise InputError(
            f"`mask` must be [batch, time], as the inputs have them, {[*wanted]}, got {[*given]}."
        )
    return ops.cast(mask if len(given) == 2 else mask[..., 0], "bool")
