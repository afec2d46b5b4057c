"""How far two computations of the same numbers may lie apart: one table, with the reasons."""

from dataclasses import dataclass
from typing import Any

import keras
import numpy as np

__all__ = ["FINITE_DIFFERENCES", "GRADIENTS", "VALUES", "Tolerance", "assert_close"]


@dataclass(frozen=True)
class Tolerance:
    """`relative` times the largest expected entry, or times `floor` where all are smaller.

    Attributes:
        relative: The error allowed, as a fraction.
        floor: Of what, at least.

    Example:
        >>> tolerance = Tolerance(1e-3, 1.0)
        >>> tolerance.limit(np.array([-4.0, 2.0])), tolerance.limit(np.array([0.5]))
        (0.004, 0.001)
    """

    relative: float
    floor: float

    def scale(self, expected: np.ndarray) -> float:
        """What an error is a fraction of.

        Args:
            expected: Any array.

        Returns:
            The largest entry's size, or the floor.
        """
        return max(self.floor, float(np.max(np.abs(expected), initial=0)))

    def limit(self, expected: np.ndarray) -> float:
        """The largest error allowed.

        Args:
            expected: The array that another is compared with.

        Returns:
            The limit for each entry.
        """
        return self.relative * self.scale(expected)


# Two orders of summation differ by a few rounding errors (float32 6e-8, float64 1e-16) for each
# step. float16 and bfloat16 round at 5e-4 and 4e-3, and a step's error feeds the next.
VALUES = {
    "float64": Tolerance(1e-13, 1.0),
    "float32": Tolerance(2e-6, 1.0),
    "mixed_float16": Tolerance(4e-3, 1.0),
    "mixed_bfloat16": Tolerance(3e-2, 1.0),
}
"""For outputs and states, by dtype or mixed-precision policy."""

# A gradient sums over B·T terms that partly cancel, so it loses a digit more. Under 1e-3 it is
# compared absolutely: nothing trains on what lies below 1e-8.
GRADIENTS = {
    "float64": Tolerance(1e-12, 1e-3),
    "float32": Tolerance(1e-5, 1e-3),
}
"""For gradients, by dtype."""

# Central differences in float64 with a step of 1e-5 err by its square and by 1e-16 / 1e-5.
FINITE_DIFFERENCES = Tolerance(1e-8, 1.0)
"""For derivatives by central differences in float64."""

# Only TensorFlow computes in float64: on JAX keras.ops.tanh, on torch keras.ops.matmul answer from
# a float32 computation.
if keras.backend.backend() != "tensorflow":
    VALUES["float64"], GRADIENTS["float64"] = VALUES["float32"], GRADIENTS["float32"]


def assert_close(got: Any, expected: Any, tolerance: Tolerance, what: str = "") -> None:
    """Requires equal shapes, and that no entry is further off than the tolerance's limit.

    Args:
        got: An array or a tensor.
        expected: What it should be.
        tolerance: How far off it may be.
        what: What is compared, for the error.

    Raises:
        AssertionError: If the shapes differ, an entry is too far off, or one is NaN.

    Example:
        >>> assert_close([1.0], [2.0], Tolerance(1e-3, 1.0), "outputs")
        Traceback (most recent call last):
        AssertionError: outputs: off by 1.00e+00, 2.00e-03 allowed
    """
    got, expected = (_array(value) for value in (got, expected))
    if got.shape != expected.shape:
        raise AssertionError(f"{what}: shape {got.shape}, expected {expected.shape}")
    error = float(np.max(np.abs(got - expected), initial=0))
    limit = tolerance.limit(expected)
    if not error <= limit:  # NaN is not <= anything
        raise AssertionError(f"{what}: off by {error:.2e}, {limit:.2e} allowed")


def _array(value: Any) -> np.ndarray:
    """A tensor of any backend as float64."""
    return np.asarray(keras.ops.convert_to_numpy(value), "float64")
