"""What an artefact of nlpkit is: a SavedModel whose assets.extra/ says what it is.

    saved_model.pb  variables/  fingerprint.pb      TensorFlow's
    assets.extra/artefact.json                      format, task, classes
    assets.extra/answers.json                       probe texts with the live model's answers
    assets.extra/UNPROVEN.txt                       why it is not proven portable, where it is not
    assets.extra/…                                  whatever else the trainer leaves there

TensorFlow and TensorFlow Serving do not look into assets.extra/.
"""

import dataclasses
import json
from pathlib import Path

from nlpkit.errors import InputError

__all__ = [
    "ANSWERS",
    "CONTENTS",
    "DESCRIPTION",
    "EXTRA",
    "FORMAT",
    "UNPROVEN",
    "Description",
    "damaged",
    "mark_unproven",
    "read_description",
    "read_extra",
    "unproven",
]

FORMAT = 1
"""Version of this layout; raised when an older nlpkit could not read what a newer one writes."""

EXTRA = "assets.extra"
DESCRIPTION = "artefact.json"
ANSWERS = "answers.json"
UNPROVEN = "UNPROVEN.txt"
CONTENTS = ("saved_model.pb", "fingerprint.pb", "variables", "assets", EXTRA)
"""Everything that may lie in the folder of an artefact."""


@dataclasses.dataclass(frozen=True)
class Description:
    """What an artefact says of itself.

    Attributes:
        task: What it does, for example "sentiment".
        classes: Names of the classes, in the order of the probabilities.
        format: Version of the layout.
    """

    task: str
    classes: tuple[str, ...]
    format: int = FORMAT

    def to_json(self) -> str:
        """The text of artefact.json.

        Returns:
            JSON, indented, with a line end.

        Example:
            >>> json.loads(Description("sentiment", ("bad", "good")).to_json())
            {'task': 'sentiment', 'classes': ['bad', 'good'], 'format': 1}
        """
        return json.dumps(dataclasses.asdict(self), ensure_ascii=False, indent=2) + "\n"


def read_description(directory: str | Path) -> Description:
    """Reads what an artefact says of itself, without TensorFlow.

    Args:
        directory: Folder of the artefact.

    Returns:
        Its description.

    Raises:
        InputError: If the folder is missing, is no SavedModel, is one that nlpkit did not write,
            or was written by a newer nlpkit.

    Example:
        >>> read_description("nowhere")
        Traceback (most recent call last):
        ...
        nlpkit.errors.InputError: nowhere: there is no such folder.
    """
    folder = Path(directory)
    if not folder.is_dir():
        kind = "this is a file, not a folder" if folder.exists() else "there is no such folder"
        raise InputError(f"{directory}: {kind}.")
    if not (folder / "saved_model.pb").is_file():
        within = folder / "saved_model"
        cure = f"; did you mean {within}?" if (within / "saved_model.pb").is_file() else "."
        raise InputError(f"{directory}: this is not a model, saved_model.pb is missing{cure}")
    try:
        fields = json.loads((folder / EXTRA / DESCRIPTION).read_text(encoding="utf-8"))
        found, task, classes = fields["format"], fields["task"], tuple(fields["classes"])
    except FileNotFoundError:
        raise InputError(
            f"{directory}: this SavedModel was not written by nlpkit, "
            f"{EXTRA}/{DESCRIPTION} is missing."
        ) from None
    except (ValueError, KeyError, TypeError):
        raise InputError(f"{directory}: {EXTRA}/{DESCRIPTION} is damaged.") from None
    if found != FORMAT:
        raise InputError(
            f"{directory}: the model has format {found}, and this nlpkit reads format "
            f"{FORMAT}; use the version of nlpkit that wrote it, or a newer one."
        )
    return Description(task, classes, found)


def read_extra(directory: str | Path, name: str) -> str | None:
    """Reads a file that the trainer left in an artefact.

    Args:
        directory: Folder of the artefact.
        name: The file's name in assets.extra/.

    Returns:
        Its text; None if there is no such file.
    """
    path = Path(directory) / EXTRA / name
    return path.read_text(encoding="utf-8") if path.is_file() else None


def damaged(directory: str | Path, what: str) -> InputError:
    """The error of an artefact that cannot be what nlpkit wrote.

    Args:
        directory: Folder of the artefact.
        what: The file at fault, or a reason.

    Returns:
        The error, to be raised.
    """
    return InputError(f"{directory}: the model is damaged ({what}).")


def mark_unproven(directory: str | Path, why: str | None) -> None:
    """Marks an artefact as one that is not proven portable, or takes the mark away.

    Args:
        directory: Folder of the artefact.
        why: A sentence for whoever is handed it; None takes the mark away.
    """
    mark = Path(directory) / EXTRA / UNPROVEN
    if why is None:
        mark.unlink(missing_ok=True)
    else:
        mark.write_text(f"{why}\n", encoding="utf-8")


def unproven(directory: str | Path) -> str | None:
    """Reads why an artefact was not proven portable when it was exported.

    Args:
        directory: Folder of the artefact.

    Returns:
        The sentence; None if there is no such mark.
    """
    found = read_extra(directory, UNPROVEN)
    return None if found is None else found.strip()
