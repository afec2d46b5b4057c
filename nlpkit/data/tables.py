"""A file as a table: named columns and a stream of rows, whatever the format."""

import contextlib
import dataclasses
import itertools
from collections.abc import Iterator, Mapping
from typing import Any

from nlpkit.data.delimited import read_rows
from nlpkit.data.jsonl import read_objects
from nlpkit.data.lines import read_lines
from nlpkit.data.spec import Spec
from nlpkit.errors import InputError

__all__ = ["Table", "as_text", "open_table", "read_column", "settled"]

_JSON_LINES = "write one object a line, and call the file .jsonl"
_SAVE = "save the table with commas as .csv, or with tabs as .tsv"
_CURES = {"\t": "call the file .tsv", ";": _SAVE, "|": _SAVE, ",": "call the file .csv"}
_HEADER = 1 << 18  # characters of a line that are looked at


@dataclasses.dataclass(frozen=True)
class Table:
    """An open table.

    Attributes:
        name: The file as the user wrote it.
        columns: Names of the columns, as the header or the first object has them.
        rows: `(line number, {column: value})`, to be read once.
    """

    name: str
    columns: tuple[str, ...]
    rows: Iterator[tuple[int, Mapping[str, Any]]]


def settled(spec: Spec, *, encoding: str = "utf-8") -> Spec:
    """Looks whether a .txt is a table, so that every command takes it for the same.

    It is one if its first line is a header, names with tabs between them, and the next line, if
    there is one, holds a tab or begins a quoted text of many lines. A tab alone makes no table:
    lines of text may hold some, at their beginning above all.

    Args:
        spec: A parsed SPEC of any kind.
        encoding: Name of a Python text encoding.

    Returns:
        The SPEC; of a .txt that is a table one of the kind "tsv".

    Raises:
        InputError: If a .txt is missing or no text in `encoding`.
    """
    if spec.kind != "txt":
        return spec
    with contextlib.closing(read_lines(spec.file, encoding=encoding, piece=_HEADER)) as lines:
        written = (line for _, line in lines if line.strip())
        first, second = next(written, ""), next(written, "\t")
    names = first.split("\t")
    table = len(names) > 1 and all(map(str.strip, names)) and (second[0] == '"' or "\t" in second)
    return dataclasses.replace(spec, kind="tsv") if table else spec


def open_table(spec: Spec, *, encoding: str = "utf-8") -> Table:
    """Opens a .csv, .tsv, .jsonl or .txt file as a table and reads no further than its first row.

    Args:
        spec: A parsed SPEC with a path; for a .txt see `settled`.
        encoding: Name of a Python text encoding.

    Returns:
        The table, with at least one row.

    Raises:
        InputError: If the file is missing, empty, without rows, a .txt that is no table, or has
            its columns separated by another character than its ending says. Reading the rows
            raises it at a row that is broken or not text in `encoding`.
    """
    spec = settled(spec, encoding=encoding)
    lines: Iterator[tuple[int, str]] = read_lines(spec.file, encoding=encoding)
    first = next(lines, None)
    if first is None:
        raise InputError(f"{spec.text}: the file is empty.")
    if spec.kind == "txt":
        raise InputError(
            f"{spec.text}: this .txt holds no tabs between columns in its first two lines, so it "
            "is no table; give a .tsv, .csv or .jsonl file with a header."
        )
    lines = itertools.chain([first], lines)
    if spec.kind == "jsonl":
        return _table_of_objects(spec.text, lines)
    return _table_of_rows(spec.text, lines, "," if spec.kind == "csv" else "\t")


def read_column(table: Table, column: str) -> Iterator[str]:
    """Yields the texts in one column of a table.

    Args:
        table: An open table, which is used up.
        column: One of its columns.

    Yields:
        The texts.

    Raises:
        InputError: At a row that lacks the column, or holds a list or an object there.
    """
    for number, row in table.rows:
        try:
            yield as_text(row[column])
        except KeyError:
            raise InputError(
                f"{table.name}, line {number}: the column {column!r} is missing here."
            ) from None
        except ValueError as error:
            raise InputError(
                f"{table.name}, line {number}: the text must be a single value, got {error}."
            ) from None


def as_text(value: Any) -> str:
    """A cell's value as text: null is empty, true and false are lower-case, numbers as written.

    Args:
        value: What a table holds: a string, or what JSON has for values.

    Returns:
        The text.

    Raises:
        ValueError: If the value is a list or an object.

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
    if isinstance(value, (int, float)):
        return str(value)
    raise ValueError(f"a {type(value).__name__}")


def _table_of_rows(name: str, lines: Iterator[tuple[int, str]], delimiter: str) -> Table:
    """A table whose first row is the header."""
    rows = read_rows(lines, delimiter=delimiter, name=name)
    _, header = next(rows, (0, []))
    columns = tuple(column.strip() for column in header)
    if columns and columns[0].startswith(("{", "[")):
        raise InputError(f"{name}: this looks like JSON; {_JSON_LINES}.")
    if len(columns) == 1:  # Before the first row, whose texts may hold the delimiter.
        _refuse_other_delimiters(name, columns[0], delimiter)
    first = next(rows, None)
    if first is None:
        raise InputError(f"{name}: the file has a header and no rows.")
    rows = itertools.chain([first], rows)
    return Table(
        name, columns, ((number, dict(zip(columns, row, strict=True))) for number, row in rows)
    )


def _refuse_other_delimiters(name: str, header: str, delimiter: str) -> None:
    """Refuses a header of one column that another delimiter would make several of."""
    for other, cure in _CURES.items():
        if other != delimiter and other in header:
            raise InputError(
                f"{name}: the columns look separated by {other!r}, not by {delimiter!r}; {cure}."
            )


def _table_of_objects(name: str, lines: Iterator[tuple[int, str]]) -> Table:
    """A table whose columns are the keys of its first object."""
    rows = read_objects(lines, name=name)
    first = next(rows, None)
    if first is None:
        raise InputError(f"{name}: the file has no rows.")
    return Table(name, tuple(first[1]), itertools.chain([first], rows))
