"""Checks texts and labels given as lists, arrays or columns of a table."""

import numbers
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

import nlpkit
from nlpkit.errors import InputError

__all__ = ["checked_labels", "checked_texts", "spellings"]

_CURE = "give a list, a NumPy array or one column of a table"


def checked_texts(texts: Any) -> list[str]:
    """Requires strings.

    Args:
        texts: A list, a one-dimensional array, a column of a table, or any other
            iterable of strings.

    Returns:
        The strings.

    Raises:
        InputError: If it is a single string or a table, or holds anything but strings.

    Example:
        >>> checked_texts(np.array(["good", "bad"]))
        ['good', 'bad']
    """
    _refuse_no_rows("`X` must hold texts", texts)
    if (dimensions := getattr(texts, "ndim", 1)) != 1:
        raise InputError(
            f"`X` must hold texts one after the other, got {dimensions} dimensions; {_CURE}."
        )
    values = list(texts)
    for row, text in enumerate(values):
        if not isinstance(text, str):
            raise InputError(
                f"`X` must hold strings, got {text!r:.40} in row {row} (the first row is 0); "
                "leave the row out, or give it a text."
            )
    return [str(text) for text in values]  # NumPy's strings are slower, and print otherwise


def checked_labels(labels: Any, count: int) -> np.ndarray:
    """Requires a label for each text.

    Args:
        labels: Strings, integers or Booleans, in what `checked_texts` takes.
        count: How many texts there are.

    Returns:
        The labels, one-dimensional, of their own type.

    Raises:
        InputError: If it is a single label, there are more or fewer labels than texts, or one is
            missing or of a type that no label has.

    Example:
        >>> checked_labels([True, False], 2)
        array([ True, False])
    """
    if labels is None:
        raise InputError("`y` must hold a label for each text, got None.")
    _refuse_no_rows("`y` must hold labels", labels)
    # NumPy would make strings of all, were there one among them.
    values = np.asarray(labels if hasattr(labels, "dtype") else np.array(list(labels), object))
    if values.ndim != 1:
        raise InputError(f"`y` must have one dimension, got the shape {values.shape}; {_CURE}.")
    if len(values) != count:
        raise InputError(f"`X` and `y` must be equally long, got {count:,} and {len(values):,}.")
    kinds: dict[str, Any] = {}
    for row, label in enumerate(values.tolist()):
        if not isinstance(label, str | numbers.Real) or label != label:
            raise InputError(
                f"`y` must hold strings, integers or Booleans, got {label!r:.40} in row {row} "
                "(the first row is 0); leave the row out, or give it a label."
            )
        kinds.setdefault("text" if isinstance(label, str) else "number", label)
    if len(kinds) > 1:
        raise InputError(
            f"`y` must hold labels of one type, got {kinds['text']!r} and {kinds['number']!r}."
        )
    if values.dtype == object and not hasattr(labels, "dtype"):
        values = np.array(values.tolist())
    for label in values.tolist():
        if not isinstance(label, str) and not float(label).is_integer():
            raise InputError(f"`y` must hold classes, got numbers such as {label!r}.")
    return values


def _refuse_no_rows(rule: str, values: Any) -> None:
    """Refuses what is one text or label, or none, rather than one for each row."""
    if isinstance(values, str | bytes):
        raise InputError(f"{rule}, got a single one, {values!r:.40}; give a list.")
    if isinstance(values, Mapping) or not isinstance(values, Iterable):
        raise InputError(f"{rule} one after the other, got {values!r:.40}; {_CURE}.")


def spellings(classes: np.ndarray) -> list[str]:
    """How an artefact, whose labels are texts, spells each class.

    Args:
        classes: The classes, each once.

    Returns:
        A spelling for each.

    Raises:
        InputError: If two have one spelling, or one has none.

    Example:
        >>> spellings(np.array([False, True])), spellings(np.array([0.0, 1.0]))
        (['False', 'True'], ['0', '1'])
    """
    taken: dict[str, Any] = {}
    for label in classes.tolist():
        try:
            spelling = nlpkit.data.labels.canonical(str(label))
        except ValueError as error:
            raise InputError(f"`y` must hold no label that is {error}, got {label!r}.") from None
        if spelling in taken:
            raise InputError(
                f"`y` must hold labels that can be told apart, got {taken[spelling]!r} and "
                f"{label!r}; write each label in one way."
            )
        taken[spelling] = label
    return list(taken)
