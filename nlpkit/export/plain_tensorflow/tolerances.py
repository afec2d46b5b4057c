"""How much two answers of one model may differ: the tolerances, with their reasons.

Another kernel, machine or batch sums in another order. What float32 computes is the exact answer of
a model whose weights differ by about a rounding (Higham 2002, section 1.5), so the answers of such
models show how much of a difference rounding explains. For most texts that is nothing. But a
recurrence near an unstable point amplifies differences: thousands of steps turn 1e-8 into 1e-5.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

__all__ = ["DRAWS", "MULTIPLE", "TOLERANCE", "TOLERANCE_XLA", "Agreement", "agreement"]

TOLERANCE = 1e-5
"""The largest difference between the stored answers, or two paths, and what is computed here.

Of numbers beyond 1, such as the logarithm of a long text's probability, it is a fraction of them.
"""

TOLERANCE_XLA = 1e-4
"""XLA sums in another order, and a recurrence accumulates such differences."""

DRAWS = 4
"""The number of neighbouring models that show what rounding explains."""

MULTIPLE = 10.0
"""The multiple of their differences that is allowed.

Each step rounds sums of hundreds of terms; the draws round each weight once. Of trained models
whose answers to a long text differed by 1.6e-5, one draw moved that answer by 3e-6 to 2.5e-5.
"""

Answers = Mapping[str, np.ndarray]


class Agreement(NamedTuple):
    """How two sets of answers compare.

    Attributes:
        holds: Whether they agree.
        output: The output that differs most, or the first that does not agree.
        difference: The largest difference.
        remark: A remark on what rounding explains; empty if there is nothing to explain.
    """

    holds: bool
    output: str
    difference: float
    remark: str


def agreement(
    answers: Answers,
    wanted: Mapping[str, Any],
    neighbours: Callable[[], Sequence[Answers]],
    *,
    tolerance: float = TOLERANCE,
) -> Agreement:
    """Compares answers by name, a row for each text.

    A row whose difference exceeds the tolerance must be explained by rounding, and most rows of an
    output must be within the tolerance.

    Args:
        answers: The answers.
        wanted: The answers to agree with.
        neighbours: Returns the answers of this model, then those of models with neighbouring
            weights; called only if a row exceeds the tolerance.
        tolerance: The difference that needs no explanation.
    """
    errors = {name: _by_row(answers[name], value) for name, value in wanted.items()}
    late = {name: rows for name, rows in errors.items() if not np.all(rows <= tolerance)}
    moved = _moved(neighbours(), late) if late else {}
    for name, rows in late.items():
        off, explained = ~(rows <= tolerance), MULTIPLE * moved[name]
        worst = float(rows[off].max())
        if 2 * off.sum() > len(rows) or not np.all(rows[off] <= explained[off]):
            remark = f"; rounding explains {explained[off].min():.1e}"
            return Agreement(False, name, worst, remark)
    remark = "".join(
        f"; rounding alone moves {name} of {np.sum(~(rows <= tolerance))} of {len(rows)} by "
        f"{moved[name].max():.1e}"
        for name, rows in late.items()
    )
    largest = {name: float(rows.max(initial=0.0)) for name, rows in errors.items()}
    output = max(largest, key=largest.__getitem__, default="")
    return Agreement(True, output, largest.get(output, 0.0), remark)


def _moved(answers: Sequence[Answers], names: Mapping[str, Any]) -> dict[str, np.ndarray]:
    """The most that each row of some outputs is moved by neighbouring weights."""
    ours, *others = answers
    return {
        name: np.max([_by_row(other[name], ours[name]) for other in others], axis=0)
        for name in names
    }


def _by_row(answers: np.ndarray, wanted: Any) -> np.ndarray:
    """The largest difference in each row; infinite if shapes or strings differ."""
    if answers.dtype == object:
        wanted = np.array(wanted)
        if wanted.dtype == object:
            wanted = _decoded(wanted)
        if answers.shape != wanted.shape:
            return np.full(max(1, len(answers)), np.inf)
        errors = np.where(_decoded(answers) == wanted, 0.0, np.inf)
    else:
        wanted = np.array(wanted, answers.dtype)
        if answers.shape != wanted.shape:
            return np.full(max(1, len(answers)), np.inf)
        scale = np.maximum(np.abs(wanted), 1)
        errors = np.abs(answers.astype(np.float64) - wanted) / scale
    return errors.reshape(len(answers), -1).max(axis=1, initial=0.0)


def _decoded(values: np.ndarray) -> np.ndarray:
    """Byte strings as text."""
    return np.array([value.decode() for value in values.ravel()], str).reshape(values.shape)
