"""How good a model is, and the baseline beside it, in numbers."""

from nlpkit.evaluation.baseline import Baseline, tfidf_logistic_regression
from nlpkit.evaluation.calibration import temperature
from nlpkit.evaluation.kneser_ney import KneserNey
from nlpkit.evaluation.measuring import measure
from nlpkit.evaluation.metrics import classification, confusion, reliability
from nlpkit.evaluation.neural_cache import CacheSettings, cache_log_probabilities
from nlpkit.evaluation.next_word import (
    NextWordFigures,
    most_probable,
    perplexity,
    recall,
    recall_positions,
)
from nlpkit.evaluation.ngram_baseline import NgramBaseline, kneser_ney_baseline
from nlpkit.evaluation.word_beam import word_recall

__all__ = [
    "Baseline",
    "CacheSettings",
    "KneserNey",
    "NextWordFigures",
    "NgramBaseline",
    "cache_log_probabilities",
    "classification",
    "confusion",
    "kneser_ney_baseline",
    "measure",
    "most_probable",
    "perplexity",
    "recall",
    "recall_positions",
    "reliability",
    "temperature",
    "tfidf_logistic_regression",
    "word_recall",
]
