"""Both estimators, small enough to be fitted in seconds, and texts that any of them learns."""

from typing import Any, NamedTuple

import numpy as np

import nlpkit
from nlpkit.recipes import next_word, sentiment

TEXTS = [
    f"{opinion} film number {number}, {word}"
    for number in range(30)
    for opinion, word in (("a wonderful", "최고"), ("a dull", "별로"))
]
LABELS = ["good", "bad"] * 30
LINES = [f"the cat saw {number % 9} birds and ran away" for number in range(80)]


class Case(NamedTuple):
    """An estimator to be fitted.

    Attributes:
        estimator: Its class.
        recipe: What has the same options.
        options: Parameters that make it small.
        data: What `fit` gets.
    """

    estimator: type
    recipe: Any
    options: dict[str, Any]
    data: tuple

    def make(self, **options):
        """An estimator that is not fitted."""
        return self.estimator(**self.options | options)


CASES = {
    "sentiment": Case(
        nlpkit.SentimentClassifier,
        sentiment.main,
        {"units": 8, "embedding": 8, "epochs": 8, "learning_rate": 0.02, "batch_size": 16},
        (TEXTS, LABELS),
    ),
    "next-word": Case(
        nlpkit.NextWordModel,
        next_word.main,
        {"units": 16, "layers": 1, "epochs": 30, "batch_size": 4, "steps": 8, "dropout": 0.0},
        (LINES,),
    ),
}


def said(estimator, texts):
    """All that an estimator answers, as numbers."""
    if isinstance(estimator, nlpkit.SentimentClassifier):
        return estimator.predict_proba(texts)
    return np.array([estimator.score([text]) for text in texts if text])
