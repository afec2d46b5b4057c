"""Recurrent layers with the arguments, weights and behaviour of those in `keras.layers`."""

from nlpkit.layers.cell_layer import cell_layer
from nlpkit.layers.coupled_lstm import CoupledLSTM, CoupledLSTMCell
from nlpkit.layers.family import FAMILY, Member, member
from nlpkit.layers.gru import GRU, GRUCell
from nlpkit.layers.layer_norm_gru import LayerNormGRU, LayerNormGRUCell
from nlpkit.layers.layer_norm_lstm import LayerNormLSTM, LayerNormLSTMCell
from nlpkit.layers.lstm import LSTM, LSTMCell
from nlpkit.layers.lstm_1997 import LSTM1997, LSTM1997Cell
from nlpkit.layers.migration.keras_2 import from_keras_2
from nlpkit.layers.migration.models import from_keras, to_keras
from nlpkit.layers.migration.torch_weights import from_torch, to_torch
from nlpkit.layers.min_gru import MinGRU, MinGRUCell
from nlpkit.layers.min_lstm import MinLSTM, MinLSTMCell
from nlpkit.layers.peephole_lstm import PeepholeLSTM, PeepholeLSTMCell
from nlpkit.layers.projected_lstm import ProjectedLSTM, ProjectedLSTMCell
from nlpkit.layers.recurrent import Recurrent
from nlpkit.layers.signature import argument
from nlpkit.layers.simple_rnn import SimpleRNN, SimpleRNNCell
from nlpkit.layers.slstm import SLSTM, SLSTMCell
from nlpkit.layers.tracing import trace
from nlpkit.layers.weight_drop import WeightDrop

__all__ = [
    "CoupledLSTM",
    "CoupledLSTMCell",
    "FAMILY",
    "GRU",
    "GRUCell",
    "LSTM",
    "LSTM1997",
    "LSTM1997Cell",
    "LSTMCell",
    "LayerNormGRU",
    "LayerNormGRUCell",
    "LayerNormLSTM",
    "LayerNormLSTMCell",
    "Member",
    "MinGRU",
    "MinGRUCell",
    "MinLSTM",
    "MinLSTMCell",
    "PeepholeLSTM",
    "PeepholeLSTMCell",
    "ProjectedLSTM",
    "ProjectedLSTMCell",
    "Recurrent",
    "SLSTM",
    "SLSTMCell",
    "SimpleRNN",
    "SimpleRNNCell",
    "WeightDrop",
    "argument",
    "from_keras",
    "from_keras_2",
    "from_torch",
    "cell_layer",
    "member",
    "to_keras",
    "to_torch",
    "trace",
]
