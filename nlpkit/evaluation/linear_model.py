"""A linear classifier of texts: TF-IDF of n-grams and logistic regression, from scikit-learn.

An n-gram that occurs c times gets 1 + ln c times its inverse document frequency, and rows are
normalised to length 1. The classifier is L2-regularised multinomial logistic regression. Words and
bigrams are best for long English texts, character n-grams within words for Korean and short texts.

Reference: Wang & Manning 2012, "Baselines and Bigrams: Simple, Good Sentiment and Topic
Classification".
"""

import itertools
import warnings
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

__all__ = ["CANDIDATES", "Candidate", "Features", "LinearModel"]

_FEATURES: dict[str, dict[str, Any]] = {
    "words": {"ngram_range": (1, 2), "token_pattern": r"(?u)\w+|[^\w\s]"},
    "characters": {"analyzer": "char_wb", "ngram_range": (1, 4)},
}
_INVERSE_REGULARISATION = (1.0, 4.0, 16.0)


class Candidate(NamedTuple):
    """Settings of a linear model.

    Attributes:
        features: "words", for words and bigrams, or "characters", for n-grams of 1 to 4 characters.
        inverse_regularisation: scikit-learn's `C`.
    """

    features: str
    inverse_regularisation: float


CANDIDATES = tuple(
    itertools.starmap(Candidate, itertools.product(_FEATURES, _INVERSE_REGULARISATION))
)
"""The settings to choose from by the validation split."""


class Features:
    """The n-grams of training texts.

    A feature must occur in two texts, which drops most features without loss of accuracy; if that
    leaves none, in one. If no text has any feature, there are none.

    Args:
        name: "words" or "characters".
        texts: Training texts.
    """

    def __init__(self, name: str, texts: Sequence[str]) -> None:
        self._vectorizer: Any = None
        for min_df in (2, 1):
            vectorizer = TfidfVectorizer(
                min_df=min_df, sublinear_tf=True, dtype=np.float32, **_FEATURES[name]
            )
            try:
                self.of_training = vectorizer.fit_transform(texts)
            except ValueError:  # scikit-learn's word for an empty vocabulary
                continue
            self._vectorizer = vectorizer
            break

    def __bool__(self) -> bool:
        return self._vectorizer is not None

    def of(self, texts: Sequence[str]) -> Any:
        """The features of other texts, a sparse matrix."""
        return self._vectorizer.transform(texts)


class LinearModel:
    """A linear classifier, trained at construction.

    If there is no feature or only one class in the training data, it predicts the class
    frequencies.

    Args:
        features: The features of the training texts.
        labels: The class indices of the training texts.
        inverse_regularisation: scikit-learn's `C`.
        fractions: float [K], the fractions of the classes.
        balanced: Whether all classes weigh the same, however rare. Default: `False`.
    """

    def __init__(
        self,
        features: Features,
        labels: Sequence[int],
        *,
        inverse_regularisation: float,
        fractions: np.ndarray,
        balanced: bool = False,
    ) -> None:
        self._fractions = fractions.astype(np.float32)
        self._features = features
        self._classifier = None
        if not features or len(set(labels)) < 2:
            return
        self._classifier = LogisticRegression(
            C=inverse_regularisation,
            class_weight="balanced" if balanced else None,
            tol=1e-5,  # at the default of 1e-4 NSMC's accuracy is still 0.1 points short
            max_iter=1000,
        )
        with warnings.catch_warnings():
            # After a thousand steps, accuracy no longer changes.
            warnings.simplefilter("ignore", ConvergenceWarning)
            self._classifier.fit(features.of_training, labels)

    def probabilities(self, texts: Sequence[str]) -> np.ndarray:
        """float32 [N, K] for N texts; classes that do not occur in training get 0."""
        if self._classifier is None:
            return np.tile(self._fractions, (len(texts), 1))
        answers = np.zeros((len(texts), len(self._fractions)), np.float32)
        likely = self._classifier.predict_proba(self._features.of(texts))
        answers[:, self._classifier.classes_] = likely
        return answers
