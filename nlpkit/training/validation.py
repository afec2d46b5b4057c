"""Validation after each epoch, with the probabilities that would be served."""

import functools
from collections.abc import Callable

import keras
import numpy as np
import tensorflow as tf

from nlpkit.errors import InputError
from nlpkit.evaluation import calibration
from nlpkit.training.interrupts import step_done

__all__ = ["CalibratedValidation", "predict_dataset"]


class CalibratedValidation(keras.callbacks.Callback):
    """Adds `val_loss`, `val_accuracy` and `val_temperature` to the logs of an epoch.

    The loss is that of calibrated probabilities. A network grows overconfident long before it
    stops learning: its uncalibrated validation loss rises while its accuracy still improves.
    Stopping by that loss would stop too early.

    Args:
        batches: Validation data, `(ids, class)`; at least one example.

    Raises:
        InputError: At the end of an epoch, if the outputs are not finite.

    Reference: Guo et al. 2017, section 3 ("overfitting to NLL") and 4.2.
    """

    def __init__(self, batches: tf.data.Dataset) -> None:
        super().__init__()
        self._batches = batches

    def set_model(self, model):
        super().set_model(model)
        self._call = _traced(model, self._batches)  # once, not for every epoch

    def on_epoch_end(self, epoch, logs=None):
        logits, labels = _answers(self._call, self._batches)
        if not np.isfinite(logits).all():
            raise InputError(
                "the training diverged: the model's outputs are NaN or infinite; "
                "a smaller `--learning-rate` helps."
            )
        temperature = calibration.temperature(logits, labels)
        logs["val_loss"] = calibration.log_loss(logits, labels, temperature)
        logs["val_accuracy"] = float((logits.argmax(1) == labels).mean())
        logs["val_temperature"] = temperature


def predict_dataset(
    model: keras.layers.Layer, batches: tf.data.Dataset
) -> tuple[np.ndarray, np.ndarray]:
    """The outputs of a model on a data set, and the true classes.

    Args:
        model: A model or layer from ids to logits [B, K], or to probabilities.
        batches: `(ids, class)` or `(ids, class, index)`; at least one example.

    Returns:
        float64 [N, K] and int [N], in the order of the indices if there are any, else in that of
        the batches.
    """
    return _answers(_traced(model, batches), batches)


def _traced(
    model: keras.layers.Layer, batches: tf.data.Dataset
) -> Callable[[tf.Tensor], tf.Tensor]:
    """The model as one graph for all batches, whatever their lengths."""
    ids, *_ = batches.element_spec
    call = functools.partial(model, training=False)
    return tf.function(call, input_signature=[ids], autograph=False)


def _answers(
    call: Callable[[tf.Tensor], tf.Tensor], batches: tf.data.Dataset
) -> tuple[np.ndarray, np.ndarray]:
    """Outputs and labels of all batches; see `predict_dataset` for their order."""
    parts = []
    for ids, *known in batches:
        parts.append((call(ids).numpy(), *(each.numpy() for each in known)))
        step_done()
    answers, labels, *indices = (np.concatenate(part) for part in zip(*parts, strict=True))
    if indices:
        order = np.argsort(indices[0])
        answers, labels = answers[order], labels[order]
    return answers.astype(np.float64), labels
