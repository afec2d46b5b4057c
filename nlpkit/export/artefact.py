"""The format of an artefact of nlpkit: a SavedModel that describes itself in assets.extra/.

    saved_model.pb  variables/  fingerprint.pb      TensorFlow's
    assets.extra/artefact.json                      format, task, classes
    assets.extra/answers.json                       probe texts with the live model's answers
    assets.extra/manifest.json                      size and SHA-256 of each file
    assets.extra/UNPROVEN.txt                       why it is not proven portable, where it is not
    assets.extra/…                                  more files of the trainer

TensorFlow and TensorFlow Serving ignore assets.extra/.
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
"""Version of this format; raised with changes that an older nlpkit could not read."""

EXTRA = "assets.extra"
DESCRIPTION = "artefact.json"
ANSWERS = "answers.json"
UNPROVEN = "UNPROVEN.txt"
CONTENTS = ("saved_model.pb", "fingerprint.pb", "variables", "assets", EXTRA)
"""Everything that the folder of an artefact may hold, beside notes for people."""

LARGEST_NOTE = 1 << 26
"""The most bytes of a file in assets.extra/ that is read, 64 MiB."""


@dataclasses.dataclass(frozen=True)
class Description:
    """The description of an artefact.

    Attributes:
        task: Its task, for example "sentiment".
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


def require_folder(directory: str | Path) -> Path:
    """Requires that a folder is there.

    Args:
        directory: The folder.

    Returns:
        The folder.

    Raises:
        InputError: If it is missing, or a file.

    Example:
        >>> require_folder("nowhere")
        Traceback (most recent call last):
        ...
        nlpkit.errors.InputError: nowhere: there is no such folder; give one that nlpkit wrote.
    """
    folder = Path(directory)
    if not folder.is_dir():
        kind = "this is a file, not a folder" if folder.exists() else "there is no such folder"
        raise InputError(f"{directory}: {kind}; give one that nlpkit wrote.")
    return folder


def read_description(directory: str | Path) -> Description:
    """Reads the description of an artefact, without TensorFlow.

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
        nlpkit.errors.InputError: nowhere: there is no such folder; give one that nlpkit wrote.
    """
    folder = require_folder(directory)
    if not (folder / "saved_model.pb").is_file():
        within = folder / "saved_model"
        cure = f"; did you mean {within}?" if (within / "saved_model.pb").is_file() else "."
        raise InputError(f"{directory}: this is not a model, saved_model.pb is missing{cure}")
    text = read_extra(directory, DESCRIPTION)
    if text is None:
        raise InputError(
            f"{directory}: this SavedModel was not written by nlpkit, "
            f"{EXTRA}/{DESCRIPTION} is missing."
        )
    try:
        fields = json.loads(text)
        version, task, classes = fields["format"], fields["task"], list(fields["classes"])
        whole = all(isinstance(value, str) for value in (task, *classes))
        whole = whole and type(version) is int
    except (ValueError, KeyError, TypeError, RecursionError):
        whole = False
    if not whole:
        raise InputError(f"{directory}: {EXTRA}/{DESCRIPTION} is damaged.")
    if version != FORMAT:
        raise InputError(
            f"{directory}: the model has format {version}, and this nlpkit reads format "
            f"{FORMAT}; use the version of nlpkit that wrote it, or a newer one."
        )
    return Description(task, tuple(classes), version)


def read_extra(directory: str | Path, name: str) -> str | None:
    """Reads a file that the trainer left in an artefact.

    Args:
        directory: Folder of the artefact.
        name: The file's name in assets.extra/.

    Returns:
        Its text; None if there is no such file.

    Raises:
        InputError: If it has more than 64 MiB, is not UTF-8, or cannot be read.
    """
    path = Path(directory) / EXTRA / name
    if not path.is_file():
        return None
    try:
        with path.open(encoding="utf-8") as file:
            text = file.read(LARGEST_NOTE + 1)
    except UnicodeDecodeError:
        raise damaged(directory, f"{EXTRA}/{name}") from None
    except OSError as error:
        raise InputError(f"{path}: this cannot be read ({error.strerror}).") from None
    if len(text) > LARGEST_NOTE:
        raise damaged(directory, f"{EXTRA}/{name} has more than {LARGEST_NOTE >> 20} MiB")
    return text


def damaged(directory: str | Path, what: str) -> InputError:
    """Makes the error for an artefact that is not as nlpkit wrote it.

    Args:
        directory: Folder of the artefact.
        what: The file at fault, or a reason.

    Returns:
        The error, to be raised.
    """
    return InputError(f"{directory}: the model is damaged ({what}).")


def mark_unproven(directory: str | Path, why: str | None) -> None:
    """Marks an artefact as not proven portable, or removes the mark.

    Args:
        directory: Folder of the artefact.
        why: A sentence for whoever receives the artefact; None removes the mark.
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
    reason = read_extra(directory, UNPROVEN)
    return None if reason is None else reason.strip()
