"""The order of two or three symbols far apart: experiments 6a and 6b.

A sequence of T to T + T/10 symbols begins with E, ends with B, and is random of a, b, c and d in
between, but for two or three steps that hold X or Y: for T = 100 one of the steps 10 to 20, and one
of 50 to 60; or of 10 to 20, 33 to 43 and 66 to 76. At the last step the class is due: one of four,
XX to YY, or of eight, XXX to YYY. Each probability must be off by less than 0.3.

Reference: Hochreiter & Schmidhuber 1997, section 5.6.
"""

import functools

import numpy as np

from nlpkit.data.long_lag.sequences import Sequences, Task, lengths, longest, one_hot, stacked

__all__ = ["THREE_SYMBOLS", "TWO_SYMBOLS"]

_SYMBOLS = "EBabcdXY"
_STARTS = {2: (0.10, 0.50), 3: (0.10, 0.33, 0.66)}  # of T
_SPREAD = 0.10


def _make(rng: np.random.Generator, count: int, lag: int, *, symbols: int) -> Sequences:
    """Sequences of at least `lag` steps."""
    starts, spread = np.array(_STARTS[symbols]) * lag, _SPREAD * lag
    inputs, classes = [], []
    for length in lengths(rng, count, lag):
        sequence = rng.integers(_SYMBOLS.index("a"), _SYMBOLS.index("X"), size=length)
        sequence[[0, -1]] = _SYMBOLS.index("E"), _SYMBOLS.index("B")
        bits = rng.integers(2, size=symbols)
        steps = rng.integers(starts.astype(int), (starts + spread).astype(int) + 1)
        sequence[steps] = _SYMBOLS.index("X") + bits
        inputs.append(one_hot(sequence, len(_SYMBOLS)))
        classes.append(bits @ (1 << np.arange(symbols))[::-1])
    answers = one_hot(np.array(classes), 1 << symbols)
    return stacked(inputs, answers, steps=longest(lag))


TWO_SYMBOLS = Task(
    "order of two symbols (experiment 6a)",
    functools.partial(_make, symbols=2),
    classes=True,
    tolerance=0.3,
    published={100: 31_390},
)
THREE_SYMBOLS = Task(
    "order of three symbols (experiment 6b)",
    functools.partial(_make, symbols=3),
    classes=True,
    tolerance=0.3,
    published={100: 571_100},
)
