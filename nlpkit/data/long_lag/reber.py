"""Embedded Reber grammar: experiment 1.

    B ─ T ─ (a string of Reber's grammar) ─ T ─ E
      └ P ─ (a string of Reber's grammar) ─ P ┘

The next symbol is due at each step, and every symbol that the grammar allows there is correct. Only
the second symbol tells the last but one. Strings have 9 symbols or more and 12 on average, whatever
the lag that is asked for; those of more than 40, one in ten thousand, are drawn again.

The figure of the paper is the best of its five settings; the others took 9,500 to 39,740 sequences.

Reference: Hochreiter & Schmidhuber 1997, section 5.1, figures 3 and 4; after A. Reber 1967.
"""

import numpy as np

from nlpkit.data.long_lag.sequences import Sequences, Task, one_hot

__all__ = ["REBER"]

_SYMBOLS, _LONGEST = "BTPSXVE", 40
# For each node of the grammar the symbols that may come next, and the nodes they lead to.
_REBER = (
    {"B": 1},
    {"T": 2, "P": 3},
    {"S": 2, "X": 4},
    {"T": 3, "V": 5},
    {"X": 3, "S": 6},
    {"P": 4, "V": 6},
    {"E": 7},
)


def _string(rng: np.random.Generator) -> tuple[str, list[str]]:
    """A string of the embedded grammar, and the symbols allowed after each of its symbols."""
    ends = "TP"[rng.integers(2)]
    string, allowed = f"B{ends}", ["TP", "B"]
    node = 0
    while node < len(_REBER):
        choices = sorted(_REBER[node])
        symbol = choices[rng.integers(len(choices))]
        node = _REBER[node][symbol]
        string += symbol
        allowed.append("".join(_REBER[node]) if node < len(_REBER) else ends)
    return f"{string}{ends}E", [*allowed, "E"]


def _make(rng: np.random.Generator, count: int, lag: int) -> Sequences:
    symbols = np.full((count, _LONGEST), -1)
    correct = np.zeros((count, _LONGEST - 1, len(_SYMBOLS)), bool)
    for row in range(count):
        string, allowed = _string(rng)
        while len(string) > _LONGEST:
            string, allowed = _string(rng)
        symbols[row, : len(string)] = [_SYMBOLS.index(symbol) for symbol in string]
        for step, some in enumerate(allowed):
            correct[row, step, [_SYMBOLS.index(symbol) for symbol in some]] = True
    vectors, mask = one_hot(symbols, len(_SYMBOLS)), symbols[:, 1:] >= 0
    inputs = vectors[:, :-1] * mask[..., None]  # nothing is due after the last symbol
    return Sequences(inputs, vectors[:, 1:], mask, mask, mask, correct)


REBER = Task(
    "embedded Reber grammar (experiment 1)",
    _make,
    classes=True,
    tolerance=None,
    published={None: 8_440},
)
