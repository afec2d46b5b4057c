"""Fits a model on one machine."""

from nlpkit.training.fit import class_weights, fit
from nlpkit.training.lazy_adam import LazyAdam
from nlpkit.training.plan import batch_size, epochs, length_cap
from nlpkit.training.validation import outputs

__all__ = [
    "LazyAdam",
    "batch_size",
    "class_weights",
    "epochs",
    "fit",
    "length_cap",
    "outputs",
]
