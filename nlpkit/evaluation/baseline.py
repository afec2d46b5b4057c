"""The baseline of a classifier: the linear model that does best on the validation split.

The features, words or characters, and the regularisation are chosen by the log loss on the
validation texts; then the winner learns from training and validation texts together.
"""

import dataclasses
import hashlib
import itertools
import time
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import numpy as np

from nlpkit.checks import check_positive_integer
from nlpkit.errors import InputError
from nlpkit.evaluation.linear_model import CANDIDATES, Candidate, Features, LinearModel
from nlpkit.evaluation.metrics import classification

__all__ = ["Baseline", "tfidf_logistic_regression"]

MAX_CHARACTERS = 24_000_000
"""The most training text that is learnt from. Short Korean texts, which have the most n-grams, take
about 100 bytes a character: 2.2 GB at the peak for 22.7 million."""

_CHOSEN_ON = 4_000_000
_BATCH = 10_000

Examples = Iterable[tuple[str, int]]


@dataclasses.dataclass(frozen=True)
class Baseline:
    """The metrics and predictions of a baseline on the test split, and their cost.

    Attributes:
        name: "tfidf-logistic-regression".
        chosen: The features and the regularisation that were chosen.
        metrics: The four metrics of `metrics.classification` on the test split.
        probabilities: float32[N, K] for the test examples, in their order.
        seconds: Wall-clock time of reading, choosing, training and predicting.
        examples_used: The training and validation examples that it learnt from.
        examples_given: All training and validation examples.
    """

    name: str
    chosen: Candidate
    metrics: dict[str, float]
    probabilities: np.ndarray
    seconds: float
    examples_used: int
    examples_given: int


def tfidf_logistic_regression(
    train: Examples,
    validation: Examples,
    test: Examples,
    *,
    classes: int,
    seed: int = 0,
    balanced: bool = False,
    max_characters: int = MAX_CHARACTERS,
) -> Baseline:
    """Chooses and trains the baseline, and evaluates it.

    Six candidates learn from 4 million characters of training text at most; the best of them then
    learns from `max_characters` of training and validation text. Where no feature can be learnt
    (all texts are empty) or only one class is left, it predicts the class frequencies.

    Args:
        train: (text, class index) pairs, iterated several times.
        validation: Pairs for the choice, iterated several times. Without any, the baseline is the
            first of `nlpkit.evaluation.linear_model.CANDIDATES`.
        test: Pairs, iterated once; texts are not kept.
        classes: K ≥ 2, the number of classes.
        seed: Chooses the examples where there are too many, and nothing else.
        balanced: Whether all classes weigh the same, however rare. Default False; set it if the
            model to compare with is trained with class weights.
        max_characters: The most text to learn from. More is thinned evenly by a hash of the text,
            so that the same texts are chosen each time.

    Returns:
        The `Baseline`.

    Raises:
        InputError: If the training or the test split is empty, a label is not in 0 … K−1, or
            `classes` or `max_characters` is not a positive integer.

    Example:
        >>> train = [("good", 1), ("very good", 1), ("bad", 0), ("so bad", 0)] * 5
        >>> valid = [("a good one", 1), ("a bad one", 0)]
        >>> baseline = tfidf_logistic_regression(train, valid, [("good film", 1)], classes=2)
        >>> baseline.metrics["accuracy"], baseline.examples_used, baseline.chosen.features
        (1.0, 22, 'words')
    """
    check_positive_integer("classes", classes)
    check_positive_integer("max_characters", max_characters)
    started = time.perf_counter()
    counts = _counts(train, classes)
    if not counts.any():
        raise InputError("The baseline needs at least one training example, got none.")
    options = {"fractions": counts / counts.sum(), "balanced": balanced}
    few = min(_CHOSEN_ON, max_characters)
    chosen = _chosen(_sample([train], few, seed), _sample([validation], few, seed), **options)
    learnt = _sample([train, validation], max_characters, seed)
    model = _model(chosen, Features(chosen.features, learnt.texts), learnt, **options)
    used = len(learnt.texts)
    del learnt
    probabilities, truth = _predict(model, test)
    return Baseline(
        name="tfidf-logistic-regression",
        chosen=chosen,
        metrics=classification(probabilities, truth),
        probabilities=probabilities,
        seconds=time.perf_counter() - started,
        examples_used=used,
        examples_given=int(counts.sum() + _counts(validation, classes).sum()),
    )


class _Texts(NamedTuple):
    """Texts in memory, and their class indices."""

    texts: list[str]
    labels: list[int]


def _chosen(train: _Texts, validation: _Texts, **options: Any) -> Candidate:
    """The candidate with the least log loss on the validation texts."""
    if not validation.texts:
        return CANDIDATES[0]

    losses = {}
    for name, candidates in itertools.groupby(CANDIDATES, lambda each: each.features):
        features = Features(name, train.texts)
        for each in candidates:
            model = _model(each, features, train, **options)
            probabilities = model.probabilities(validation.texts)
            losses[each] = classification(probabilities, validation.labels)["log_loss"]
    return min(losses, key=losses.__getitem__)


def _model(candidate: Candidate, features: Features, learnt: _Texts, **options: Any) -> LinearModel:
    """A candidate, trained."""
    strength = candidate.inverse_regularisation
    return LinearModel(features, learnt.labels, inverse_regularisation=strength, **options)


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
    return counts


def _sample(splits: list[Examples], max_characters: int, seed: int) -> _Texts:
    """Texts and labels of at most `max_characters`."""
    characters = sum(len(text) for text, _ in itertools.chain(*splits))
    fraction = max_characters / max(characters, max_characters)
    sample, room = _Texts([], []), max_characters
    for text, label in itertools.chain(*splits):
        if len(text) <= room and (fraction == 1.0 or _position(text, seed) < fraction):
            room -= len(text)
            sample.texts.append(text)
            sample.labels.append(label)
    return sample


def _position(text: str, seed: int) -> float:
    """A number in [0, 1) drawn by hashing, so that it depends on the text and the seed alone."""
    digest = hashlib.blake2b(f"{seed}\n{text}".encode("utf-8", "surrogatepass"), digest_size=6)
    return int.from_bytes(digest.digest(), "big") / 2**48


def _predict(model: LinearModel, examples: Examples) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities and true labels, a batch of texts in memory at a time."""
    probabilities: list[np.ndarray] = []
    labels: list[int] = []
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
