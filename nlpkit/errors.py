"""The errors that are told in a sentence, and how a sentence lists and counts."""

import itertools
from collections.abc import Iterable
from typing import Any

__all__ = ["InputError", "WorkerError", "counted", "listed"]


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


def counted(number: int, thing: str, things: str | None = None) -> str:
    """A number with its noun.

    Args:
        number: How many there are.
        thing: The noun of one.
        things: That of several. Default: `thing` and an s.

    Returns:
        Both, with a comma between thousands.

    Example:
        >>> counted(1, "pass", "passes"), counted(2000, "text")
        ('1 pass', '2,000 texts')
    """
    return f"{number:,} {thing if number == 1 else things or f'{thing}s'}"


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
