"""A table, whatever its format: named columns and a stream of rows."""

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from datetime import date, time
from decimal import Decimal
from typing import Any

from nlpkit.data.columns import UNKNOWN, Columns
from nlpkit.errors import InputError

__all__ = [
    "UNLABELLED",
    "Located",
    "Location",
    "Reading",
    "Table",
    "as_text",
    "joined",
    "read_column",
]

Location = int | str
"""Where a row stands: the number of its line or row, or the name of its file."""

UNLABELLED = -1
"""The number that stands for no class where numbers stand for classes, as test data have it."""


class Located:
    """What has rows that an error can point to."""

    name: str
    unit: str

    def at(self, location: Location) -> str:
        """Where a row stands, as errors begin with it.

        Args:
            location: That of the row.

        Returns:
            Name, unit and location, for example "reviews.csv, line 3".
        """
        return f"{self.name}, {self.unit} {location}"


@dataclasses.dataclass(frozen=True)
class Reading:
    """How files are to be read, as far as it is known before they are.

    Attributes:
        encoding: Of text.
        header: Whether the first row names the columns; None to find out.
        known: The columns that were learnt from; numbers if they had no header.
    """

    encoding: str = "utf-8"
    header: bool | None = None
    known: Columns = UNKNOWN


@dataclasses.dataclass(frozen=True)
class Table(Located):
    """An open table.

    Attributes:
        name: The file as the user wrote it.
        columns: Names of the columns, as the header or the first object has them.
        rows: `(location, {column: value})`, to be read once.
        unit: What the location of a row is: "line", "row", "element" or "file".
        likely: The columns that the format or the content suggests, where names cannot.
        fixed: Whether the format itself has a text and a label, so that nothing is guessed.
        label_names: For a column whose values are numbers of classes, what they stand for.
        unlabelled: The columns of such numbers whose first row has `UNLABELLED`.
        encoding: The encoding of its files; None where the format settles it.
        guesses: What was guessed to read it, in a few words each.
    """

    name: str
    columns: tuple[str, ...]
    rows: Iterator[tuple[Location, Mapping[str, Any]]]
    unit: str = "line"
    likely: Columns = UNKNOWN
    fixed: bool = False
    label_names: Mapping[str, Mapping[str, str]] = dataclasses.field(default_factory=dict)
    unlabelled: tuple[str, ...] = ()
    encoding: str | None = None
    guesses: tuple[str, ...] = ()


def joined(parts: list[Callable[[], Table]], names: list[str], name: str) -> Table:
    """The parts of a table as one, opened one after the other.

    Args:
        parts: Each opens a part.
        names: What errors call each part.
        name: What errors call all of them.

    Returns:
        The table.

    Raises:
        InputError: As the first part does. Reading the rows raises it at a part with other columns.
    """
    first = parts[0]()
    if len(parts) == 1:
        return first

    def rows() -> Iterator[tuple[Location, Mapping[str, Any]]]:
        for number, (part, own) in enumerate(zip(parts, names, strict=True)):
            table = part() if number else first
            if table.columns != first.columns:
                raise InputError(
                    f"{own}: the parts of a table must have the same columns, got other ones than "
                    f"in {names[0]}."
                )
            yield from ((f"{location} of {own}", row) for location, row in table.rows)

    return dataclasses.replace(first, name=name, rows=rows())


def read_column(table: Table, column: str) -> Iterator[str]:
    """Yields the texts in one column of a table.

    Args:
        table: An open table, which is used up.
        column: One of its columns.

    Yields:
        The texts.

    Raises:
        InputError: At a row that lacks the column, or holds something there that is no text.
    """
    for location, row in table.rows:
        try:
            yield as_text(row[column])
        except KeyError:
            raise InputError(
                f"{table.at(location)}: the column {column!r} is missing here."
            ) from None
        except ValueError as error:
            raise InputError(
                f"{table.at(location)}: the text must be a single value, got {error}."
            ) from None


def as_text(value: Any) -> str:
    """A cell's value as text: null is empty, true and false are lower-case, numbers as written.

    Args:
        value: What a table holds: a string, its bytes in UTF-8, a number, a date, a time or null.

    Returns:
        The text.

    Raises:
        ValueError: If the value is a list or an object, or bytes that are not valid UTF-8.

    Example:
        >>> as_text(None), as_text(True), as_text(5)
        ('', 'true', '5')
    """
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, bytes):
        try:
            return value.decode()
        except UnicodeDecodeError:
            raise ValueError("bytes that are not valid UTF-8") from None
    if isinstance(value, (int, float, Decimal, date, time)):
        return str(value)
    raise ValueError(f"a {type(value).__name__}")
