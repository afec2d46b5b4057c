"""The linear part of a classifier: logistic regression of naive Bayes' features.

An n-gram that is as frequent in one class as in the others says nothing, so each n-gram is scaled
by how much it tells the classes apart before an L2 penalty treats all weights alike:

    s[id] = √ meanₖ (ln p(id | k) / p(id | not k))²        with counts of texts, 1 added to each
    W[id, k] = s[id] · w[id, k],  w by logistic regression on x[id] = s[id] / √n

For two classes that is the model of the paper below, except that a text's length is divided out.

Reference: Wang & Manning 2012, "Baselines and Bigrams: Simple, Good Sentiment and Topic
Classification", section 2, equations 1 and 2.
"""

import warnings
from collections.abc import Mapping
from typing import NamedTuple

import keras
import numpy as np
import scipy.sparse
import tensorflow as tf
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression

from nlpkit.evaluation import Calibration, calibration
from nlpkit.models import BagOfNgrams
from nlpkit.training.interrupts import step_done
from nlpkit.training.validation import predict_dataset

__all__ = ["MAX_ENTRIES", "MAX_LINEAR_CLASSES", "fit_linear"]

MAX_ENTRIES = 40_000_000
"""The most n-grams of texts that are held in memory, 8 bytes each; more texts are not read."""

MAX_LINEAR_CLASSES = 20
"""The most classes for which a linear part pays: it has a weight for each n-gram and class, and its
training holds some 25 times as many numbers."""

_PENALTIES = (1 / 4, 1 / 16, 1 / 64, 1 / 256)


class _Examples(NamedTuple):
    """Texts as bags of n-grams."""

    bags: scipy.sparse.csr_matrix  # float32 [N, V], 1 for the n-grams of a text
    labels: np.ndarray  # int [N]


def fit_linear(
    model: keras.Model,
    train: tf.data.Dataset,
    validation: tf.data.Dataset,
    *,
    vocabulary: int,
    classes: int,
    class_weight: Mapping[int, float] | None = None,
    max_entries: int = MAX_ENTRIES,
) -> tuple[BagOfNgrams, Calibration]:
    """Trains a linear classifier to be mixed into a model.

    The validation data choose the penalty, by the loss after calibration, then the fraction and the
    temperature of the mixture. At last the linear classifier learns from training and validation
    data together.

    Args:
        model: The trained model, from ids to logits.
        train: `(ids, class)` batches, shuffled; each class occurs.
        validation: `(ids, class)` batches.
        vocabulary: Number of ids, V.
        classes: Number of classes, K.
        class_weight: Weight of each class in the loss, or None.
        max_entries: The most n-grams of texts to hold in memory; see `MAX_ENTRIES`.

    Returns:
        The layer, whose weights are not trainable, and what to give to `nlpkit.models.mixture` and
        `nlpkit.models.calibrated`. Without any n-gram the layer answers with the logarithms of the
        class frequencies.

    Example:
        >>> from nlpkit import models
        >>> ids = np.array([[[2, 3]], [[2, 4]]] * 8, np.int32)
        >>> data = tf.data.Dataset.from_tensors((ids, [0, 1] * 8))
        >>> model = models.classifier(vocabulary=5, classes=2, pieces=2, units=4)
        >>> layer, calibration = fit_linear(model, data, data, vocabulary=5, classes=2)
        >>> layer(ids[:2]).numpy().argmax(axis=1), calibration.fraction
        (array([0, 1]), 1.0)
    """
    learnt = _read(train, vocabulary, max_entries)
    held_out = _read(validation, vocabulary, max_entries)
    options = {"classes": classes, "class_weight": class_weight and dict(class_weight)}
    best, others, least = _PENALTIES[0], np.empty(0), np.inf
    for penalty in _PENALTIES:
        weights, bias = _fit(learnt, penalty, **options)
        logits = _features(held_out.bags) @ weights + bias
        loss = calibration.log_loss(
            logits, held_out.labels, calibration.temperature(logits, held_out.labels)
        )
        if loss < least:
            best, others, least = penalty, logits, loss
        step_done()
    logits, labels = predict_dataset(model, validation)
    fraction = calibration.mixture_fraction(logits, others, labels)
    mixed = (1 - fraction) * logits + fraction * others
    decided = Calibration(calibration.temperature(mixed, labels), fraction)
    layer = BagOfNgrams(vocabulary, classes, name="linear", trainable=False)
    layer.build((None, None, None))
    layer.set_weights(_fit(_joined(learnt, held_out), best, **options))
    return layer, decided


def _read(batches: tf.data.Dataset, vocabulary: int, max_entries: int) -> _Examples:
    """The distinct n-grams of each text, until there are `max_entries`."""
    columns, counts, labels, entries = [], [], [], 0
    for ids, known in batches:
        rows = np.sort(ids.numpy().reshape(len(ids), -1), axis=1)
        distinct = (rows > 0) & (rows != np.pad(rows, [(0, 0), (1, 0)])[:, :-1])
        columns.append(rows[distinct])
        counts.append(distinct.sum(axis=1))
        labels.append(known.numpy())
        entries += len(columns[-1])
        step_done()
        if entries >= max_entries:
            break
    ends = np.concatenate([[0], np.cumsum(np.concatenate(counts))])
    ones = np.ones(entries, np.float32)
    bags = scipy.sparse.csr_matrix(
        (ones, np.concatenate(columns), ends), shape=(len(ends) - 1, vocabulary)
    )
    return _Examples(bags, np.concatenate(labels))


def _joined(one: _Examples, other: _Examples) -> _Examples:
    """The examples of both."""
    bags = scipy.sparse.vstack([one.bags, other.bags], format="csr")
    return _Examples(bags, np.concatenate([one.labels, other.labels]))


def _fit(
    examples: _Examples, penalty: float, *, classes: int, class_weight: dict[int, float] | None
) -> tuple[np.ndarray, np.ndarray]:
    """The weights [V, K] and the bias [K] of a linear classifier of `_features`."""
    scale = _scale(examples, classes).astype(np.float32)
    features = (_features(examples.bags) @ scipy.sparse.diags(scale)).tocsr()
    if not features.nnz:
        counts = np.bincount(examples.labels, minlength=classes) + 1.0
        return np.zeros((features.shape[1], classes)), np.log(counts / counts.sum())
    model = LogisticRegression(C=1 / penalty, class_weight=class_weight, max_iter=100)
    with warnings.catch_warnings():
        # Under a weak penalty the weights still grow when the accuracy no longer changes.
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.fit(features, examples.labels)
    weights, bias = model.coef_.T * scale[:, None], model.intercept_
    if weights.shape[1] > 1:
        return weights, bias
    # scikit-learn has one column for two classes.
    return np.hstack([-weights, weights]) / 2, np.concatenate([-bias, bias]) / 2


def _scale(examples: _Examples, classes: int) -> np.ndarray:
    """float [V]: how much each n-gram tells the classes apart."""
    members = np.eye(classes, dtype=np.float32)[examples.labels]
    counts = np.asarray(examples.bags.T @ members, np.float64)  # texts of a class with an n-gram
    inside, outside = counts + 1, counts.sum(axis=1, keepdims=True) - counts + 1
    ratios = np.log(inside / inside.sum(axis=0)) - np.log(outside / outside.sum(axis=0))
    return np.sqrt(np.mean(ratios**2, axis=1))


def _features(bags: scipy.sparse.csr_matrix) -> scipy.sparse.csr_matrix:
    """float32 [N, V]: rows of length 1, as the layer has them."""
    counts = np.maximum(np.diff(bags.indptr), 1)
    return scipy.sparse.diags((1 / np.sqrt(counts)).astype(np.float32)) @ bags
