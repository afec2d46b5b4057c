"""Lines as fastText learns from them: `__label__positive what a film`."""

import itertools
from collections.abc import Iterator

from nlpkit.data.columns import Columns
from nlpkit.data.files import File
from nlpkit.data.lines import read_lines
from nlpkit.data.tables import Reading, Table
from nlpkit.errors import InputError

__all__ = ["MARK", "read_fasttext"]

MARK = "__label__"
"""What a label begins with."""


def read_fasttext(file: File, reading: Reading) -> Table:
    """Opens a file of fastText's lines.

    Args:
        file: The file.
        reading: Its encoding.

    Returns:
        A table of the columns "text" and "label"; blank lines are skipped.

    Raises:
        InputError: If the file is missing or has no lines. Reading the rows raises it at a line
            that has no label or several.
    """
    rows = _rows(file, reading.encoding)
    first = next(rows, None)
    if first is None:
        raise InputError(f"{file.name}: the file is empty.")
    return Table(
        file.name,
        ("text", "label"),
        itertools.chain([first], rows),
        likely=Columns("text", "label"),
        fixed=True,
    )


def _rows(file: File, encoding: str) -> Iterator[tuple[int, dict[str, str]]]:
    """The lines, taken apart."""
    for number, line in read_lines(file, encoding=encoding):
        words = line.split(maxsplit=1)
        if not words:
            continue
        label, text = words[0], words[1].strip() if len(words) > 1 else ""
        if not label.startswith(MARK) or label == MARK:
            raise InputError(
                f"{file.name}, line {number}: every line must begin with {MARK} and a label, "
                f"got {label[:40]!r}."
            )
        if text.startswith(MARK):
            raise InputError(
                f"{file.name}, line {number}: a text can have one label only, got several; keep "
                "one of them."
            )
        yield number, {"text": text, "label": label.removeprefix(MARK)}
