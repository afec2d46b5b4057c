"""Recalling the beginning of a sequence at its end: experiments 2a to 2c, and copy memory.

Noise-free (2a): x or y, then the symbols 1 to T - 1 in their order. The next symbol is due at each
step, at the last one that of the beginning. Each probability must be off by less than 0.25.

No regularities (2b): likewise, but the symbols in between are random, and only the last answer is
judged.

Very long lags (2c): b, x or y, T or more random symbols of a_1 to a_T, and e. Only then, at the
last step, x or y is due again; its probability must be off by less than 0.2. After the first T
random symbols another one follows with a probability of 9/10, so there are T + 9 on average;
sequences with 88 more than T, one in ten thousand, are drawn again. (T is both q and p of the
paper; the lower block of its table 3, with fewer symbols than steps, is left out.)

Copy memory: ten random symbols of eight, T - 1 blanks, a mark, and ten blanks. At the last ten
steps the ten symbols are due, in their order, and a blank at all others; the largest probability
decides.

References: Hochreiter & Schmidhuber 1997, section 5.2, tables 2 and 3; Arjovsky, Shah & Bengio
2016, "Unitary Evolution Recurrent Neural Networks", section 5.1.
"""

import dataclasses

import numpy as np

from nlpkit.data.long_lag.sequences import Sequences, Task, one_hot, stacked

__all__ = ["COPY_MEMORY", "NOISE_FREE", "NO_REGULARITIES", "VERY_LONG_LAGS"]

_MORE = 0.9 ** np.arange(88)  # how likely so many random symbols are to follow the first T
_COPIED, _DATA = 10, 8
_BLANK, _MARK = _DATA, _DATA + 1


def _noise_free(rng: np.random.Generator, count: int, lag: int) -> Sequences:
    between = np.broadcast_to(np.arange(1, lag), (count, lag - 1))
    return _next_symbols(_framed(rng, between, lag), lag + 1)


def _no_regularities(rng: np.random.Generator, count: int, lag: int) -> Sequences:
    between = rng.integers(1, lag, size=(count, lag - 1))
    sequences = _next_symbols(_framed(rng, between, lag), lag + 1)
    last = np.arange(lag) == lag - 1
    return dataclasses.replace(sequences, judged=np.broadcast_to(last, (count, lag)))


def _framed(rng: np.random.Generator, between: np.ndarray, lag: int) -> np.ndarray:
    """One of two symbols before and after others: 0 and `lag`, which do not occur in between."""
    ends = rng.choice([0, lag], size=(len(between), 1))
    return np.concatenate([ends, between, ends], axis=1)


def _next_symbols(symbols: np.ndarray, size: int) -> Sequences:
    """Sequences in which each next symbol is due."""
    vectors = one_hot(symbols, size)
    every = np.ones((len(symbols), symbols.shape[1] - 1), bool)
    return Sequences(vectors[:, :-1], vectors[:, 1:], every, every, every, vectors[:, 1:] > 0)


def _very_long_lags(rng: np.random.Generator, count: int, lag: int) -> Sequences:
    e, b, x = lag, lag + 1, lag + 2  # and y; the random symbols are those below
    inputs, classes = [], rng.integers(2, size=count)
    more = rng.choice(len(_MORE), size=count, p=_MORE / _MORE.sum())
    for random, known in zip(lag + more, classes, strict=True):
        symbols = np.array([b, x + known, *rng.integers(lag, size=random), e])
        inputs.append(one_hot(symbols, lag + 4))
    return stacked(inputs, one_hot(classes, 2), steps=lag + 2 + len(_MORE))


def _copy_memory(rng: np.random.Generator, count: int, lag: int) -> Sequences:
    data = rng.integers(_DATA, size=(count, _COPIED))
    symbols = np.full((count, lag + 2 * _COPIED), _BLANK)
    targets = symbols.copy()
    symbols[:, :_COPIED], symbols[:, -_COPIED - 1] = data, _MARK
    targets[:, -_COPIED:] = data
    inputs, answers = one_hot(symbols, _DATA + 2), one_hot(targets, _DATA + 2)
    every = np.ones(symbols.shape, bool)
    return Sequences(inputs, answers, every, every, every, answers > 0)


NOISE_FREE = Task(
    "no noise (experiment 2a)",
    _noise_free,
    classes=True,
    tolerance=0.25,
    published={100: 5_040},
)
NO_REGULARITIES = Task(
    "no regularities (experiment 2b)",
    _no_regularities,
    classes=True,
    tolerance=0.25,
    published={100: 5_680},
)
VERY_LONG_LAGS = Task(
    "very long lags (experiment 2c)",
    _very_long_lags,
    classes=True,
    tolerance=0.2,
    published={50: 30_000, 100: 31_000, 200: 33_000, 500: 38_000, 1000: 49_000},
)
COPY_MEMORY = Task("copy memory (Arjovsky et al.)", _copy_memory, classes=True, tolerance=None)
