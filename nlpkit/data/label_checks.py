"""Label values that would silently become unwanted classes: one label in two cases, two in one."""

import re
from collections import Counter
from collections.abc import Collection

from nlpkit.data.spelling import regardless_of_case
from nlpkit.errors import InputError, listed

__all__ = ["refuse_doubtful_labels"]

_SEPARATORS = "|;,"
_AROUND = " []()'\"`"
_DECIMAL = re.compile(r"[+-]?[0-9]+,[0-9]+")


def refuse_doubtful_labels(values: Collection[str], *, name: str, column: str | None) -> None:
    """Refuses labels that differ only in case, and values that hold several labels.

    A value is taken for several labels if each of its parts is a part of another value too.

    Args:
        values: All the labels of some data, plainly spelt.
        name: What errors call the data.
        column: The column that they stand in; None if there are no columns.

    Raises:
        InputError: At the first pair or value, which it names.

    Example:
        >>> refuse_doubtful_labels(["neg", "pos"], name="x.csv", column="label")
        >>> refuse_doubtful_labels(["neg", "Neg"], name="x.csv", column="label")
        Traceback (most recent call last):
        ...
        nlpkit.errors.InputError: x.csv: the labels 'Neg', 'neg' in column 'label' differ only in \
case or width, and would be different classes; write each label in one way.
    """
    where = "" if column is None else f" in column {column!r}"
    alike: dict[str, list[str]] = {}
    for value in sorted(values):
        alike.setdefault(regardless_of_case(value), []).append(value)
    for same in alike.values():
        if len(same) > 1:
            raise InputError(
                f"{name}: the labels {listed(same)}{where} differ only in case or width, and "
                "would be different classes; write each label in one way."
            )
    for separator in _SEPARATORS:
        if (several := _several(values, separator)) is not None:
            raise InputError(
                f"{name}: the value {several!r}{where} holds several labels, and a text can have "
                "one only; keep one of them, or make a column of two values for each label and "
                "train a model on each with `--label-column`."
            )


def _several(values: Collection[str], separator: str) -> str | None:
    """The first value that is several labels, if there is one."""
    parts = {value: _parts(value, separator) for value in values}
    uses = Counter(part for each in parts.values() for part in set(each))
    return next(
        (
            value
            for value in sorted(values)
            if len(parts[value]) > 1 and all(uses[part] > 1 for part in parts[value])
        ),
        None,
    )


def _parts(value: str, separator: str) -> list[str]:
    """What separators make of a value; a decimal comma is none."""
    if separator == "," and _DECIMAL.fullmatch(value):
        return [value]
    return [part.strip(_AROUND) for part in value.split(separator)]
