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

    Values of one name are one class. Of a value with an empty name, the rows are left out.

    Attributes:
        values: What the data call each class, canonically (see `canonical`); of several values the
            first.
        names: What people call it; the value where no name was given.
        merged: The class index of each further value.
        left_out: Values that are in no class.

    Example:
        >>> labels = Labels.of({"10", "2"}, names={"2": "poor"})
        >>> labels.values, labels.names
        (('2', '10'), ('poor', '10'))
    """

    values: tuple[str, ...]
    names: tuple[str, ...]
    merged: Mapping[str, int] = dataclasses.field(default_factory=dict)
    left_out: tuple[str, ...] = ()

    @classmethod
    def of(cls, values: Iterable[str], *, names: Mapping[str, str] | None = None) -> "Labels":
        """Sorts the values that occur in the training data: as numbers if all are, else as text.

        Args:
            values: Canonical values, at least two different ones.
            names: Names of some or all of the values; an empty one leaves a value out.

        Returns:
            The labels.

        Raises:
            InputError: If there are fewer than two classes, or a name is for a value that does not
                occur.

        Example:
            >>> stars = {"1": "bad", "2": "bad", "3": "", "4": "good", "5": "good"}
            >>> labels = Labels.of(stars, names=stars)
            >>> labels.names, labels.values, labels.merged, labels.left_out
            (('bad', 'good'), ('1', '4'), {'2': 0, '5': 1}, ('3',))
        """
        values = set(values)
        numeric = all(map(_NUMBER.fullmatch, values))
        ordered = sorted(values, key=lambda v: (float(v) if numeric else 0.0, v))
        names = _checked_names((names or {}).items())
        if unknown := sorted(set(names) - values):
            raise InputError(
                f"`--label-names` names {listed(unknown)}, which does not occur in the training "
                f"data; the labels are {listed(ordered)}."
            )
        classes: dict[str, str] = {}
        for value in ordered:
            if name := names.get(value, value):
                classes.setdefault(name, value)
        if names and not classes:
            raise InputError("`--label-names` must keep at least two classes, but leaves all out.")
        if len(classes) < 2:
            raise InputError(
                f"The training data must have at least two classes, got {listed(classes)} only."
            )
        indices = {name: index for index, name in enumerate(classes)}
        firsts = tuple(classes.values())
        named = {value: names.get(value, value) for value in ordered}
        return cls(
            firsts,
            tuple(classes),
            {v: indices[name] for v, name in named.items() if name and v not in firsts},
            tuple(value for value, name in named.items() if not name),
        )

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
            value: A value that is in a class.

        Returns:
            Its index, from 0.

        Raises:
            ValueError: If training never had it, or left it out.
        """
        if (index := self.indices().get(value)) is None:
            raise ValueError(f"{value!r} is in no class")
        return index

    def indices(self) -> dict[str, int]:
        """The class index of each value that is in a class.

        Returns:
            The indices, from 0, by canonical value.

        Example:
            >>> Labels(("1", "4"), ("bad", "good"), {"5": 1}, ("3",)).indices()
            {'1': 0, '4': 1, '5': 1}
        """
        return {value: index for index, value in enumerate(self.values)} | dict(self.merged)

    def spellings(self) -> dict[str, int | None]:
        """What other data may call a class: its values or its name.

        Returns:
            Class indices, None for values that are in no class; of two meanings the value wins.

        Example:
            >>> Labels(("0", "1"), ("bad", "good"), left_out=("2",)).spellings()
            {'bad': 0, 'good': 1, '0': 0, '1': 1, '2': None}
        """
        names = {plainly(name): index for index, name in enumerate(self.names)}
        return names | self.indices() | dict.fromkeys(self.left_out)


def canonical(value: str) -> str:
    """The one spelling of a label: what no reader can see makes no difference, and 1.0 is 1.

    See `plainly` for what cannot be seen. A column of integers with a hole in it is often written
    back as floating point numbers.

    Args:
        value: A label as the data have it.

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


def parse_label_names(text: str | Mapping[str, str] | None) -> dict[str, str]:
    """Reads `--label-names`: `VALUE=NAME`, separated by commas.

    Args:
        text: For example "0=negative,1=positive", or the same as a mapping; None or nothing gives
            no names.

    Returns:
        Names by canonical value, "" where there is nothing after the equals sign.

    Raises:
        InputError: If a part is malformed, or a value comes twice.

    Example:
        >>> parse_label_names("0=negative, 1=positive")
        {'0': 'negative', '1': 'positive'}
    """
    if isinstance(text, Mapping):
        return _checked_names(text.items())
    pairs = []
    for part in (text or "").split(",") if (text or "").strip() else ():
        value, equals, name = (piece.strip() for piece in part.partition("="))
        if not (equals and value):
            raise InputError(
                "`--label-names` must look like 0=negative,1=positive, "
                f"got {part.strip()!r} in {text!r}."
            )
        pairs.append((value, name))
    return _checked_names(pairs)


def _checked_names(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Names by canonical value: no value twice."""
    names: dict[str, str] = {}
    for value, name in pairs:
        try:
            spelling = canonical(value)
        except ValueError:
            raise InputError(f"`--label-names` cannot name the label {value!r}.") from None
        if spelling in names:
            raise InputError(f"`--label-names` must name a label once, got {spelling!r} twice.")
        names[spelling] = plainly(name)
    return names
