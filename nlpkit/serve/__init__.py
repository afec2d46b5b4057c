"""Uses an exported artefact, and nothing else: predictions, and figures on labelled data."""

from nlpkit.serve.classifier import Prediction, ServedClassifier, as_json, load
from nlpkit.serve.evaluation import Evaluation, Mistake, evaluate
from nlpkit.serve.texts import read_texts

__all__ = [
    "Evaluation",
    "Mistake",
    "Prediction",
    "ServedClassifier",
    "as_json",
    "evaluate",
    "load",
    "read_texts",
]
