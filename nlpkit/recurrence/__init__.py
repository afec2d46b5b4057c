"""A cell along time: forward, back-propagation through time by hand, and where each runs.

gradient.py    `recur`: one custom gradient around every kernel
kernels.py     which kernel runs where: an ordered table for each device
operands.py    what goes in, what comes out, and the product with the state
case.py        what is known of a call when a kernel is chosen
loop.py        the equations of a step forward and of a step back, along time
derivative.py  the derivative of a step, by hand or by autodiff
sequence.py    the products over all steps, before and after the loop
engine.py      the loop as a function of tensors alone, which may be compiled
windows.py     a sequence in windows of a fixed number of steps, so that lengths compile once
compiled.py    windows compiled by XLA, a shard of the rows for each core
packed.py      without XLA: several steps at a time, rows by their lengths
scan.py        cells that are linear in the state, by a parallel scan
valid_spans.py the first valid step and the number of valid steps of each row
native/        cuDNN, TensorFlow's BlockLSTM, and in native/cpu/ three cells in C
messages.py    what runs where, as `layer.runs_on` says it
tracers.py     what a graph is traced for: a save, a conversion, a vectorised map
eager.py       one graph for each kind of eager call
autodiff.py    what is differentiated twice: the equations, and TensorFlow's own derivatives
"""

from nlpkit.recurrence.gradient import recur
from nlpkit.recurrence.operands import Operands
from nlpkit.recurrence.tracers import assert_equal, never_compiled, saving

__all__ = ["Operands", "assert_equal", "never_compiled", "recur", "saving"]
