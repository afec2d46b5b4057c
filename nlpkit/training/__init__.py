"""Fits a model on one machine."""

from nlpkit.training.fit import class_weights, fit
from nlpkit.training.language import fit_language_model
from nlpkit.training.language_plan import (
    language_batch_size,
    language_dropout,
    language_dropouts,
    language_epochs,
)
from nlpkit.training.lazy_adam import LazyAdam
from nlpkit.training.plan import batch_size, epochs, length_cap, patience
from nlpkit.training.reading import (
    Reading,
    Stepper,
    StreamReader,
    figures,
    perplexity_with_cache,
)
from nlpkit.training.softmax import FullSoftmax, SampledSoftmax, next_word_loss
from nlpkit.training.validation import outputs

__all__ = [
    "FullSoftmax",
    "LazyAdam",
    "Reading",
    "SampledSoftmax",
    "Stepper",
    "StreamReader",
    "batch_size",
    "class_weights",
    "epochs",
    "figures",
    "fit",
    "fit_language_model",
    "language_batch_size",
    "language_dropout",
    "language_dropouts",
    "language_epochs",
    "length_cap",
    "next_word_loss",
    "outputs",
    "patience",
    "perplexity_with_cache",
]
