"""The note in an artefact that says which columns it was learnt from, to look for them again.

The file is columns.json in assets.extra/: `{"text": …, "label": …}`.
"""

import json
from pathlib import Path

from nlpkit.data.columns import Columns
from nlpkit.export.artefact import damaged, read_note

__all__ = ["column_note", "read_column_note"]

_NAME = "columns.json"


def column_note(columns: Columns) -> dict[str, str]:
    """The note as `nlpkit.export.write` takes it.

    Args:
        columns: The columns that were learnt from.

    Returns:
        The file's name and text, for `extra`.

    Example:
        >>> column_note(Columns("document", "label"))
        {'columns.json': '{"text": "document", "label": "label"}'}
    """
    return {_NAME: json.dumps(columns._asdict())}


def read_column_note(directory: str | Path) -> Columns:
    """Reads the note of an artefact.

    Args:
        directory: Folder of the artefact.

    Returns:
        The columns; unknown ones if there is no note.

    Raises:
        InputError: If the file is damaged.
    """
    columns = Columns(*read_note(directory, _NAME, Columns._fields))
    if not all(column is None or isinstance(column, str) for column in columns):
        raise damaged(directory, _NAME)
    return columns
