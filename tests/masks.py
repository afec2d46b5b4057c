"""Every kind of mask that a batch can carry, by name: those that `nlpkit compare parity` draws."""

from nlpkit.compare.masks import MASKS, draw_mask

__all__ = ["FEW_MASKS", "MASKS", "draw_mask"]

FEW_MASKS = ("none", "holes", "first row empty")
"""Those that lead through other code: no mask, steps left out, and a row without any."""
