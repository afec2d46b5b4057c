"""Texts to predict, from a file, a table or standard input."""

import itertools
import sys
from collections.abc import Iterator
from pathlib import Path

from nlpkit.data.columns import UNKNOWN, Columns, choose_text_column
from nlpkit.data.lines import read_lines
from nlpkit.data.spec import parse_spec
from nlpkit.data.tables import open_table, read_column, settled
from nlpkit.errors import InputError

__all__ = ["read_texts"]


def read_texts(
    path: str | Path,
    *,
    text_column: str | None = None,
    encoding: str = "utf-8",
    known: Columns = UNKNOWN,
) -> Iterator[str]:
    r"""Yields the texts of a file, one at a time.

    Args:
        path: A .csv, .tsv or .jsonl table; a .txt, which is a table with tabs or one text a line
            (see `nlpkit.data.tables.settled`); .gz of each; or "-" for standard input, one text a
            line.
        text_column: Column of a table; by default the one learnt from, or else a guess.
        encoding: Name of a Python text encoding.
        known: The columns that were learnt from, from `nlpkit.export.read_column_note`.

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
        lines = read_lines(spec.file, encoding=encoding)
        first = next(lines, None)
        if first is None:
            raise InputError(f"{spec.text}: the file is empty.")
        return _without_ends(itertools.chain([first], lines))
    table = open_table(spec, encoding=encoding)
    column = choose_text_column(
        table.columns, name=table.name, text_column=text_column, known=known
    )
    return read_column(table, column)


def _without_ends(lines: Iterator[tuple[int, str]]) -> Iterator[str]:
    """Lines without their numbers and ends."""
    for _, line in lines:
        yield line.removesuffix("\n").removesuffix("\r")
