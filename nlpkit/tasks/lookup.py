"""Finds the task of an artefact."""

from collections.abc import Iterable
from pathlib import Path

import nlpkit
from nlpkit.errors import InputError
from nlpkit.tasks.next_word import NEXT_WORD
from nlpkit.tasks.sentiment import SENTIMENT
from nlpkit.tasks.task import Task

__all__ = ["TASKS", "find"]

TASKS = {task.name: task for task in (SENTIMENT, NEXT_WORD)}
"""Name → task."""


def find(directory: str | Path, options: Iterable[str] = ()) -> Task:
    """Finds the task of an artefact without loading the model.

    Args:
        directory: Folder of the artefact.
        options: Names of the given options that only some tasks have.

    Returns:
        The task.

    Raises:
        InputError: If the folder holds no model of nlpkit, or its task lacks one of the options.
    """
    task = TASKS[nlpkit.export.read_interface(directory)[0].task]
    if foreign := [option for option in options if option not in task.options]:
        flags = " and ".join(f"`--{option.replace('_', '-')}`" for option in foreign)
        owners = [other.model for other in TASKS.values() if other.options.issuperset(foreign)]
        raise InputError(
            f"{directory}: {flags} must go with {' or '.join(owners)}, got {task.model}."
            if owners
            else f"{directory}: {flags} must not go together: no model takes all of them."
        )
    return task
