"""Derivatives by central differences: an oracle that shares nothing with autodiff."""

from collections.abc import Callable, Mapping

import numpy as np

__all__ = ["directional_derivative"]

_STEP = 1e-5  # `FINITE_DIFFERENCES` in nlpkit.testing.tolerances is the error that follows from it


def directional_derivative(
    function: Callable[[dict[str, np.ndarray]], float],
    arrays: Mapping[str, np.ndarray],
    direction: Mapping[str, np.ndarray],
) -> float:
    """How fast a number changes along a direction.

    Args:
        function: From arrays by name to a number.
        arrays: Where it is differentiated, float64.
        direction: Arrays of the same names and shapes; a unit vector, so that steps are small.

    Returns:
        The derivative along the direction, within `FINITE_DIFFERENCES`.

    Example:
        >>> x, along = {"x": np.array([3.0, 0.0])}, {"x": np.array([1.0, 0.0])}
        >>> round(directional_derivative(lambda a: float(np.sum(a["x"] ** 2)), x, along), 6)
        6.0
    """
    ahead, behind = (
        function({name: array + sign * _STEP * direction[name] for name, array in arrays.items()})
        for sign in (1, -1)
    )
    return (ahead - behind) / (2 * _STEP)
