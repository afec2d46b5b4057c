"""How far two computations of the same numbers may lie apart: one table, with the reasons."""

from dataclasses import dataclass

import keras
import numpy as np


@dataclass(frozen=True)
class Tolerance:
    """`relative` times the largest expected entry, or times `floor` where all are smaller."""

    relative: float
    floor: float

    def limit(self, expected: np.ndarray) -> float:
        return self.relative * max(self.floor, float(np.max(np.abs(expected), initial=0)))


# Two orders of summation differ by a few rounding errors (float32 6e-8, float64 1e-16) for each
# step. float16 and bfloat16 round at 5e-4 and 4e-3, and a step's error feeds the next.
VALUES = {
    "float64": Tolerance(1e-13, 1.0),
    "float32": Tolerance(2e-6, 1.0),
    "mixed_float16": Tolerance(4e-3, 1.0),
    "mixed_bfloat16": Tolerance(3e-2, 1.0),
}

# A gradient sums over B·T terms that partly cancel, so it loses a digit more. Under 1e-3 it is
# compared absolutely: nothing trains on what lies below 1e-8.
GRADIENTS = {
    "float64": Tolerance(1e-12, 1e-3),
    "float32": Tolerance(1e-5, 1e-3),
}

# Only TensorFlow computes in float64: on JAX keras.ops.tanh, on torch keras.ops.matmul answer from
# a float32 computation.
if keras.backend.backend() != "tensorflow":
    VALUES["float64"], GRADIENTS["float64"] = VALUES["float32"], GRADIENTS["float32"]

# Central differences in float64 with a step of 1e-5 err by its square and by 1e-16 / 1e-5.
FINITE_DIFFERENCES = Tolerance(1e-8, 1.0)


def assert_close(got, expected, tolerance: Tolerance, what: str = "") -> None:
    """Fails unless shapes agree and no entry is further off than the tolerance's limit."""
    got, expected = np.asarray(got, "float64"), np.asarray(expected, "float64")
    assert got.shape == expected.shape, f"{what}: shape {got.shape}, expected {expected.shape}"
    error = float(np.max(np.abs(got - expected), initial=0))
    limit = tolerance.limit(expected)
    # NaN fails too: it is not <= anything.
    assert error <= limit, f"{what}: off by {error:.2e}, {limit:.2e} allowed"
