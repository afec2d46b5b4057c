"""The honest baseline: TF-IDF of character n-grams and logistic regression, from scikit-learn.

Strings of 1 to 4 characters inside words, counts c weighted 1 + ln c and by inverse document
frequency, rows of length 1; then L2-regularised multinomial logistic regression. It needs no
tokeniser, forgives typos, suits Korean, and is hard to beat on short reviews.
"""

import dataclasses
import hashlib
import itertools
import time
import warnings
from collections.abc import Iterable, Iterator

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from nlpkit.checks import check_positive_integer
from nlpkit.errors import InputError
from nlpkit.evaluation.metrics import classification

__all__ = ["Baseline", "tfidf_logistic_regression"]

INVERSE_REGULARISATION = 4.0
"""scikit-learn's `C`. On a tenth of NSMC's training texts held out it had the smallest log loss of
½, 1, 2, 3, 4 and 8, and the accuracies of 2 to 4 were level."""

MAX_CHARACTERS = 24_000_000
"""Training text that is learnt from at most. Short Korean texts, which have the most n-grams, take
about 100 bytes a character: 2.2 GB at the peak for 22.7 million."""

_BATCH = 10_000

Examples = Iterable[tuple[str, int]]


@dataclasses.dataclass(frozen=True)
class Baseline:
    """A baseline's answers on the test split, and what they cost.

    Attributes:
        name: "tfidf-logistic-regression".
        figures: The four figures of `metrics.classification` on the test split.
        probabilities: float32[N, K] for the test examples, in their order.
        seconds: Wall-clock time of reading, training and predicting.
        examples_used: Training examples it learnt from.
        examples_given: Training examples there were.
    """

    name: str
    figures: dict[str, float]
    probabilities: np.ndarray
    seconds: float
    examples_used: int
    examples_given: int


def tfidf_logistic_regression(
    train: Examples,
    test: Examples,
    *,
    classes: int,
    seed: int = 0,
    balanced: bool = False,
    max_characters: int = MAX_CHARACTERS,
) -> Baseline:
    """Trains the baseline on one split and evaluates it on another.

    Where no feature can be learnt (all texts are empty) or only one class is left to learn, it
    answers with the classes' shares of the training examples.

    Args:
        train: (text, class index) pairs, iterated three times: to count, to measure and to read.
        test: (text, class index) pairs, iterated once; texts are not kept.
        classes: K ≥ 2, the number of classes.
        seed: Chooses the examples where there are too many, and nothing else.
        balanced: Whether classes weigh the same however rare they are. Default False; set it where
            the model beside it is trained with class weights.
        max_characters: Training text to learn from at most. A longer training split is thinned
            evenly by a hash of the text, so the same texts are chosen each time.

    Returns:
        The `Baseline`.

    Raises:
        InputError: If a split is empty, a label is not in 0 … K−1, or `classes` or
            `max_characters` is not a positive integer.

    Example:
        >>> train = [("good", 1), ("very good", 1), ("bad", 0), ("so bad", 0)] * 5
        >>> baseline = tfidf_logistic_regression(train, [("good film", 1)], classes=2)
        >>> baseline.figures["accuracy"], baseline.examples_used
        (1.0, 20)
    """
    check_positive_integer("classes", classes)
    check_positive_integer("max_characters", max_characters)
    started = time.perf_counter()
    counts = _counts(train, classes)
    texts, labels = _sample(train, max_characters, seed)
    model = _Model(texts, labels, counts=counts, balanced=balanced)
    used = len(texts)
    del texts
    probabilities, truth = _predict(model, test)
    return Baseline(
        name="tfidf-logistic-regression",
        figures=classification(probabilities, truth),
        probabilities=probabilities,
        seconds=time.perf_counter() - started,
        examples_used=used,
        examples_given=int(counts.sum()),
    )


class _Model:
    """Features and classifier, trained at construction, or class shares where neither can be."""

    def __init__(self, texts: list[str], labels: list[int], *, counts: np.ndarray, balanced: bool):
        self.shares = (counts / counts.sum()).astype(np.float32)
        self.vectorizer, features = _features(texts)
        if self.vectorizer is None or len(set(labels)) < 2:
            self.classifier = None
            return
        self.classifier = LogisticRegression(
            C=INVERSE_REGULARISATION,
            class_weight="balanced" if balanced else None,
            tol=1e-5,  # at the default of 1e-4 NSMC's accuracy is still 0.1 points short
            max_iter=1000,
        )
        with warnings.catch_warnings():
            # A thousand steps leave nothing that accuracy could show.
            warnings.simplefilter("ignore", ConvergenceWarning)
            self.classifier.fit(features, labels)

    def probabilities(self, texts: list[str]) -> np.ndarray:
        """float32[N, K] for N texts; classes that training never saw get 0."""
        if self.classifier is None:
            return np.tile(self.shares, (len(texts), 1))
        answers = np.zeros((len(texts), len(self.shares)), np.float32)
        features = self.vectorizer.transform(texts)
        answers[:, self.classifier.classes_] = self.classifier.predict_proba(features)
        return answers


def _features(texts: list[str]) -> tuple:
    """A vectorizer and its features of `texts`, or two Nones where no text holds any.

    A feature must occur in two texts, which drops most of them and costs no accuracy; where that
    leaves none, in one.
    """
    if not any(text.split() for text in texts):
        return None, None
    options = {"analyzer": "char_wb", "ngram_range": (1, 4), "sublinear_tf": True}
    vectorizer = TfidfVectorizer(min_df=2, dtype=np.float32, **options)
    try:
        return vectorizer, vectorizer.fit_transform(texts)
    except ValueError:  # scikit-learn's word for a vocabulary that `min_df` emptied
        vectorizer = TfidfVectorizer(min_df=1, dtype=np.float32, **options)
        return vectorizer, vectorizer.fit_transform(texts)


def _counts(examples: Examples, classes: int) -> np.ndarray:
    """int[K], the examples of each class."""
    counts = np.zeros(classes, np.int64)
    for _, label in examples:
        if not 0 <= label < classes:
            raise InputError(
                "The baseline's training labels must be class indices from 0 to "
                f"{classes - 1}, got {label}."
            )
        counts[label] += 1
    if not counts.any():
        raise InputError("The baseline needs at least one training example, got none.")
    return counts


def _sample(examples: Examples, max_characters: int, seed: int) -> tuple[list[str], list[int]]:
    """Texts and labels of at most `max_characters`."""
    characters = sum(len(text) for text, _ in examples)
    share = max_characters / max(characters, max_characters)
    texts, labels, room = [], [], max_characters
    for text, label in examples:
        if len(text) <= room and (share == 1.0 or _position(text, seed) < share):
            room -= len(text)
            texts.append(text)
            labels.append(label)
    return texts, labels


def _position(text: str, seed: int) -> float:
    """A number in [0, 1) drawn by hashing, so that it depends on the text and the seed alone."""
    digest = hashlib.blake2b(f"{seed}\n{text}".encode("utf-8", "surrogatepass"), digest_size=6)
    return int.from_bytes(digest.digest(), "big") / 2**48


def _predict(model: _Model, examples: Examples) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities and true labels, a batch of texts in memory at a time."""
    probabilities, labels = [], []
    for batch in _batches(examples):
        probabilities.append(model.probabilities([text for text, _ in batch]))
        labels.extend(label for _, label in batch)
    if not labels:
        raise InputError("The baseline needs at least one test example, got none.")
    return np.concatenate(probabilities), np.array(labels)


def _batches(examples: Examples) -> Iterator[list[tuple[str, int]]]:
    """Lists of up to `_BATCH` examples."""
    iterator = iter(examples)
    while batch := list(itertools.islice(iterator, _BATCH)):
        yield batch
