"""The least time that a cell's matrix products can take here: the floor under all implementations."""

import math

from nlpkit.compare.timing import time_interleaved
from nlpkit.compare.workload import Workload

__all__ = ["floor_ms", "gflops"]

_SIZE = 1536  # a product of this size is bound by arithmetic, not by memory
_ROUNDS, _SECONDS = 9, 1.0

# Products by the kernel and by the recurrent kernel. Each has two adjoints as large as itself; in
# `fit` nobody asks for the inputs' gradient.
_PRODUCTS = {"forward": (1, 1), "training": (3, 3), "fit": (2, 3), "decode": (1, 1)}


def gflops() -> float:
    """Measures the machine's rate in a large float32 matrix product, now.

    Returns:
        10⁹ floating-point operations a second; the median of some rounds.
    """
    import tensorflow as tf

    matrix = tf.random.stateless_normal([_SIZE, _SIZE], seed=[0, 0])

    def product():
        tf.matmul(matrix, matrix)
        tf.test.experimental.sync_devices()

    timing = time_interleaved({"matmul": product}, rounds=_ROUNDS, seconds=_SECONDS)["matmul"]
    return round(2 * _SIZE**3 / timing.median_ms / 1e6, 1)


def floor_ms(workload: Workload, operation: str, rate: float) -> float:
    """What the products by a cell's kernel and recurrent kernel alone would take at that rate.

    Args:
        workload: The cell and the size.
        operation: "forward", "training", "fit" or "decode".
        rate: 10⁹ operations a second.

    Returns:
        Milliseconds.

    Example:
        >>> from nlpkit.compare.workload import Shape
        >>> round(floor_ms(Workload(Shape(32, 200, 128, 128)), "forward", 290.0), 1)
        5.8
    """
    steps = workload.shape.batch * (1 if operation == "decode" else workload.shape.time)
    roles = workload.layer.cell.weights_by_role()
    sizes = [sum(math.prod(w.shape) for w in roles[r].values()) for r in ("input", "recurrent")]
    products = sum(n * size for n, size in zip(_PRODUCTS[operation], sizes, strict=True))
    return float(f"{2 * steps * products / rate / 1e6:.4g}")
