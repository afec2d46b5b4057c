"""Classifiers and language models, with any recurrent layer inside."""

from nlpkit.models.classifier import Calibrated, calibrated, classifier
from nlpkit.models.language_model import LanguageModel
from nlpkit.models.piece_embedding import PieceEmbedding
from nlpkit.models.pooling import MaxMeanPooling
from nlpkit.models.recurrent import RECURRENT, has_recurrent_kernel, recurrent

__all__ = [
    "RECURRENT",
    "Calibrated",
    "LanguageModel",
    "MaxMeanPooling",
    "PieceEmbedding",
    "calibrated",
    "classifier",
    "has_recurrent_kernel",
    "recurrent",
]
