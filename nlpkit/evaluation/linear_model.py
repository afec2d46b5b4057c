"""A linear classifier of texts: TF-IDF of n-grams and logistic regression, from scikit-learn.

Counts c of n-grams weigh 1 + ln c times the inverse document frequency, rows have length 1; then
comes L2-regularised multinomial logistic regression. Words and pairs of words are strongest on long
English texts, strings of characters inside words on Korean and on short texts.

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
        features: "words", for words and pairs of them, or "characters", for strings of 1 to 4.
        inverse_regularisation: scikit-learn's `C`.
    """

    features: str
    inverse_regularisation: float


CANDIDATES = tuple(
    itertools.starmap(Candidate, itertools.product(_FEATURES, _INVERSE_REGULARISATION))
)
"""What a validation split chooses from."""


class Features:
    """The n-grams of training texts.

    A feature must occur in two texts, which drops most of them and costs no accuracy; where that
    leaves none, in one; and where no text holds any, there are none.

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

    Where no feature can be learnt or only one class is left to learn, it answers with the
    fractions of the classes.

    Args:
        features: Those of the training texts.
        labels: Their class indices.
        inverse_regularisation: scikit-learn's `C`.
        fractions: float [K], the fractions of the classes.
        balanced: Whether classes weigh the same however rare they are. Default: `False`.
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
            # A thousand steps leave nothing that accuracy could show.
            warnings.simplefilter("ignore", ConvergenceWarning)
            self._classifier.fit(features.of_training, labels)

    def probabilities(self, texts: Sequence[str]) -> np.ndarray:
        """float32 [N, K] for N texts; classes that training never saw get 0."""
        if self._classifier is None:
            return np.tile(self._fractions, (len(texts), 1))
        answers = np.zeros((len(texts), len(self._fractions)), np.float32)
        likely = self._classifier.predict_proba(self._features.of(texts))
        answers[:, self._classifier.classes_] = likely
        return answers
