"""Texts to predict, from a file, a table or standard input."""

import dataclasses
import sys
from collections.abc import Iterator
from pathlib import Path

from nlpkit.data.columns import UNKNOWN, Columns
from nlpkit.data.guesses import Tell, choose_text, tell_guesses
from nlpkit.data.lines import read_lines
from nlpkit.data.opening import as_table, for_testing, open_data
from nlpkit.data.plain_text import PlainText
from nlpkit.data.spec import parse_spec
from nlpkit.data.tables import read_column
from nlpkit.errors import InputError

__all__ = ["read_texts"]


def read_texts(
    path: str | Path,
    *,
    text_column: str | None = None,
    encoding: str | None = None,
    header: bool | None = None,
    known: Columns = UNKNOWN,
    tell: Tell | None = None,
) -> Iterator[str]:
    r"""Yields the texts of a file, one at a time.

    Args:
        path: A table in any format that recipes read; a .txt that is no table, of which each line
            is a text; a folder or .zip of .txt files, of which each is a text; or "-" for standard
            input, one text a line. Of several splits, the test split is read.
        text_column: Column of a table; by default the one learnt from, or else a guess.
        encoding: Encoding of the file; None to find it out, UTF-8 for standard input.
        header: Whether the first row of a file names its columns; None to find it out.
        known: The columns that were learnt from, from `nlpkit.export.read_column_note`.
        tell: Takes one line that says what was guessed; None to discard it.

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
        lines = read_lines(sys.stdin.buffer, encoding=encoding or "utf-8", name="standard input")
        return _without_ends(lines)
    spec = parse_spec(path) if str(path).strip() else None
    if spec is None or spec.path is None:
        raise InputError(f"`--input` must be a file or - for standard input, got {str(path)!r}.")
    splits = open_data(spec, plain=False, encoding=encoding, header=header, known=known)
    data = for_testing(splits)
    if len(splits) > 1:
        (split,) = (name for name, part in splits.items() if part is data)
        data = dataclasses.replace(data, guesses=(f"only the {split} split", *data.guesses))
    if isinstance(data, PlainText) and text_column is None:
        tell_guesses([data], tell)
        return _without_ends(read_lines(data.files[0], encoding=data.encoding))
    table = as_table(data)
    column, guesses = choose_text(table, text_column, known)
    tell_guesses([dataclasses.replace(table, guesses=guesses)], tell)
    return read_column(table, column)


def _without_ends(lines: Iterator[tuple[int, str]]) -> Iterator[str]:
    """Lines without their numbers and ends."""
    for _, line in lines:
        yield line.removesuffix("\n").removesuffix("\r")
