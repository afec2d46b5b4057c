"""Loads an artefact for serving."""

from collections.abc import Callable
from pathlib import Path

import tensorflow as tf

from nlpkit.errors import InputError
from nlpkit.export.artefact import damaged
from nlpkit.export.interfaces import CLASSIFIER, LANGUAGE_MODEL, Interface, read_interface
from nlpkit.serve.classifier import ServedClassifier
from nlpkit.serve.language_model import ServedLanguageModel

__all__ = ["SERVED", "load"]

SERVED: dict[Interface, Callable[..., ServedClassifier | ServedLanguageModel]] = {
    CLASSIFIER: lambda directory, description, loaded: ServedClassifier(
        directory, description.classes, loaded
    ),
    LANGUAGE_MODEL: lambda directory, description, loaded: ServedLanguageModel(directory, loaded),
}
"""The class that serves the artefacts of each interface."""


def load(directory: str | Path) -> ServedClassifier | ServedLanguageModel:
    """Loads an artefact that nlpkit exported.

    Args:
        directory: The folder that holds saved_model.pb.

    Returns:
        The classifier, or the language model.

    Raises:
        InputError: If the folder holds no model of nlpkit, or a damaged one.
    """
    interface, description = read_interface(directory)
    try:
        loaded = tf.saved_model.load(str(directory))
    except (OSError, ValueError, RuntimeError, LookupError, tf.errors.OpError) as error:
        reason = str(error).strip().partition("\n")[0][:300]
        raise damaged(directory, reason) from None
    if missing := [name for name in interface.signatures if name not in loaded.signatures]:
        raise InputError(f"{directory}: the model lacks the signatures {', '.join(missing)}.")
    return SERVED[interface](Path(directory), description, loaded)
