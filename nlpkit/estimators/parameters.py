"""Checks an estimator's parameters by the annotations of its recipe's options."""

import numbers
from collections.abc import Callable, Mapping
from typing import Any, get_args, get_type_hints

import typer

from nlpkit.errors import InputError

__all__ = ["checked_options"]


def checked_options(recipe: Callable[..., Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """Requires values that the command line would accept for the same options.

    Args:
        recipe: The `main` of a recipe, whose annotations are of `nlpkit.options`.
        given: Some of its options by name. Strings are checked where they are used.

    Returns:
        The same, NumPy's numbers as Python's.

    Raises:
        InputError: If a value is of another type or out of its range.

    Example:
        >>> from nlpkit.recipes import sentiment
        >>> checked_options(sentiment.main, {"units": 0})
        Traceback (most recent call last):
        ...
        nlpkit.errors.InputError: `units` must be an integer of at least 1, got 0.
    """
    hints = get_type_hints(recipe, include_extras=True)
    return {name: _checked(name, value, *get_args(hints[name])) for name, value in given.items()}


def _checked(name: str, value: Any, kind: Any, option: typer.models.OptionInfo) -> Any:
    """A value of the kind that an option has."""
    kinds = get_args(kind) or (kind,)
    if value is None and type(None) in kinds:
        return None
    if int in kinds:
        return _integer(name, value, option.min, option.max)
    if float in kinds:
        return _number(name, value, option.callback)
    if bool in kinds and not isinstance(value, bool):
        raise InputError(f"`{name}` must be true or false, got {value!r}.")
    return value


def _integer(name: str, value: Any, least: float | None, most: float | None) -> int:
    """An integer of a range; a Boolean is none."""
    whole = isinstance(value, numbers.Integral) and not isinstance(value, bool)
    if whole and (least is None or value >= least) and (most is None or value <= most):
        return int(value)
    bounds = f"from {least} to {most:,}" if most is not None else f"of at least {least}"
    raise InputError(f"`{name}` must be an integer {bounds}, got {value!r}.")


def _number(name: str, value: Any, check: Callable[[float], Any] | None) -> float:
    """A number that the option's own check lets pass; a Boolean is none."""
    if not isinstance(value, numbers.Real) or isinstance(value, bool):
        raise InputError(f"`{name}` must be a number, got {value!r}.")
    try:
        if check is not None:
            check(float(value))
    except typer.BadParameter as error:
        raise InputError(f"`{name}` {error.message}") from None
    return float(value)
