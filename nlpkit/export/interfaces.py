"""The interface of each task: the names of its signatures."""

from pathlib import Path
from typing import NamedTuple

from nlpkit.errors import InputError
from nlpkit.export.artefact import Description, read_description

__all__ = ["CLASSIFIER", "INTERFACES", "LANGUAGE_MODEL", "Interface", "read_interface"]


class Interface(NamedTuple):
    """The signatures of a task, which `nlpkit.export.plain_tensorflow` checks by the task's name.

    Attributes:
        task: The name of the task in the description of an artefact.
        signatures: The names of its signatures.
    """

    task: str
    signatures: tuple[str, ...]


CLASSIFIER = Interface("sentiment", ("serving_default", "encode", "ids"))
"""Signatures are described in `nlpkit.export.Classifier`."""

LANGUAGE_MODEL = Interface(
    "next-word",
    ("serving_default", "score", "encode", "decode", "step", "steps", "generate", "beam"),
)
"""Signatures are described in `nlpkit.export.NextWord`."""

INTERFACES = {interface.task: interface for interface in (CLASSIFIER, LANGUAGE_MODEL)}
"""Task → interface."""


def read_interface(directory: str | Path) -> tuple[Interface, Description]:
    """Reads the task of an artefact.

    Args:
        directory: Folder of the artefact.

    Returns:
        The interface that it must have, and its description.

    Raises:
        InputError: As `nlpkit.export.read_description`, or if the task is unknown.
    """
    description = read_description(directory)
    if description.task not in INTERFACES:
        raise InputError(
            f"{directory}: the model's task must be one of {', '.join(INTERFACES)}, "
            f"got {description.task!r}."
        )
    return INTERFACES[description.task], description
