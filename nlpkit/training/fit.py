"""Trains a classifier, with early stopping on the validation split."""

from collections.abc import Mapping
from pathlib import Path

import keras
import tensorflow as tf

from nlpkit.optimizers import LazyAdam
from nlpkit.recurrence import never_compiled
from nlpkit.training.interrupts import StepDone, interrupts_between_steps
from nlpkit.training.progress import Progress
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
        log: CSV file that gets a line for each epoch.
        quiet: Whether to hide the progress.

    Returns:
        The temperature that calibrates the model on the validation data.
    """
    steps = int(train.cardinality())
    rate = keras.optimizers.schedules.PolynomialDecay(
        learning_rate, epochs * steps, learning_rate * _LAST_RATE
    )
    optimizer = LazyAdam(rate)
    optimizer.build(model.trainable_variables)  # else the first step would be traced twice
    model.compile(
        optimizer=optimizer,
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        jit_compile=False,  # XLA would compile anew for each length
    )
    # In this order: the others read what validation adds to the logs.
    best = keras.callbacks.EarlyStopping(
        "val_loss", mode="min", patience=patience, restore_best_weights=True
    )
    with (
        interrupts_between_steps(),
        never_compiled(),
        Progress(epochs, steps, quiet=quiet, describe=_describe) as progress,
    ):
        history = model.fit(
            train.repeat(),  # one iterator: each would instantiate the encoder's graph again
            epochs=epochs,
            steps_per_epoch=steps,
            callbacks=[CalibratedValidation(validation), _Log(log), best, progress, StepDone()],
            class_weight=class_weight and dict(class_weight),
            shuffle=False,  # the dataset shuffles itself; Keras would warn
            verbose=0,
        )
        progress.ended(len(history.epoch), best.best_epoch + 1)
    return history.history["val_temperature"][best.best_epoch]


class _Log(keras.callbacks.CSVLogger):
    """Keras's CSV logger, but with epochs counted from 1, as everywhere in nlpkit."""

    def on_epoch_end(self, epoch, logs=None):
        super().on_epoch_end(epoch + 1, logs)


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


def _describe(logs: Mapping[str, float]) -> str:
    """The metrics of an epoch, for the progress line."""
    return (
        f"loss {logs['loss']:.4f}, validation accuracy {logs['val_accuracy']:.2%}, "
        f"loss {logs['val_loss']:.4f}"
    )
