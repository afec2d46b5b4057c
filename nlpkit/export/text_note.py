"""The note in an artefact that says how texts are cut; the graph knows, but a reader cannot ask it.

The file is text.json in assets.extra/: `{"kind": …, "form": …}`.
"""

import json
from pathlib import Path
from typing import NamedTuple

from nlpkit.export.artefact import read_note

__all__ = ["TextNote", "read_text_note"]

_NAME = "text.json"


class TextNote(NamedTuple):
    """How the texts of a language model are cut.

    Attributes:
        kind: Into tokens: "words", "spaces" or "subwords"; None if it is not said.
        form: The training text into passages: "topics", "running text", "lines" or "pre-tokenised";
            None if it is not said.

    Example:
        >>> TextNote("words", "lines").files()
        {'text.json': '{"kind": "words", "form": "lines"}'}
    """

    kind: str | None = None
    form: str | None = None

    def files(self) -> dict[str, str]:
        """The note as `nlpkit.export.write` takes it.

        Returns:
            The file's name and text, for `extra`.
        """
        return {_NAME: json.dumps(self._asdict())}


def read_text_note(directory: str | Path) -> TextNote:
    """Reads the note of an artefact.

    Args:
        directory: Folder of the artefact.

    Returns:
        The note; an empty one if there is none.

    Raises:
        InputError: If the file is damaged.
    """
    return TextNote(*read_note(directory, _NAME, TextNote._fields))
