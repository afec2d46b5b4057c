"""Tools to test a cell or a layer with: those that nlpkit's own tests use.

`check_cell` and `check_layer` do the whole of it; what they are made of is here as well: masks of
every kind, tolerances with their reasons, derivatives by autodiff and by finite differences.
"""

from nlpkit.testing.autodiff import cotangents, vjp
from nlpkit.testing.cells import check_cell
from nlpkit.testing.finite_differences import directional_derivative
from nlpkit.testing.layers import check_layer
from nlpkit.testing.masks import FEW_MASKS, MASKS, draw_mask
from nlpkit.testing.tolerances import (
    FINITE_DIFFERENCES,
    GRADIENTS,
    VALUES,
    Tolerance,
    assert_close,
)

__all__ = [
    "FEW_MASKS",
    "FINITE_DIFFERENCES",
    "GRADIENTS",
    "MASKS",
    "VALUES",
    "Tolerance",
    "assert_close",
    "check_cell",
    "check_layer",
    "cotangents",
    "directional_derivative",
    "draw_mask",
    "vjp",
]
