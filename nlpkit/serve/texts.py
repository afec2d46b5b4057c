"""Texts to be predicted, from a file, a table or standard input."""

import itertools
import sys
from collections.abc import Iterator
from pathlib import Path

from nlpkit.data.lines import read_lines
from nlpkit.data.spec import parse_spec
from nlpkit.data.tables import Table, open_table, read_column, settled
from nlpkit.errors import InputError, listed

__all__ = ["read_texts"]


def read_texts(
    path: str | Path, *, text_column: str | None = None, encoding: str = "utf-8"
) -> Iterator[str]:
    r"""Yields the texts of a file, one at a time.

    Args:
        path: A .csv, .tsv or .jsonl table; a .txt, which is a table with tabs or one text a line
            (see `nlpkit.data.tables.settled`); .gz of each; or "-" for standard input, one text a
            line.
        text_column: Column of a table; None for the only one, or the one called "text".
        encoding: Name of a Python text encoding.

    Yields:
        The texts; an empty line is an empty text.

    Raises:
        InputError: If the file is missing, empty, unreadable or not text in `encoding`, or the
            column cannot be told. Standard input may be empty.

    Example:
        >>> file = getfixture("tmp_path") / "texts.csv"
        >>> _ = file.write_text('label,text\n1,"Good, short."\n')
        >>> list(read_texts(file))
        ['Good, short.']
    """
    if str(path) == "-":
        if text_column is not None:
            raise InputError(
                f"`--text-column` needs a table in a file, got {text_column!r} for standard input."
            )
        if sys.stdin is None:
            raise InputError("`--input -` reads standard input, but that is closed.")
        lines = read_lines(sys.stdin.buffer, encoding=encoding, name="standard input")
        return _without_ends(lines)
    spec = parse_spec(path) if str(path).strip() else None
    if spec is None or spec.path is None:
        raise InputError(f"`--input` must be a file or - for standard input, got {str(path)!r}.")
    spec = settled(spec, encoding=encoding)
    if spec.kind == "txt" and text_column is None:
        lines = read_lines(spec.path, encoding=encoding)
        first = next(lines, None)
        if first is None:
            raise InputError(f"{spec.text}: the file is empty.")
        return _without_ends(itertools.chain([first], lines))
    table = open_table(spec, encoding=encoding)
    return read_column(table, _choose(table, text_column))


def _without_ends(lines: Iterator[tuple[int, str]]) -> Iterator[str]:
    """Lines without their numbers and ends."""
    for _, line in lines:
        yield line.removesuffix("\n").removesuffix("\r")


def _choose(table: Table, text_column: str | None) -> str:
    """The text column."""
    wanted = text_column or (table.columns[0] if len(table.columns) == 1 else "text")
    if table.columns.count(wanted) == 1:
        return wanted
    if wanted in table.columns:
        raise InputError(f"{table.name}: two columns are called {wanted!r}; rename one.")
    columns = listed(table.columns, most=20)
    if text_column is None:
        raise InputError(
            f"{table.name}: name the text column with `--text-column`; the columns are {columns}."
        )
    raise InputError(
        f"{table.name}: there is no column {text_column!r} for `--text-column`; "
        f"the columns are {columns}."
    )
