"""Adding and multiplying two numbers that stand far apart: experiments 4 and 5.

A sequence has T to T + T/10 steps of two inputs: a number, uniform on [-1, 1] for adding and on
[0, 1] for multiplication, and a marker. The marker is 1 at two steps, one of the first ten (of the
first T/2 - 1 if these are fewer) and another of the first T/2 - 1. It is -1 at the last step, and
at the first unless that is marked; elsewhere it is 0. If the first step is marked, its number is 0,
or 1 for multiplication. The answer is due at the last step, of the numbers x and y at the marked
ones:

    0.5 + (x + y) / 4        or        x · y

It is correct if it is off by less than 0.04. Of 2,000 products fewer than 140 may be wrong.

Reference: Hochreiter & Schmidhuber 1997, sections 5.4 and 5.5.
"""

import functools

import numpy as np

from nlpkit.data.long_lag.sequences import Sequences, Task, lengths, longest, stacked

__all__ = ["ADDING", "MULTIPLICATION"]

_EARLY = 10


def _make(rng: np.random.Generator, count: int, lag: int, *, adding: bool) -> Sequences:
    """Sequences of at least `lag` steps."""
    inputs, answers = [], []
    for length in lengths(rng, count, lag):
        numbers = rng.uniform(-1.0 if adding else 0.0, 1.0, size=length)
        first, second = rng.integers([min(_EARLY, lag // 2 - 1), lag // 2 - 2])
        second += second >= first  # another step
        if 0 in (first, second):
            numbers[0] = 0.0 if adding else 1.0
        marker = np.zeros(length)
        marker[[0, -1]] = -1.0
        marker[[first, second]] = 1.0
        x, y = numbers[first], numbers[second]
        inputs.append(np.stack([numbers, marker], axis=1))
        answers.append(0.5 + (x + y) / 4 if adding else x * y)
    return stacked(inputs, np.array(answers)[:, None], steps=longest(lag))


ADDING = Task(
    "adding (experiment 4)",
    functools.partial(_make, adding=True),
    classes=False,
    tolerance=0.04,
    published={100: 74_000, 500: 209_000, 1000: 853_000},
)
MULTIPLICATION = Task(
    "multiplication (experiment 5)",
    functools.partial(_make, adding=False),
    classes=False,
    tolerance=0.04,
    mistakes=139,
    published={100: 482_000},
)
