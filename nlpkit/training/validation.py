"""Validation after each epoch, with the probabilities that would be served."""

import functools
import itertools
import math
from collections.abc import Callable, Iterable
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from nlpkit.evaluation import calibration
from nlpkit.training.interrupts import step_done
from nlpkit.training.uncompiled import uncompiled

__all__ = ["CalibratedValidation", "predict_dataset"]


class CalibratedValidation:
    """Measures a classifier on validation data after calibration.

    The loss is that of calibrated probabilities. A network grows overconfident long before it
    stops learning: its uncalibrated validation loss rises while its accuracy still improves.
    Stopping by that loss would stop too early.

    Args:
        model: From ids to logits.
        batches: Validation data, `(ids, class)`, of known cardinality; at least one example.

    Reference: Guo et al. 2017, section 3 ("overfitting to NLL") and 4.2.
    """

    def __init__(self, model: keras.Model, batches: tf.data.Dataset) -> None:
        # Once, not for every epoch: the graph, and the iterator, which instantiates the encoder's.
        self._call = _traced(model, batches)
        self._count = int(batches.cardinality())
        self._endless = iter(batches.repeat())

    def measure(self) -> dict[str, float]:
        """Measures the model as it is.

        Returns:
            `val_accuracy`, `val_loss` and `val_temperature`; the loss is NaN where outputs are not
            finite.
        """
        logits, labels = _answers(self._call, itertools.islice(self._endless, self._count))
        if not np.isfinite(logits).all():
            return dict.fromkeys(("val_accuracy", "val_loss", "val_temperature"), math.nan)
        temperature = calibration.temperature(logits, labels)
        return {
            "val_accuracy": float((logits.argmax(1) == labels).mean()),
            "val_loss": calibration.log_loss(logits, labels, temperature),
            "val_temperature": temperature,
        }


def predict_dataset(model: keras.layers.Layer, batches: tf.data.Dataset) -> tuple[Any, np.ndarray]:
    """The outputs of a model on a data set, and the true classes.

    Args:
        model: A model or layer from ids to logits [B, K], or to probabilities; or to several of
            them, by name.
        batches: `(ids, class)` or `(ids, class, index)`; at least one example.

    Returns:
        float64 [N, K], or several of them by name, and int [N], in the order of the indices if
        there are any, else in that of the batches.
    """
    return _answers(_traced(model, batches), batches)


def _traced(model: keras.layers.Layer, batches: tf.data.Dataset) -> Callable[[tf.Tensor], Any]:
    """The model as one graph for all batches, whatever their lengths."""
    ids, *_ = batches.element_spec
    call = functools.partial(model, training=False)
    return uncompiled(call, input_signature=[ids])


def _answers(
    call: Callable[[tf.Tensor], Any], batches: Iterable[tuple[tf.Tensor, ...]]
) -> tuple[Any, np.ndarray]:
    """Outputs and labels of all batches; see `predict_dataset` for their order."""
    parts = []
    for ids, *known in batches:
        parts.append(tf.nest.map_structure(lambda tensor: tensor.numpy(), (call(ids), *known)))
        step_done()
    answers, labels, *indices = tf.nest.map_structure(lambda *part: np.concatenate(part), *parts)
    order = np.argsort(indices[0]) if indices else np.arange(len(labels))
    in_order = tf.nest.map_structure(lambda part: part[order].astype(np.float64), answers)
    return in_order, labels[order]
