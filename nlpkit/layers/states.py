"""The states that a recurrent layer is given: checked, and one row for all rows."""

from collections.abc import Sequence
from typing import Any

from keras import ops

from nlpkit.errors import InputError

__all__ = ["check_rows", "checked_states"]


def checked_states(
    given: Any, names: Sequence[str], widths: Sequence[int], batch: Any, dtype: str
) -> list[Any]:
    """Initial states as the recurrence takes them.

    Args:
        given: A list of tensors, or a single tensor where there is one state.
        names: The names of the states.
        widths: Their widths.
        batch: B; a number, or a scalar tensor where it is not known.
        dtype: What to cast them to.

    Returns:
        Tensors [B, width] each.

    Raises:
        InputError: If they are too many, too few, or of other shapes.
    """
    states = list(given) if isinstance(given, list | tuple) else [given]
    shapes = [getattr(state, "shape", None) for state in states]
    if len(states) != len(names) or not all(map(_fits, shapes, widths, [batch] * len(shapes))):
        rows = batch if isinstance(batch, int) else "batch"
        wanted = ", ".join(f"{n} [{rows}, {w}]" for n, w in zip(names, widths, strict=True))
        raise InputError(
            f"`initial_state` must be a list of {len(names)}: {wanted}; got {_described(states)}."
        )
    states = [ops.convert_to_tensor(state, dtype) for state in states]
    return [
        ops.broadcast_to(state, (batch, width)) if state.shape[0] == 1 else state
        for state, width in zip(states, widths, strict=True)
    ]


def check_rows(rows: Any, expected: int) -> None:
    """Requires the batch size that a stateful layer was built for.

    Args:
        rows: B; a number, or a scalar tensor where the graph will know it.
        expected: What it must be.

    Raises:
        InputError: If it is another; from a graph that did not know it, TensorFlow's
            InvalidArgumentError with the same words.
    """
    sentence = f"a stateful layer takes batches of the size it was built for, {expected}"
    if not isinstance(rows, int):
        from nlpkit.recurrence import assert_equal

        assert_equal(rows, expected, sentence)
    elif rows != expected:
        raise InputError(f"{sentence}, got {rows}.")


def _fits(shape, width, batch):
    """Whether a shape is [B, width] or [1, width], as far as it is known."""
    if shape is None or len(shape) != 2 or shape[1] not in (None, width):
        return False
    return shape[0] in (None, 1) or not isinstance(batch, int) or shape[0] == batch


def _described(states):
    """What was given, in words."""
    shapes = [list(s.shape) if hasattr(s, "shape") else f"a {type(s).__name__}" for s in states]
    return f"{len(states)}: {', '.join(map(str, shapes))}" if states else "none"
