"""Trains a classifier, with early stopping on the validation split."""

import functools
import itertools
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import keras
import tensorflow as tf

from nlpkit.optimizers import LazyAdam
from nlpkit.training.checkpoints import Checkpoints
from nlpkit.training.distribution import ALONE, Distribution
from nlpkit.training.loop import Learner
from nlpkit.training.loop import train as run_loop
from nlpkit.training.replicas import own_draws, own_rows, part_of_mean, summed, update
from nlpkit.training.uncompiled import uncompiled
from nlpkit.training.validation import CalibratedValidation

__all__ = ["class_weights", "fit"]

_LAST_RATE = 0.02
_SKEWED = 3.0


def fit(
    model: keras.Model,
    train: tf.data.Dataset,
    validation: tf.data.Dataset,
    *,
    epochs: int,
    learning_rate: float = 1e-3,
    patience: int = 3,
    class_weight: Mapping[int, float] | None = None,
    checkpoints: Checkpoints | None = None,
    distribution: Distribution = ALONE,
    log: str | Path,
    quiet: bool = False,
) -> float:
    """Trains a model and restores the weights of its best epoch.

    The learning rate decays linearly to a fiftieth. The best epoch is the one with the lowest
    validation loss after calibration; see `CalibratedValidation`.

    Args:
        model: Maps ids to logits.
        train: `(ids, class)` batches, of known cardinality.
        validation: `(ids, class)` batches, of known cardinality.
        epochs: Passes over the training data, at most.
        learning_rate: The initial learning rate of Adam.
        patience: Epochs without a better validation loss after which to stop.
        class_weight: Weight of each class in the loss, or None.
        checkpoints: Where the training is saved and resumed; None for nowhere.
        distribution: The replicas that share each batch. Default: one.
        log: CSV file that gets a line for each epoch.
        quiet: Whether to hide the progress.

    Returns:
        The temperature that calibrates the model on the validation data.

    Raises:
        InputError: If the training diverges.
        WorkerError: If another worker is gone.
    """
    learner = _Classifier(
        model,
        train,
        validation,
        epochs=epochs,
        peak=learning_rate,
        class_weight=class_weight,
        distribution=distribution,
    )
    record = run_loop(
        learner, epochs=epochs, patience=patience, checkpoints=checkpoints, log=log, quiet=quiet
    )
    return record.logs[record.best - 1]["val_temperature"]


class _Classifier(Learner):
    """A classifier, its optimizer and its data."""

    columns = ("loss", "val_accuracy", "val_loss", "val_temperature")

    def __init__(
        self,
        model: keras.Model,
        train: tf.data.Dataset,
        validation: tf.data.Dataset,
        *,
        epochs: int,
        peak: float,
        class_weight: Mapping[int, float] | None,
        distribution: Distribution,
    ) -> None:
        self.model, self.steps = model, int(train.cardinality())
        self.distribution, self.replica = distribution, distribution.copy(model)
        rate = keras.optimizers.schedules.PolynomialDecay(
            peak, epochs * self.steps, peak * _LAST_RATE
        )
        with distribution.scope():
            self.optimizer = LazyAdam(rate)
            self.optimizer.build(self.replica.trainable_variables)
        self._train, self._validation = train, CalibratedValidation(model, validation)
        self._endless: Iterator[Any] | None = None
        replica_step = _training_step(self.replica, self.optimizer, class_weight)
        self._step = uncompiled(
            functools.partial(distribution.run, replica_step), input_signature=train.element_spec
        )

    def variables(self):
        return [*self.replica.variables, *self.optimizer.variables]

    def resume(self, epoch, batch, carried):
        # Each pass shuffles anew; to begin a pass is enough for the next one to come.
        for _ in self._train.take(1).repeat().take(epoch):
            pass
        self._endless = iter(self._train.repeat().skip(batch))

    def batches(self, epoch, batch):
        if self._endless is None:  # one iterator: each would instantiate the encoder's graph again
            self._endless = iter(self._train.repeat())
        return itertools.islice(self._endless, self.steps - batch)

    def learn(self, batch):
        return self._step(*batch), int(batch[0].shape[0])

    def validate(self):
        return self._validation.measure()

    def describe(self, logs):
        return (
            f"loss {logs['loss']:.4f}, validation accuracy {logs['val_accuracy']:.2%}, "
            f"loss {logs['val_loss']:.4f}"
        )


def _training_step(model: keras.Model, optimizer: LazyAdam, class_weight: Any) -> Callable:
    """A function of a batch, run in each replica, that learns and returns the batch's mean loss."""
    weights = model.trainable_variables
    sum_of_losses = keras.losses.SparseCategoricalCrossentropy(from_logits=True, reduction="sum")
    classes = max(class_weight or [0]) + 1
    of_class = tf.constant([(class_weight or {}).get(k, 1.0) for k in range(classes)], tf.float32)

    def step(ids: tf.Tensor, labels: tf.Tensor) -> tf.Tensor:
        rows = tf.size(labels)
        ids, labels = own_rows(ids, labels)
        example_weight = tf.gather(of_class, labels) if class_weight else None
        with own_draws(model), tf.GradientTape() as tape:
            total = sum_of_losses(labels, model(ids, training=True), sample_weight=example_weight)
            mean = tf.math.divide_no_nan(total, tf.cast(tf.size(labels), tf.float32))
            loss = part_of_mean(mean, rows)
        loss, *gradients = summed([loss, *tape.gradient(loss, weights)])
        update(optimizer, gradients, weights)
        return loss

    return step


def class_weights(counts: tuple[int, ...]) -> dict[int, float] | None:
    """Weights that balance the classes, if the largest is at least 3 times the smallest.

    Args:
        counts: Examples of each class, all above 0.

    Returns:
        The weight of each class, 1 on average over the examples; None where classes are balanced.

    Example:
        >>> class_weights((10, 40)), class_weights((10, 29))
        ({0: 2.5, 1: 0.625}, None)
    """
    if max(counts) < _SKEWED * min(counts):
        return None
    total = sum(counts)
    return {index: total / (len(counts) * count) for index, count in enumerate(counts)}
