"""Loads an artefact for serving."""

from collections.abc import Callable
from pathlib import Path

import tensorflow as tf

from nlpkit.errors import InputError
from nlpkit.export.artefact import damaged
from nlpkit.export.interfaces import CLASSIFIER, LANGUAGE_MODEL, Interface, read_interface
from nlpkit.export.manifest import check_files
from nlpkit.export.plain_tensorflow import graph, safety
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


def load(directory: str | Path, *, trust: bool = False) -> ServedClassifier | ServedLanguageModel:
    """Loads an artefact that nlpkit exported.

    Its files must be those that were exported, see `nlpkit.export.check_files`, and its ops such as
    compute and touch nothing else.

    Args:
        directory: The folder that holds saved_model.pb.
        trust: Whether to load a model with any ops, such as ops that read files. Default false.

    Returns:
        The classifier, or the language model.

    Raises:
        InputError: If the folder holds no model of nlpkit, or one that is damaged, was changed, or
            may reach outside itself.
    """
    interface, description = read_interface(directory)
    check_files(directory)
    if not trust:
        _require_safety(directory)
    try:
        loaded = tf.saved_model.load(str(directory))
    except Exception as error:  # of every kind, from what is no model
        reason = str(error).strip().partition("\n")[0][:300]
        raise damaged(directory, reason or type(error).__name__) from None
    if missing := [name for name in interface.signatures if name not in loaded.signatures]:
        raise InputError(f"{directory}: the model lacks the signatures {', '.join(missing)}.")
    return SERVED[interface](Path(directory), description, loaded)


def _require_safety(directory: str | Path) -> None:
    """Requires a graph that may be loaded whoever made it."""
    try:
        why = safety.refusal(graph.read(Path(directory)))
    except ValueError as error:
        raise damaged(directory, str(error).rstrip(".")) from None
    if why:
        raise InputError(f"{directory}: {why}")
