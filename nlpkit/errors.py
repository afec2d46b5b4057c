"""The errors that are told in a sentence, and how a sentence lists values."""

import itertools
from collections.abc import Iterable
from typing import Any

__all__ = ["InputError", "WorkerError", "listed"]


class InputError(ValueError):
    """The input or the usage is at fault, and one sentence says what would be right.

    The sentence names the thing, the rule and what was received, and a cure where there is one.
    The command line prints it, nothing else, and ends with exit status 2.

    Example:
        >>> raise InputError("`units` must be a positive integer, got 0.")
        Traceback (most recent call last):
        ...
        nlpkit.errors.InputError: `units` must be a positive integer, got 0.
    """


class WorkerError(RuntimeError):
    """A worker of a training on several machines is gone, so the others cannot go on.

    The command line prints the sentence and its notes, and ends with exit status 1.
    """


def listed(values: Iterable[Any], limit: int = 10) -> str:
    """The first values for a sentence, long strings cut.

    Args:
        values: Any values.
        limit: How many to show, at least 1; further ones become "…".

    Returns:
        The `repr` of each, separated by commas.

    Example:
        >>> listed(["a", 2, None], limit=2)
        "'a', 2, …"
    """
    shown = [_short(value) for value in itertools.islice(values, limit + 1)]
    return ", ".join([*shown[:limit], *(["…"] if len(shown) > limit else [])])


def _short(value: Any) -> str:
    """A value's `repr`; of a string, forty characters at most."""
    if isinstance(value, str) and len(value) > 40:
        value = value[:39] + "…"
    return repr(value)
