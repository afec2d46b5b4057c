"""Fits a model, on one device or on many."""

from nlpkit.optimizers import LazyAdam
from nlpkit.training.budget import (
    Allowance,
    Plan,
    Size,
    choose_plan,
    plan_for,
    size_for,
    sizes_for,
)
from nlpkit.training.checkpoint import Checkpoint, Record
from nlpkit.training.checkpoints import Checkpoints, fingerprint
from nlpkit.training.decoding import IncrementalDecoder
from nlpkit.training.distribution import Distribution
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
from nlpkit.training.linear import MAX_LINEAR_CLASSES, LinearPart, fit_linear
from nlpkit.training.plan import batch_size, epochs, length_cap, patience
from nlpkit.training.scoring import (
    StreamScorer,
    StreamScores,
    evaluate_language_model,
    perplexity_with_cache,
)
from nlpkit.training.softmax import FullSoftmax, SampledSoftmax, next_word_loss
from nlpkit.training.speed import seconds_per_token
from nlpkit.training.strategies import distribute
from nlpkit.training.validation import predict_dataset
from nlpkit.training.word_vectors import start_from_vectors

__all__ = [
    "Allowance",
    "Checkpoint",
    "Checkpoints",
    "Distribution",
    "DynamicScorer",
    "DynamicSettings",
    "MAX_LINEAR_CLASSES",
    "FullSoftmax",
    "IncrementalDecoder",
    "LazyAdam",
    "LinearPart",
    "Plan",
    "Record",
    "SampledSoftmax",
    "Size",
    "StreamScorer",
    "StreamScores",
    "batch_size",
    "choose_plan",
    "class_weights",
    "distribute",
    "epochs",
    "evaluate_language_model",
    "fingerprint",
    "fit",
    "fit_language_model",
    "fit_linear",
    "language_batch_size",
    "language_dropout",
    "language_dropouts",
    "language_epochs",
    "length_cap",
    "next_word_loss",
    "patience",
    "plan_for",
    "predict_dataset",
    "perplexity_with_cache",
    "perplexity_with_dynamic_evaluation",
    "seconds_per_token",
    "size_for",
    "sizes_for",
    "start_from_vectors",
]
