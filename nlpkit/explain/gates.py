"""Gates and states of a trace: their names in words, and the units that move most."""

from collections.abc import Iterable, Mapping

import numpy as np

__all__ = ["busiest", "gate_label", "movement", "value_range"]

_NARROWEST = 1e-6

_WORDS = {
    "i": "input gate",
    "f": "forget gate",
    "o": "output gate",
    "g": "candidate",
    "z": "update gate",
    "r": "reset gate",
    "p": "recurrent product",
    "h": "output",
    "c": "cell state",
    "n": "normalizer",
    "m": "stabilizer",
}


def gate_label(name: str, names: Iterable[str]) -> str:
    """A gate, candidate or state in words.

    Args:
        name: Its name in a trace, such as "f", or "f_1" of a higher level of a stack.
        names: All names of the trace: beside a forget gate, z is the candidate (xLSTM).

    Returns:
        The letter with its words; the name alone for a letter that no cell of nlpkit has.

    Example:
        >>> gate_label("f", "ifgohc"), gate_label("z_1", ["z_1", "f_1"]), gate_label("q", "q")
        ('f, forget gate', 'z_1, candidate', 'q')
    """
    letter, _, level = name.partition("_")
    beside = "f" + (f"_{level}" if level else "")
    words = "candidate" if letter == "z" and beside in set(names) else _WORDS.get(letter)
    return f"{name}, {words}" if words else name


def movement(values: np.ndarray) -> np.ndarray:
    """How far each unit goes along a text: the sum of its steps.

    Args:
        values: Activity [T, U].

    Returns:
        Float64 [U].

    Example:
        >>> movement(np.array([[0.0, 1.0], [1.0, 1.0], [0.5, 1.0]]))
        array([1.5, 0. ])
    """
    return np.abs(np.diff(values.astype(float), axis=0)).sum(axis=0)


def busiest(trace: Mapping[str, np.ndarray], count: int) -> np.ndarray:
    """The units of a layer that move most, all gates and states taken together.

    Args:
        trace: Arrays [T, width] by name.
        count: How many, at least 1.

    Returns:
        The indices, at most `count`, the busiest first. Of each array the movement counts relative
        to that of its busiest unit.
    """
    total = np.zeros(max(values.shape[1] for values in trace.values()))
    for values in trace.values():
        moved = movement(values)
        total[: len(moved)] += moved / max(moved.max(), np.finfo(float).tiny)
    return np.argsort(-total, kind="stable")[:count]


def value_range(values: np.ndarray) -> tuple[float, float]:
    """The ends of a colour scale.

    Args:
        values: Numbers of any shape; NaN are left out.

    Returns:
        The lowest and the highest value where none is negative, as of gates; else equally far on
        both sides of 0. They always differ.

    Example:
        >>> value_range(np.array([0.2, 0.9])), value_range(np.array([-0.5, 2.0]))
        ((0.2, 0.9), (-2.0, 2.0))
    """
    low, high = float(np.nanmin(values)), float(np.nanmax(values))
    if low < 0:
        high = max(-low, high)
        low = -high
    return low, max(high, low + _NARROWEST)
