"""Notes in an artefact: facts about its training that its signatures do not reveal.

Each is a file in assets.extra/ with a JSON object; unknown values are null or left out:

    columns.json    {"text": …, "label": …}     the columns that were learnt from
    labels.json     {"values": …, "names": …}   the labels in the data, and the name of each class
    text.json       {"kind": …, "form": …}      how a language model splits texts
"""

import dataclasses
import json
from pathlib import Path
from typing import NamedTuple, TypeVar

from nlpkit.data.columns import Columns
from nlpkit.data.labels import Labels
from nlpkit.export.artefact import damaged, read_extra

__all__ = ["TextNote", "column_note", "label_note", "read_column_note", "read_text_note"]

_COLUMNS = "columns.json"
_LABELS = "labels.json"
_TEXT = "text.json"

Note = TypeVar("Note", bound=NamedTuple)


class TextNote(NamedTuple):
    """How a language model splits texts.

    Attributes:
        kind: The tokenization: "words", "spaces" or "subwords"; None if unknown.
        form: How the training text was split into passages: "topics", "running text", "lines" or
            "pre-tokenised"; None if unknown.

    Example:
        >>> TextNote("words", "lines").files()
        {'text.json': '{"kind": "words", "form": "lines"}'}
    """

    kind: str | None = None
    form: str | None = None

    def files(self) -> dict[str, str]:
        """The note in the form that `nlpkit.export.write` takes.

        Returns:
            The file's name and content, for `extra`.
        """
        return {_TEXT: json.dumps(self._asdict())}


def column_note(columns: Columns) -> dict[str, str]:
    """The note on columns, in the form that `nlpkit.export.write` takes.

    Args:
        columns: The columns that were learnt from.

    Returns:
        The file's name and content, for `extra`.

    Example:
        >>> column_note(Columns("document", "label"))
        {'columns.json': '{"text": "document", "label": "label"}'}
    """
    return {_COLUMNS: json.dumps(columns._asdict())}


def label_note(labels: Labels) -> dict[str, str]:
    """The note on labels as `nlpkit.export.write` takes it.

    Args:
        labels: The classes, in the order of the probabilities.

    Returns:
        The file's name and text, for `extra`.

    Example:
        >>> list(label_note(Labels.of({"0", "1"}, names={"0": "bad", "1": "good"})))
        ['labels.json']
    """
    return {_LABELS: json.dumps(dataclasses.asdict(labels))}


def read_column_note(directory: str | Path) -> Columns:
    """Reads the note on the columns that a model learnt from.

    Args:
        directory: Folder of the artefact.

    Returns:
        The columns; unknown ones if there is no note.

    Raises:
        InputError: If the file is damaged.
    """
    return _read(directory, _COLUMNS, Columns)


def read_text_note(directory: str | Path) -> TextNote:
    """Reads the note on how a language model splits texts.

    Args:
        directory: Folder of the artefact.

    Returns:
        The note; an empty one if there is none.

    Raises:
        InputError: If the file is damaged.
    """
    return _read(directory, _TEXT, TextNote)


def _read(directory: str | Path, name: str, note_type: type[Note]) -> Note:
    """A note of one type; the fields that the file lacks are None."""
    try:
        fields = json.loads(read_extra(directory, name) or "{}")
        note = note_type(*(fields.get(field) for field in note_type._fields))
    except (ValueError, AttributeError, RecursionError):
        raise damaged(directory, name) from None
    if not all(value is None or isinstance(value, str) for value in note):
        raise damaged(directory, name)
    return note
