"""How far apart two answers of one model may lie: the table, with the reasons.

Another kernel, machine or batch sums in another order. What float32 computes is the exact answer of
a model whose weights lie a rounding or so away (Higham 2002, section 1.5), so the answers of such
models say how much of a difference rounding explains. With most texts that is nothing. Where a
recurrence stands at a fork it forgets nothing, and thousands of steps make 1e-8 into 1e-5.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

__all__ = ["DRAWS", "MULTIPLE", "TOLERANCE", "TOLERANCE_XLA", "Agreement", "agreement"]

TOLERANCE = 1e-5
"""The largest difference between the stored answers, or two paths, and what is computed here.

Of numbers beyond 1, such as the logarithm of a long text's probability, it is a share.
"""

TOLERANCE_XLA = 1e-4
"""XLA sums in another order, and a recurrence adds such differences up."""

DRAWS = 4
"""How many models beside the one at hand say what rounding explains."""

MULTIPLE = 10.0
"""How many times what moved their answers is allowed.

Each step rounds sums of some hundred terms, the draws round each weight once. Of trained models
whose answers to a long text differed by 1.6e-5, one draw moved that answer by 3e-6 to 2.5e-5.
"""

Answers = Mapping[str, np.ndarray]


class Agreement(NamedTuple):
    """How two sets of answers compare.

    Attributes:
        holds: Whether they are one model's.
        output: The output that differs most, or that shows they are not.
        difference: By how much.
        remark: What is to be added about rounding; empty where it had nothing to explain.
    """

    holds: bool
    output: str
    difference: float
    remark: str


def agreement(
    found: Answers,
    wanted: Mapping[str, Any],
    neighbours: Callable[[], Sequence[Answers]],
    *,
    tolerance: float = TOLERANCE,
) -> Agreement:
    """Compares answers by name, a row for each text.

    A row that is further off than the tolerance must be explained by rounding, and most rows of an
    output must do without.

    Args:
        found: The answers.
        wanted: What they must be.
        neighbours: Gives the answers of the model at hand, then those of models with neighbouring
            weights; called where a row is off.
        tolerance: What needs no explanation.
    """
    errors = {name: _by_row(found[name], value) for name, value in wanted.items()}
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


def _by_row(found: np.ndarray, wanted: Any) -> np.ndarray:
    """The largest difference in each row; infinite if shapes or strings differ."""
    if found.dtype == object:
        wanted = np.array(wanted)
        if wanted.dtype == object:
            wanted = _decoded(wanted)
        if found.shape != wanted.shape:
            return np.full(max(1, len(found)), np.inf)
        errors = np.where(_decoded(found) == wanted, 0.0, np.inf)
    else:
        wanted = np.array(wanted, found.dtype)
        if found.shape != wanted.shape:
            return np.full(max(1, len(found)), np.inf)
        scale = np.maximum(np.abs(wanted), 1)
        errors = np.abs(found.astype(np.float64) - wanted) / scale
    return errors.reshape(len(found), -1).max(axis=1, initial=0.0)


def _decoded(values: np.ndarray) -> np.ndarray:
    """Strings of bytes as text."""
    return np.array([value.decode() for value in values.ravel()], str).reshape(values.shape)
