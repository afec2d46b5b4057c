"""Fits a model on one machine."""

from nlpkit.optimizers import LazyAdam
from nlpkit.training.decoding import IncrementalDecoder
from nlpkit.training.dynamic_evaluation import (
    DynamicScorer,
    DynamicSettings,
    perplexity_with_dynamic_evaluation,
)
from nlpkit.training.fit import class_weights, fit
from nlpkit.training.language import fit_language_model
from nlpkit.training.language_plan import (
    language_batch_size,
    language_dropout,
    language_dropouts,
    language_epochs,
)
from nlpkit.training.plan import batch_size, epochs, length_cap, patience
from nlpkit.training.scoring import (
    StreamScorer,
    StreamScores,
    evaluate_language_model,
    perplexity_with_cache,
)
from nlpkit.training.softmax import FullSoftmax, SampledSoftmax, next_word_loss
from nlpkit.training.validation import predict_dataset

__all__ = [
    "DynamicScorer",
    "DynamicSettings",
    "FullSoftmax",
    "IncrementalDecoder",
    "LazyAdam",
    "SampledSoftmax",
    "StreamScorer",
    "StreamScores",
    "batch_size",
    "class_weights",
    "epochs",
    "evaluate_language_model",
    "fit",
    "fit_language_model",
    "language_batch_size",
    "language_dropout",
    "language_dropouts",
    "language_epochs",
    "length_cap",
    "next_word_loss",
    "patience",
    "predict_dataset",
    "perplexity_with_cache",
    "perplexity_with_dynamic_evaluation",
]
