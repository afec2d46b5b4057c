"""Labels: the values in the data, the class indices of the model, the names that people read."""

import dataclasses
import re
from collections.abc import Iterable, Mapping

from nlpkit.data.spelling import plainly
from nlpkit.errors import InputError, listed

__all__ = ["Labels", "canonical", "parse_label_names"]

_INTEGER = re.compile(r"(-?[0-9]+)\.0+")
_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")


@dataclasses.dataclass(frozen=True)
class Labels:
    """The classes of a data set, in the order of their indices.

    Attributes:
        values: What the data call each class, canonically (see `canonical`).
        names: What people call it; the value where no name was given.

    Example:
        >>> labels = Labels.of({"10", "2"}, names={"2": "poor"})
        >>> labels.values, labels.names, labels.index("10")
        (('2', '10'), ('poor', '10'), 1)
    """

    values: tuple[str, ...]
    names: tuple[str, ...]

    @classmethod
    def of(cls, values: Iterable[str], *, names: Mapping[str, str] | None = None) -> "Labels":
        """Sorts the values that occur in the training data: as numbers if all are, else as text.

        Args:
            values: Canonical values, at least two different ones.
            names: Names of some or all of the values.

        Returns:
            The labels.

        Raises:
            InputError: If there are fewer than two classes, a name is empty or for a value that
                does not occur, or two classes would have one name.
        """
        values = set(values)
        numeric = all(map(_NUMBER.fullmatch, values))
        ordered = sorted(values, key=lambda v: (float(v) if numeric else 0.0, v))
        if len(ordered) < 2:
            raise InputError(
                f"The training data must have at least two classes, got {listed(ordered)} only."
            )
        names = _checked_names((names or {}).items())
        if unknown := sorted(set(names) - values):
            raise InputError(
                f"`--label-names` names {listed(unknown)}, which does not occur in the training "
                f"data; the labels are {listed(ordered)}."
            )
        shown = tuple(names.get(value, value) for value in ordered)
        _refuse_twice(shown)
        return cls(tuple(ordered), shown)

    def half_named(self) -> str | None:
        """What to say where some classes have a name and others do not.

        Returns:
            A sentence without its full stop; None where all have one or none has.

        Example:
            >>> Labels(("0", "1"), ("negative", "1")).half_named()
            "`--label-names` leaves '1' without a name, which is shown as it is"
        """
        pairs = list(zip(self.values, self.names, strict=True))
        unnamed = [value for value, name in pairs if value == name]
        if len(unnamed) in (0, len(pairs)):
            return None
        verb = "which is shown as it is" if len(unnamed) == 1 else "which are shown as they are"
        return f"`--label-names` leaves {listed(unnamed)} without a name, {verb}"

    def __len__(self) -> int:
        return len(self.values)

    def index(self, value: str) -> int:
        """The class index of a canonical value.

        Args:
            value: One of `values`.

        Returns:
            Its index, from 0.

        Raises:
            ValueError: If training never had it.
        """
        return self.values.index(value)


def canonical(value: str) -> str:
    """The one spelling of a label: what no reader can see makes no difference, and 1.0 is 1.

    See `plainly` for what cannot be seen. A column of integers with a hole in it is often written
    back as floating point numbers.

    Args:
        value: A label as it was found.

    Returns:
        The spelling.

    Raises:
        ValueError: If the label is empty or not a number (NaN).

    Example:
        >>> canonical(" 1.0 "), canonical("4.5"), canonical("positive")
        ('1', '4.5', 'positive')
    """
    value = plainly(value)
    if not value:
        raise ValueError("empty")
    if value.lower() in ("nan", "+nan", "-nan"):
        raise ValueError("NaN")
    whole = _INTEGER.fullmatch(value)
    return whole[1] if whole else value


def parse_label_names(text: str | None) -> dict[str, str]:
    """Reads `--label-names`: `VALUE=NAME`, separated by commas.

    Args:
        text: For example "0=negative,1=positive"; None or nothing gives no names.

    Returns:
        Names by canonical value.

    Raises:
        InputError: If a part is malformed, or a value or a name comes twice.

    Example:
        >>> parse_label_names("0=negative, 1=positive")
        {'0': 'negative', '1': 'positive'}
    """
    pairs = []
    for part in (text or "").split(",") if (text or "").strip() else ():
        value, equals, name = (piece.strip() for piece in part.partition("="))
        if not (equals and value and name):
            raise InputError(
                "`--label-names` must look like 0=negative,1=positive, "
                f"got {part.strip()!r} in {text!r}."
            )
        pairs.append((value, name))
    names = _checked_names(pairs)
    _refuse_twice(tuple(names.values()))
    return names


def _checked_names(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Names by canonical value: no value twice, no name empty."""
    names: dict[str, str] = {}
    for value, name in pairs:
        try:
            spelling = canonical(value)
        except ValueError:
            raise InputError(f"`--label-names` cannot name the label {value!r}.") from None
        if not plainly(name):
            raise InputError(f"`--label-names` must not be empty, got {name!r} for {value!r}.")
        if spelling in names:
            raise InputError(f"`--label-names` must name a label once, got {spelling!r} twice.")
        names[spelling] = plainly(name)
    return names


def _refuse_twice(names: tuple[str, ...]) -> None:
    """Refuses two classes of one name, which nobody could tell apart."""
    for name in names:
        if names.count(name) > 1:
            raise InputError(
                f"`--label-names` must give each class its own name, got {name!r} twice."
            )
