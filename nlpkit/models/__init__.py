"""Classifiers and language models, with any recurrent layer inside."""

from nlpkit.models.classifier import Calibrated, calibrated, classifier
from nlpkit.models.piece_embedding import PieceEmbedding
from nlpkit.models.pooling import MaxMeanPooling
from nlpkit.models.recurrent import RECURRENT, recurrent

__all__ = [
    "RECURRENT",
    "Calibrated",
    "MaxMeanPooling",
    "PieceEmbedding",
    "calibrated",
    "classifier",
    "recurrent",
]
