"""From the folder of an artefact to what uses it."""

from pathlib import Path

import tensorflow as tf

from nlpkit.errors import InputError
from nlpkit.export.artefact import TASKS, damaged, read_description
from nlpkit.serve.classifier import ServedClassifier
from nlpkit.serve.language_model import ServedLanguageModel

__all__ = ["load"]


def load(directory: str | Path) -> ServedClassifier | ServedLanguageModel:
    """Loads an artefact that nlpkit exported.

    Args:
        directory: Its folder, the one that holds saved_model.pb.

    Returns:
        The classifier, or the language model.

    Raises:
        InputError: If the folder holds no model of nlpkit, or a damaged one.
    """
    description = read_description(directory)
    wanted = TASKS.get(description.task)
    if wanted is None:
        raise InputError(
            f"{directory}: the model's task must be one of {', '.join(TASKS)}, "
            f"got {description.task!r}."
        )
    try:
        loaded = tf.saved_model.load(str(directory))
    except (OSError, ValueError, RuntimeError, KeyError, tf.errors.OpError) as error:
        reason = str(error).strip().partition("\n")[0][:300]
        raise damaged(directory, reason) from None
    if missing := [name for name in wanted if name not in loaded.signatures]:
        raise InputError(f"{directory}: the model lacks the signatures {', '.join(missing)}.")
    if description.task == "next-word":
        return ServedLanguageModel(Path(directory), loaded)
    return ServedClassifier(Path(directory), description.classes, loaded)
