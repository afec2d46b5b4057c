"""Sequences with long lags, made and not read: experiments of the LSTM's paper, and copy memory.

References:
    S. Hochreiter, J. Schmidhuber: Long Short-Term Memory. Neural Computation 9(8), 1997, section 5
        (experiments 1 to 6).
    M. Arjovsky, A. Shah, Y. Bengio: Unitary Evolution Recurrent Neural Networks. ICML 2016.
"""

from nlpkit.data.long_lag.arithmetic import ADDING, MULTIPLICATION
from nlpkit.data.long_lag.reber import REBER
from nlpkit.data.long_lag.recall import COPY_MEMORY, NO_REGULARITIES, NOISE_FREE, VERY_LONG_LAGS
from nlpkit.data.long_lag.sequences import Sequences, Task
from nlpkit.data.long_lag.temporal_order import THREE_SYMBOLS, TWO_SYMBOLS
from nlpkit.data.long_lag.two_sequences import NOISY_INPUTS, NOISY_TARGETS, TWO_SEQUENCES

__all__ = ["LONG_LAG_TASKS", "Sequences", "Task"]

LONG_LAG_TASKS: dict[str, Task] = {
    "reber": REBER,
    "noise-free": NOISE_FREE,
    "no-regularities": NO_REGULARITIES,
    "very-long-lags": VERY_LONG_LAGS,
    "two-sequences": TWO_SEQUENCES,
    "two-sequences-noisy-inputs": NOISY_INPUTS,
    "two-sequences-noisy-targets": NOISY_TARGETS,
    "adding": ADDING,
    "multiplication": MULTIPLICATION,
    "temporal-order-2": TWO_SYMBOLS,
    "temporal-order-3": THREE_SYMBOLS,
    "copy-memory": COPY_MEMORY,
}
"""The tasks by name, in the order of the paper."""
