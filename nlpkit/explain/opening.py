"""Opens the folder of a run: the model with its gates, and the encoder of its texts."""

import json
from pathlib import Path

import nlpkit
from nlpkit.errors import InputError
from nlpkit.explain.classifier import ClassifierExplainer
from nlpkit.explain.explainer import Explainer
from nlpkit.explain.keras_file import read_keras
from nlpkit.explain.language_model import LanguageModelExplainer
from nlpkit.explain.run_folder import MODEL, SAVED, check_run
from nlpkit.export.interfaces import CLASSIFIER, LANGUAGE_MODEL, Interface
from nlpkit.serve import load

__all__ = ["EXPLAINERS", "open_run"]

EXPLAINERS: dict[Interface, type[Explainer]] = {
    CLASSIFIER: ClassifierExplainer,
    LANGUAGE_MODEL: LanguageModelExplainer,
}
"""The class that explains the models of each interface."""


def open_run(folder: str | Path, *, trust: bool = False) -> Explainer:
    """Loads the model of a run.

    Args:
        folder: What a recipe wrote, with `model.keras` beside `saved_model/`.
        trust: Whether to load models that may reach outside themselves: with any ops, and with
            code. Default false.

    Returns:
        What explains the model.

    Raises:
        InputError: As `check_run` and `nlpkit.serve.load`; if `model.keras` cannot be read, or the
            two cannot be the same model.
    """
    interface = check_run(folder)
    folder = Path(folder)
    served = load(folder / SAVED, trust=trust)
    try:
        model = read_keras(folder / MODEL, trust=trust)
    except Exception as error:  # of every kind, from what is no model
        reason = str(error).strip().partition("\n")[0][:200].rstrip(".")
        raise InputError(
            f"{folder / MODEL}: nlpkit {nlpkit.__version__} cannot read this model, which "
            f"{_writer(folder)} wrote ({reason}); use the version that wrote it, or train again."
        ) from None
    return EXPLAINERS[interface](model, served)


def _writer(folder: Path) -> str:
    """The nlpkit and the Keras that wrote a run, as far as its metrics.json says."""
    try:
        versions = json.loads((folder / "metrics.json").read_text(encoding="utf-8"))["versions"]
        return f"nlpkit {versions['nlpkit']} with Keras {versions['keras']}"
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return "another version"
