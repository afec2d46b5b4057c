"""A cell along time: forward, back-propagation through time by hand, and where each runs.

operands.py    what goes in, what comes out
loop.py        the equations of a step forward and of a step back
projection.py  the recurrent product, with dropout of single gates
sequence.py    the products over all steps, before and after the loop
windows.py     a sequence in windows of a fixed number of steps, so that lengths compile once
xla.py         windows compiled by XLA, a share of the rows for each core
rows.py        rows by where their steps that count begin and end
unrolled.py    a few steps without a loop, and several steps a turn
packed.py      rows by length, for an artefact on a CPU
block.py       a few rows by TensorFlow's own block of the LSTM
cudnn.py       the LSTM on a GPU
devices.py     which of them runs where
gradient.py    one custom gradient around them all
eager.py       one graph for each kind of eager call
clear.py       what is differentiated twice: the equations, and TensorFlow's own derivatives
"""

from nlpkit.recurrence.gradient import recur
from nlpkit.recurrence.operands import Operands

__all__ = ["Operands", "recur"]
