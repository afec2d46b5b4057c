"""Recurrent cells as equations: one paper, one file, no weights and no loop.

`CELLS` is the table of all cells by name. A new one is a file, an entry here and a twin in
tests/reference.py.
"""

from nlpkit.cells.cell import Cell
from nlpkit.cells.lstm import LSTM

__all__ = ["CELLS", "LSTM", "Cell"]

CELLS: dict[str, Cell] = {cell.name: cell for cell in (LSTM,)}
