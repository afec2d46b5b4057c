"""Every kind of mask that a batch can carry, by name."""

import numpy as np

__all__ = ["FEW_MASKS", "MASKS", "draw_mask"]


def _right(rng, batch, time):
    return np.arange(time) < rng.integers(1, time + 1, (batch, 1))


def _left(rng, batch, time):
    return _right(rng, batch, time)[:, ::-1]


def _holes(rng, batch, time):
    return rng.random((batch, time)) < 0.5


def _first_row_empty(rng, batch, time):
    mask = _right(rng, batch, time)
    mask[0] = False
    return mask


MASKS = {
    "none": lambda rng, batch, time: None,
    "full": lambda rng, batch, time: np.ones((batch, time), bool),
    "right": _right,
    "left": _left,
    "holes": _holes,
    "first row empty": _first_row_empty,
    "all empty": lambda rng, batch, time: np.zeros((batch, time), bool),
}
"""For each kind, by name, a function from a generator, B and T to a mask."""

FEW_MASKS = ("none", "holes", "first row empty")
"""The kinds that lead through other code: no mask, steps left out, and a row without any."""


def draw_mask(kind: str, batch: int, time: int, seed: int = 0) -> np.ndarray | None:
    """A mask of some kind.

    Args:
        kind: A key of `MASKS`.
        batch: Rows.
        time: Steps.
        seed: Equal seeds give equal masks.

    Returns:
        Bool [B, T], true where a step counts; None for "none".

    Example:
        >>> draw_mask("all empty", 1, 3).tolist()
        [[False, False, False]]
    """
    return MASKS[kind](np.random.default_rng(seed), batch, time)
