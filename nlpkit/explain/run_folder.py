"""The folder of a run: what of it explanations need."""

from pathlib import Path

from nlpkit.errors import InputError
from nlpkit.export.artefact import require_folder
from nlpkit.export.interfaces import Interface, read_interface

__all__ = ["MODEL", "SAVED", "check_run"]

MODEL, SAVED = "model.keras", "saved_model"
"""The Keras model, which has the gates, and the SavedModel, which has the encoder of texts."""


def check_run(folder: str | Path) -> Interface:
    """Checks that a folder holds a run, without TensorFlow.

    Args:
        folder: The folder.

    Returns:
        The interface of its model.

    Raises:
        InputError: If it is missing, is a SavedModel alone, lacks a file, or is of another version.

    Example:
        >>> check_run("nowhere")
        Traceback (most recent call last):
        ...
        nlpkit.errors.InputError: nowhere: there is no such folder; give one that nlpkit wrote.
    """
    folder = require_folder(folder)
    if (folder / "saved_model.pb").is_file():
        above = folder.resolve().parent
        run = above if (above / MODEL).is_file() else f"that holds {MODEL} beside {SAVED}/"
        raise InputError(
            f"{folder}: a SavedModel alone has no gates to look into; give the folder of the run, "
            f"{run}."
        )
    if not (folder / MODEL).is_file():
        raise InputError(
            f"{folder}: {MODEL} is missing, which holds the gates; give the folder that `nlpkit "
            f"sentiment` or `nlpkit next-word` wrote, with {MODEL} beside {SAVED}/."
        )
    return read_interface(folder / SAVED)[0]
