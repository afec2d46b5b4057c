"""Predictions and metrics from an exported artefact alone."""

from nlpkit.serve.answers import as_json
from nlpkit.serve.classifier import Prediction, ServedClassifier
from nlpkit.serve.evaluation import Evaluation, Mistake, evaluate
from nlpkit.serve.language_evaluation import LanguageEvaluation, evaluate_language
from nlpkit.serve.language_model import ServedLanguageModel
from nlpkit.serve.live import serve_live
from nlpkit.serve.loading import load
from nlpkit.serve.texts import read_texts

__all__ = [
    "Evaluation",
    "LanguageEvaluation",
    "Mistake",
    "Prediction",
    "ServedClassifier",
    "ServedLanguageModel",
    "as_json",
    "evaluate",
    "evaluate_language",
    "load",
    "read_texts",
    "serve_live",
]
