"""Classifiers and language models, with any recurrent layer inside."""

from nlpkit.models.classifier import Calibrated, calibrated, classifier
from nlpkit.models.piece_embedding import PieceEmbedding
from nlpkit.models.pooling import MaxMeanPooling
from nlpkit.models.recurrent import CELLS, recurrent

__all__ = [
    "CELLS",
    "Calibrated",
    "MaxMeanPooling",
    "PieceEmbedding",
    "calibrated",
    "classifier",
    "recurrent",
]
