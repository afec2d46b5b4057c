"""The recipes as scikit-learn's estimators: raw texts to `fit`, raw texts to `predict`.

TensorFlow is imported when an estimator is fitted, not before.
"""

from nlpkit.estimators.next_word import NextWordModel
from nlpkit.estimators.sentiment import SentimentClassifier

__all__ = ["NextWordModel", "SentimentClassifier"]
