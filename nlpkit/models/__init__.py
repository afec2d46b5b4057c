"""Classifiers and language models, with any recurrent layer inside."""

from nlpkit.models.bag_of_ngrams import BagOfNgrams
from nlpkit.models.classifier import classifier
from nlpkit.models.language_model import LanguageModel
from nlpkit.models.mixture import Mixture, mixture
from nlpkit.models.piece_embedding import PieceEmbedding
from nlpkit.models.pooling import MaxMeanPooling
from nlpkit.models.recurrent import RECURRENT, has_recurrent_kernel, recurrent
from nlpkit.models.side_by_side import side_by_side
from nlpkit.models.temperature_scaling import TemperatureScaling, calibrated

__all__ = [
    "RECURRENT",
    "BagOfNgrams",
    "LanguageModel",
    "MaxMeanPooling",
    "Mixture",
    "PieceEmbedding",
    "TemperatureScaling",
    "calibrated",
    "classifier",
    "has_recurrent_kernel",
    "mixture",
    "recurrent",
    "side_by_side",
]
