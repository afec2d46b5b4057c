"""How good a classifier is, said four ways, beside a baseline, in tables, pictures and prose."""

from nlpkit.evaluation.baseline import Baseline, tfidf_logistic_regression
from nlpkit.evaluation.calibration import temperature
from nlpkit.evaluation.metrics import classification, confusion, reliability
from nlpkit.evaluation.report import CONTENTS, write_report
from nlpkit.evaluation.table import render

__all__ = [
    "CONTENTS",
    "Baseline",
    "classification",
    "confusion",
    "reliability",
    "render",
    "temperature",
    "tfidf_logistic_regression",
    "write_report",
]
