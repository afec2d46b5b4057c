"""Metrics of models, and the baselines to compare them with."""

from nlpkit.evaluation.baseline import Baseline, tfidf_logistic_regression
from nlpkit.evaluation.bootstrap import compare_losses, passage_losses
from nlpkit.evaluation.calibration import Calibration, temperature
from nlpkit.evaluation.comparison import Comparison, compare_accuracy
from nlpkit.evaluation.kneser_ney import KneserNey
from nlpkit.evaluation.majority import Majority, majority_class
from nlpkit.evaluation.measuring import measure
from nlpkit.evaluation.metrics import (
    classification,
    confusion,
    per_class,
    reliability,
    standard_error,
)
from nlpkit.evaluation.neural_cache import CacheSettings, cache_log_probabilities
from nlpkit.evaluation.next_word import (
    NextWordMetrics,
    most_probable,
    perplexity,
    recall,
    recall_positions,
)
from nlpkit.evaluation.ngram_baseline import NgramBaseline, kneser_ney_baseline
from nlpkit.evaluation.word_beam import word_recall

__all__ = [
    "Baseline",
    "Calibration",
    "CacheSettings",
    "Comparison",
    "KneserNey",
    "Majority",
    "NextWordMetrics",
    "NgramBaseline",
    "cache_log_probabilities",
    "classification",
    "compare_accuracy",
    "compare_losses",
    "confusion",
    "kneser_ney_baseline",
    "majority_class",
    "measure",
    "most_probable",
    "passage_losses",
    "per_class",
    "perplexity",
    "recall",
    "recall_positions",
    "reliability",
    "standard_error",
    "temperature",
    "tfidf_logistic_regression",
    "word_recall",
]
