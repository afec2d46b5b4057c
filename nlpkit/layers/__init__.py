"""Recurrent layers with the arguments, weights and manners of those in `keras.layers`."""

from nlpkit.layers.lstm import LSTM
from nlpkit.layers.lstm_cell import LSTMCell
from nlpkit.layers.weight_drop import WeightDrop

__all__ = ["LSTM", "LSTMCell", "WeightDrop"]
