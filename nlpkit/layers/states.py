"""The initial states that a recurrent layer is given: checked, and broadcast to all rows."""

from collections.abc import Sequence
from typing import Any

from keras import ops

from nlpkit.errors import InputError

__all__ = ["checked_rows", "checked_states"]


def checked_states(
    given: Any,
    names: Sequence[str],
    widths: Sequence[int],
    batch: Any,
    dtype: str,
    *,
    argument: str = "initial_state",
) -> list[Any]:
    """Initial states as the recurrence takes them.

    Args:
        given: A list of tensors, or a single tensor where there is one state.
        names: The names of the states.
        widths: Their widths.
        batch: B; a number, or a scalar tensor where it is not known.
        dtype: What to cast them to.
        argument: The name of the argument that they are. Default: "initial_state".

    Returns:
        Tensors [B, width] each.

    Raises:
        InputError: If they are too many, too few, or of other shapes; from a graph that did not
            know the number of rows, TensorFlow's InvalidArgumentError.
    """
    states = list(given) if isinstance(given, list | tuple) else [given]
    shapes = [getattr(state, "shape", None) for state in states]
    if len(states) != len(names) or not all(map(_fits, shapes, widths, [batch] * len(shapes))):
        rows = batch if isinstance(batch, int) else "batch"
        wanted = ", ".join(f"{n} [{rows}, {w}]" for n, w in zip(names, widths, strict=True))
        raise InputError(
            f"`{argument}` must be a list of {len(names)}: {wanted}; got {_described(states)}."
        )
    states = [ops.convert_to_tensor(state, dtype) for state in states]
    return [
        _for_all_rows(state, (batch, width), argument)
        for state, width in zip(states, widths, strict=True)
    ]


def checked_rows(sequences: Any, expected: int) -> Any:
    """Requires the batch size that a stateful layer was built for.

    Args:
        sequences: [B, ...], where B may be known to the graph only when it runs.
        expected: What B must be.

    Returns:
        The sequences.

    Raises:
        InputError: If it is another; from a graph that did not know it, TensorFlow's
            InvalidArgumentError with the same message.
    """
    rows = ops.shape(sequences)[0]
    sentence = f"a stateful layer takes batches of the size it was built for, {expected}"
    if not isinstance(rows, int):
        from nlpkit.recurrence import assert_equal

        return assert_equal(rows, expected, sentence, sequences)
    if rows != expected:
        raise InputError(f"{sentence}, got {rows}.")
    return sequences


def _for_all_rows(state, shape, argument):
    """A state [B, width] from one of B rows or of one, whichever the graph knows."""
    rows, batch = state.shape[0], shape[0]
    if isinstance(batch, int) and rows == batch:
        return state
    if rows is None or (rows != 1 and not isinstance(batch, int)):
        from nlpkit.recurrence import assert_equal, saving

        if not saving():  # the sentence is a string, which no accelerator takes
            given = ops.shape(state)[0]
            sentence = f"`{argument}` must have one row, or as many as the inputs"
            spread = ops.where(given == 1, batch, given)
            state = assert_equal(spread, batch, sentence, state)
    return ops.broadcast_to(state, shape)


def _fits(shape, width, batch):
    """Whether a shape is [B, width] or [1, width], as far as it is known."""
    if shape is None or len(shape) != 2 or shape[1] not in (None, width):
        return False
    return shape[0] in (None, 1) or not isinstance(batch, int) or shape[0] == batch


def _described(states):
    """What was given, for a message."""
    shapes = [list(s.shape) if hasattr(s, "shape") else f"a {type(s).__name__}" for s in states]
    return f"{len(states)}: {', '.join(map(str, shapes))}" if states else "none"
