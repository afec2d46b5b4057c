"""Checks of arguments: one wording for every layer and function.

Each takes the argument's name and its value, returns nothing, and raises `InputError`.
"""

import numbers
from collections.abc import Collection
from typing import Any

from nlpkit.errors import InputError, listed

__all__ = [
    "check_boolean",
    "check_choice",
    "check_fraction",
    "check_positive_integer",
    "check_positive_number",
]


def check_positive_integer(name: str, value: Any) -> None:
    """Requires an integer of at least 1; a Boolean is none.

    Args:
        name: The argument's name, as the caller knows it.
        value: What was received.

    Raises:
        InputError: If `value` is not a positive integer.

    Example:
        >>> check_positive_integer("units", 0)
        Traceback (most recent call last):
        ...
        nlpkit.errors.InputError: `units` must be a positive integer, got 0.
    """
    if not _is_number(value, numbers.Integral) or value < 1:
        raise InputError(f"`{name}` must be a positive integer, got {value!r}.")


def check_fraction(name: str, value: Any) -> None:
    """Requires a number from 0 to 1, both included; a Boolean is none.

    Args:
        name: The argument's name, as the caller knows it.
        value: What was received.

    Raises:
        InputError: If `value` is not a number from 0 to 1.

    Example:
        >>> check_fraction("dropout", 1.5)
        Traceback (most recent call last):
        ...
        nlpkit.errors.InputError: `dropout` must be a number from 0 to 1, got 1.5.
    """
    if not _is_number(value, numbers.Real) or not 0 <= value <= 1:
        raise InputError(f"`{name}` must be a number from 0 to 1, got {value!r}.")


def check_positive_number(name: str, value: Any) -> None:
    """Requires a number above 0; a Boolean is none.

    Args:
        name: The argument's name, as the caller knows it.
        value: What was received.

    Raises:
        InputError: If `value` is not a positive number.

    Example:
        >>> check_positive_number("cell_clip", 0)
        Traceback (most recent call last):
        ...
        nlpkit.errors.InputError: `cell_clip` must be a positive number, got 0.
    """
    if not _is_number(value, numbers.Real) or not value > 0:
        raise InputError(f"`{name}` must be a positive number, got {value!r}.")


def check_boolean(name: str, value: Any) -> None:
    """Requires `True` or `False`.

    Args:
        name: The argument's name, as the caller knows it.
        value: What was received.

    Raises:
        InputError: If `value` is anything else.

    Example:
        >>> check_boolean("native", "no")
        Traceback (most recent call last):
        ...
        nlpkit.errors.InputError: `native` must be True or False, got 'no'.
    """
    if not isinstance(value, bool):
        raise InputError(f"`{name}` must be True or False, got {value!r}.")


def check_choice(name: str, value: Any, choices: Collection[Any]) -> None:
    """Requires one of a few values.

    Args:
        name: The argument's name, as the caller knows it.
        value: What was received.
        choices: The legal values, in the order in which the error shall list them.

    Raises:
        InputError: If `value` is not among `choices`.

    Example:
        >>> check_choice("use_cudnn", "yes", ("auto", True, False))
        Traceback (most recent call last):
        ...
        nlpkit.errors.InputError: `use_cudnn` must be one of 'auto', True, False, got 'yes'.
    """
    if value not in choices:
        known = listed(choices, limit=len(choices))
        raise InputError(f"`{name}` must be one of {known}, got {value!r}.")


def _is_number(value, kind):
    """Whether a value is a number of a kind; Python counts Booleans among them."""
    return isinstance(value, kind) and not isinstance(value, bool)
