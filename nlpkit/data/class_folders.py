"""Texts in files of their own, as the rows of a table."""

import io
import itertools
from collections.abc import Iterator, Sequence

from nlpkit.data.columns import Columns
from nlpkit.data.files import File
from nlpkit.data.lines import LONGEST, read_lines
from nlpkit.data.tables import Table
from nlpkit.errors import InputError

__all__ = ["read_files"]


def read_files(files: Sequence[File], labels: Sequence[str], *, encoding: str, name: str) -> Table:
    """Makes a table of which each row is the text of a file.

    Args:
        files: The files, at least one.
        labels: The label of each; none if they have no labels.
        encoding: Encoding of the files.
        name: What errors call them all.

    Returns:
        A table of the columns "text" and, if there are labels, "label".
    """
    columns = Columns("text", "label" if labels else None)
    rows = _rows(files, labels, encoding, name)
    return Table(name, tuple(filter(None, columns)), rows, unit="file", likely=columns, fixed=True)


def _rows(
    files: Sequence[File], labels: Sequence[str], encoding: str, name: str
) -> Iterator[tuple[str, dict[str, str]]]:
    """The text of each file, without its last line end, and its label."""
    for file, label in itertools.zip_longest(files, labels):
        row = {"text": _text(file, encoding).removesuffix("\n").removesuffix("\r")}
        location = file.name.removeprefix(f"{name}/")
        yield location, row if label is None else row | {"label": label}


def _text(file: File, encoding: str) -> str:
    """All that is in a file."""
    text, characters = io.StringIO(newline=""), 0
    for _, line in read_lines(file, encoding=encoding):
        characters += text.write(line)
        if characters > LONGEST:
            raise InputError(
                f"{file.name}: the text must have at most {LONGEST:,} characters; split it."
            )
    return text.getvalue()
