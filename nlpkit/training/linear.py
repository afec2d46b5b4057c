"""The linear part of a classifier: logistic regression of the features of NB-SVM.

An n-gram that is as frequent in one class as in the others says nothing, so each n-gram is scaled
by how much it speaks for a class before an L2 penalty treats all weights alike. With the texts of a
class counted that hold an n-gram, 1 added to each count, and n the n-grams of a text,

    r[id, k] = ln p(id | k) − ln p(id | not k)
    W[id, k] = r[id, k] · w[id, k],  w[:, k] by logistic regression of class k
                                     against the others on x[id] = r[id, k] / √n

For two classes that is the model of the paper below, except that a text's length is divided out;
one of the two has all the weights.

Reference: Wang & Manning 2012, "Baselines and Bigrams: Simple, Good Sentiment and Topic
Classification", section 2.
"""

import functools
import warnings
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import keras
import numpy as np
import scipy.sparse
import tensorflow as tf
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression

from nlpkit.evaluation import Calibration, calibration
from nlpkit.models import BagOfNgrams
from nlpkit.training.interrupts import interrupts_between_steps, step_done
from nlpkit.training.validation import predict_dataset

__all__ = ["MAX_ENTRIES", "MAX_LINEAR_CLASSES", "LinearPart", "fit_linear"]

MAX_ENTRIES = 40_000_000
"""The most n-grams that are read of training texts, about 30 bytes of memory each; of validation
texts a quarter as many. The linear part learns nothing from texts beyond them."""

MAX_LINEAR_CLASSES = 20
"""The most classes for which a linear part pays: it has a weight for each n-gram and class, and
is trained five times for each class."""

_PENALTIES = (1 / 4, 1 / 16, 1 / 64, 1 / 256)


class LinearPart(NamedTuple):
    """A linear classifier that was trained to be mixed into a network.

    Attributes:
        model: From the network's input to logits; its weights are not trainable.
        temperature: What calibrates it where it stands alone.
        calibration: What to give to `nlpkit.models.mixture` and `nlpkit.models.calibrated`.
    """

    model: keras.Model
    temperature: float
    calibration: Calibration


class _Candidate(NamedTuple):
    """A penalty, and how the classifier that was fitted under it does on the validation data."""

    loss: float
    penalty: float
    logits: np.ndarray
    temperature: float


class _Examples(NamedTuple):
    """Texts as bags of n-grams."""

    rows: scipy.sparse.csr_matrix  # float32 [N, V], of length 1: 1/√n for the n n-grams of a text
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
) -> LinearPart:
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
        max_entries: The most n-grams of training texts to read; see `MAX_ENTRIES`.

    Returns:
        The classifier and its calibration. Without any n-gram it answers with the logarithms of
        the class frequencies.

    Example:
        >>> from nlpkit import models
        >>> ids = np.array([[[2, 3]], [[2, 4]]] * 8, np.int32)
        >>> data = tf.data.Dataset.from_tensors((ids, [0, 1] * 8))
        >>> model = models.classifier(vocabulary=5, classes=2, pieces=2, units=4)
        >>> linear = fit_linear(model, data, data, vocabulary=5, classes=2)
        >>> linear.model(ids[:2]).numpy().argmax(axis=1), linear.calibration.fraction
        (array([0, 1]), 1.0)
    """
    with interrupts_between_steps():
        learnt, _ = _read(train, vocabulary, max_entries)
        held_out, taken = _read(validation, vocabulary, max_entries // 4)
        logits, labels = predict_dataset(model, validation.take(taken))
    fitted = functools.partial(_fitted, classes=classes, class_weight=class_weight)
    candidates = []
    for penalty, (weights, bias) in zip(_PENALTIES, fitted(learnt, _PENALTIES), strict=True):
        others = held_out.rows @ weights + bias
        temperature = calibration.temperature(others, labels)
        loss = calibration.log_loss(others, labels, temperature)
        candidates.append(_Candidate(loss, penalty, others, temperature))
    best = min(candidates, key=lambda candidate: candidate.loss)
    layer = BagOfNgrams(vocabulary, classes, name="linear", trainable=False, dtype="float32")
    linear = keras.Model(model.input, layer(model.input), name="linear")
    (weights_and_bias,) = fitted(_joined(learnt, held_out), [best.penalty])
    layer.set_weights(weights_and_bias)
    mixed = calibration.calibrate_mixture(logits, best.logits, labels)
    return LinearPart(linear, best.temperature, mixed)


def _read(batches: tf.data.Dataset, vocabulary: int, max_entries: int) -> tuple[_Examples, int]:
    """The distinct n-grams of each text, until there are `max_entries`, and the batches read."""
    columns, counts, labels, entries = [], [], [], 0
    for ids, known in batches:
        sorted_ids = np.sort(ids.numpy().reshape(len(ids), -1), axis=1)
        before = np.pad(sorted_ids, [(0, 0), (1, 0)])[:, :-1]
        distinct = (sorted_ids > 0) & (sorted_ids != before)
        columns.append(sorted_ids[distinct])
        counts.append(distinct.sum(axis=1))
        labels.append(known.numpy())
        entries += len(columns[-1])
        step_done()
        if entries >= max_entries:
            break
    count = np.concatenate(counts)
    values = np.repeat((1 / np.sqrt(np.maximum(count, 1))).astype(np.float32), count)
    rows = scipy.sparse.csr_matrix(
        (values, np.concatenate(columns), np.concatenate([[0], np.cumsum(count)])),
        shape=(len(count), vocabulary),
    )
    return _Examples(rows, np.concatenate(labels)), len(counts)


def _joined(one: _Examples, other: _Examples) -> _Examples:
    """The examples of both."""
    rows = scipy.sparse.vstack([one.rows, other.rows], format="csr")
    return _Examples(rows, np.concatenate([one.labels, other.labels]))


def _fitted(
    examples: _Examples,
    penalties: Sequence[float],
    *,
    classes: int,
    class_weight: Mapping[int, float] | None,
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """For each penalty the weights [V, K] and the bias [K] of a linear classifier of the rows."""
    rows, labels = examples
    ratios, counts = _log_count_ratios(examples, classes), np.bincount(labels, minlength=classes)
    example_weight = np.array([(class_weight or {}).get(k, 1.0) for k in range(classes)])[labels]
    for penalty in penalties:
        # A class without examples gets what one example in all would leave it.
        weights, bias = np.zeros((len(ratios), classes)), np.log((counts + 1) / (counts + 1).sum())
        for k in range(classes):
            if not rows.nnz or not 0 < counts[k] < len(labels):
                continue
            if classes == 2 and k == 0:  # the other class says it all
                bias[k] = 0.0
                continue
            model = LogisticRegression(C=1 / penalty, max_iter=100)
            with warnings.catch_warnings():
                # Under a weak penalty weights still grow when the accuracy no longer changes.
                warnings.simplefilter("ignore", ConvergenceWarning)
                features = _with_values(rows, rows.data * ratios[rows.indices, k])
                model.fit(features, labels == k, sample_weight=example_weight)
            weights[:, k], bias[k] = model.coef_[0] * ratios[:, k], model.intercept_[0]
        yield weights, bias


def _log_count_ratios(examples: _Examples, classes: int) -> np.ndarray:
    """float32 [V, K]: how much an n-gram speaks for a class, the r above."""
    members = np.eye(classes, dtype=np.float32)[examples.labels]
    present = _with_values(examples.rows, np.ones_like(examples.rows.data))
    counts = np.asarray(present.T @ members, np.float64)  # texts of a class with an n-gram
    inside, outside = counts + 1, counts.sum(axis=1, keepdims=True) - counts + 1
    ratios = np.log(inside / inside.sum(axis=0)) - np.log(outside / outside.sum(axis=0))
    return ratios.astype(np.float32)


def _with_values(matrix: scipy.sparse.csr_matrix, values: np.ndarray) -> scipy.sparse.csr_matrix:
    """Other values at the same positions, which are shared."""
    return scipy.sparse.csr_matrix((values, matrix.indices, matrix.indptr), shape=matrix.shape)
