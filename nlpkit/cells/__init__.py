"""Recurrent cells as equations: one paper, one file, no weights and no loop.

`CELLS` is the table of all cells by name.
"""

from nlpkit.cells.cell import Cell, Derivative, GateRole, State, Weight
from nlpkit.cells.coupled_lstm import COUPLED_LSTM
from nlpkit.cells.gru import GRU, GRU_RESET_BEFORE
from nlpkit.cells.layer_norm_gru import LAYER_NORM_GRU
from nlpkit.cells.layer_norm_lstm import LAYER_NORM_LSTM
from nlpkit.cells.lstm import LSTM
from nlpkit.cells.lstm_1997 import LSTM_1997
from nlpkit.cells.min_gru import MIN_GRU
from nlpkit.cells.min_lstm import MIN_LSTM
from nlpkit.cells.peephole_lstm import PEEPHOLE_LSTM
from nlpkit.cells.projected_lstm import PROJECTED_LSTM
from nlpkit.cells.simple_rnn import SIMPLE_RNN
from nlpkit.cells.slstm import SLSTM

__all__ = [
    "CELLS",
    "COUPLED_LSTM",
    "GRU",
    "GRU_RESET_BEFORE",
    "LAYER_NORM_GRU",
    "LAYER_NORM_LSTM",
    "LSTM",
    "LSTM_1997",
    "MIN_GRU",
    "MIN_LSTM",
    "PEEPHOLE_LSTM",
    "PROJECTED_LSTM",
    "SIMPLE_RNN",
    "SLSTM",
    "Cell",
    "Derivative",
    "GateRole",
    "State",
    "Weight",
]

CELLS: dict[str, Cell] = {
    cell.name: cell
    for cell in (
        SIMPLE_RNN,
        LSTM_1997,
        LSTM,
        PEEPHOLE_LSTM,
        COUPLED_LSTM,
        LAYER_NORM_LSTM,
        PROJECTED_LSTM,
        GRU,
        GRU_RESET_BEFORE,
        LAYER_NORM_GRU,
        MIN_GRU,
        MIN_LSTM,
        SLSTM,
    )
}
