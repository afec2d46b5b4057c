"""Tables whose columns are separated by a character: which one, and whether there is a header."""

import itertools
import re
from collections.abc import Iterator, Sequence

from nlpkit.data.columns import UNKNOWN, Columns, columns_by_content, is_usual
from nlpkit.data.delimited import read_rows
from nlpkit.data.files import File
from nlpkit.data.lines import read_lines
from nlpkit.data.tables import Reading, Table
from nlpkit.errors import InputError

__all__ = ["read_delimited"]

_DELIMITERS = {",": "commas", "\t": "tabs", ";": "';'", "|": "'|'"}
_SAMPLE_LINES, _SAMPLE_CHARACTERS = 200, 1 << 18
_DECLARATION = re.compile(r"sep=(.)\r?\n?")  # Excel's own first line
_JSON_LINES = "call the file .json"

Lines = Iterator[tuple[int, str]]


def read_delimited(file: File, reading: Reading, *, delimiter: str) -> Table:
    """Opens a table, and reads the first lines only.

    Its delimiter is another one than its ending says if Excel's line "sep=;" says so, or if the
    first rows fit the other one only. It has no header if a cell of its first row comes again and
    again below, as a label does and a name does not, unless a cell is a usual name of a column.

    Args:
        file: The file.
        reading: Its encoding, and whether it has a header.
        delimiter: The one that its ending stands for.

    Returns:
        The table; without a header, its columns are called "1", "2", ….

    Raises:
        InputError: If the file is missing, empty, without rows, JSON, or lines of text that only
            look like columns here and there. Reading the rows raises it at a row that is broken or
            not text in the encoding.
    """
    name, guesses = file.name, []
    sample, lines = _sampled(read_lines(file, encoding=reading.encoding))
    if not sample:
        raise InputError(f"{name}: the file is empty.")
    if declared := _DECLARATION.fullmatch(sample[0][1]):
        delimiter = declared[1]
        next(lines)
        sample = sample[1:]
    else:
        fitting = _delimiter(name, sample, delimiter)
        if fitting != delimiter:
            guesses.append(f"columns separated by {_DELIMITERS[fitting]}")
        delimiter = fitting
    few = _rows(name, sample, delimiter)
    rows = read_rows(lines, delimiter=delimiter, name=name)
    header = _has_header(few, reading.known) if reading.header is None else reading.header
    if header:
        columns = tuple(column.strip() for column in next(rows, (0, []))[1])
        if columns and columns[0].startswith(("{", "[")):
            raise InputError(f"{name}: this looks like JSON; {_JSON_LINES}.")
    elif reading.header is None:
        guesses.append("no header (`--header`)")
    first = next(rows, None)
    if first is None:
        raise InputError(f"{name}: the file has a header and no rows.")
    likely = UNKNOWN
    if not header:
        columns = tuple(str(number) for number in range(1, 1 + len(first[1])))
        likely = columns_by_content(columns, [row for row in few if len(row) == len(columns)])
    numbered = itertools.chain([first], rows)
    return Table(
        name,
        columns,
        ((number, dict(zip(columns, row, strict=True))) for number, row in numbered),
        likely=likely,
        guesses=tuple(guesses),
    )


def _sampled(lines: Lines) -> tuple[list[tuple[int, str]], Lines]:
    """The first lines, and all of them."""
    sample, size = [], 0
    for number, line in itertools.islice(lines, _SAMPLE_LINES):
        sample.append((number, line))
        size += len(line)
        if size > _SAMPLE_CHARACTERS:
            break
    return sample, itertools.chain(list(sample), lines)


def _delimiter(name: str, sample: list[tuple[int, str]], own: str) -> str:
    """The delimiter that the first rows fit: that of the ending if they do or if none does."""
    if _fits(name, sample, own):
        return own
    others = [other for other in _DELIMITERS if other != own and _fits(name, sample, other)]
    if len(others) == 1:
        return others[0]
    header = _rows(name, sample[:1], own)
    doubtful = [other for other in _DELIMITERS if other != own and other in sample[0][1]]
    if doubtful and header and len(header[0]) == 1:
        raise InputError(
            f"{name}: it is not clear what separates the columns: {_DELIMITERS[own]}, as the name "
            f"says, make one column, and {_DELIMITERS[doubtful[0]]} do not fit every row; save the "
            "table with commas as .csv, or with tabs as .tsv."
        )
    return own


def _fits(name: str, sample: list[tuple[int, str]], delimiter: str) -> bool:
    """Whether a delimiter makes several columns, and most of the sample can be read with it."""
    rows = _rows(name, sample, delimiter)
    if not rows or len(rows[0]) < 2:
        return False
    lines = sum(bool(line.strip()) for _, line in sample)
    read = sum(1 + sum(cell.count("\n") for cell in row) for row in rows)
    return 2 * read > lines and (len(rows) > 1 or lines == 1)


def _rows(name: str, sample: list[tuple[int, str]], delimiter: str) -> list[list[str]]:
    """The rows of a sample as far as they are whole."""
    rows: list[list[str]] = []
    try:
        for _, row in read_rows(iter(sample), delimiter=delimiter, name=name):
            rows.append(row)
    except InputError:
        pass  # The sample may end within a row; reading the table tells what else is wrong.
    return rows


def _has_header(rows: Sequence[Sequence[str]], known: Columns) -> bool:
    """Whether the first row names columns.

    It does if a cell is a usual name, or if none is a value of its column, which has few different
    ones. A model that learnt from a table without a header expects none otherwise.
    """
    if not rows:
        return True
    first, *others = ([cell.strip() for cell in row] for row in rows)
    if any(map(is_usual, first)):
        return True
    numbered = {column for column in known if column is not None}
    if numbered and all(map(str.isdecimal, numbered)):
        return numbered <= set(first)
    if not others or len(first) < 2:
        return True
    if all(cell.isdecimal() for cell in first) and _consecutive([int(cell) for cell in first]):
        return True  # pandas numbers columns that have no name
    return not any(
        cell and cell in column and 2 * len(set(column)) <= len(column)
        for cell, column in zip(first, zip(*others, strict=True), strict=True)
    )


def _consecutive(numbers: Sequence[int]) -> bool:
    """Whether each number is one more than that before it."""
    return all(b == a + 1 for a, b in itertools.pairwise(numbers))
