"""The floor of `speed`, with a clock that only the matrix products move."""

import pytest
import tensorflow as tf

from nlpkit.compare import timing
from nlpkit.compare.speed import floor_ms, gflops
from nlpkit.compare.workload import Shape, Workload
from tests.compare.clock import Clock

SHAPE = Shape(2, 5, 3, 7)
GATES = {"simple-rnn": 1, "gru": 3, "lstm": 4}
PRODUCTS = {  # multiply-adds of a gate, by the kernel and by the recurrent kernel
    "forward": 2 * 5 * 7 * (3 + 7),
    "training": 2 * 5 * 7 * (3 * 3 + 3 * 7),
    "fit": 2 * 5 * 7 * (2 * 3 + 3 * 7),
    "decode": 2 * 7 * (3 + 7),
}


@pytest.mark.parametrize("cell", GATES)
@pytest.mark.parametrize("method", PRODUCTS)
def test_the_floor_is_the_time_of_the_products_of_all_gates(method, cell):
    products = GATES[cell] * PRODUCTS[method]
    assert floor_ms(Workload(SHAPE, cell=cell), method, 1e-3) == pytest.approx(
        2 * products / 1e3, rel=1e-3
    )


def test_the_floor_of_masked_sequences_is_that_of_their_valid_steps():
    workload = Workload(SHAPE)
    part = workload.mask.mean()
    assert 0.5 < part < 1
    assert floor_ms(workload, "forward", 1e-3, masked=True) == pytest.approx(
        part * floor_ms(workload, "forward", 1e-3), rel=1e-3
    )


@pytest.mark.parametrize("rate", [2.5e9, 40e9])
def test_the_rate_is_the_operations_of_a_product_over_its_median_time(monkeypatch, rate):
    clock = Clock(monkeypatch, timing)

    def matmul(a, b):
        (n, k), (_, m) = a.shape, b.shape
        clock.now += 2 * n * k * m / rate

    monkeypatch.setattr(tf, "matmul", matmul)
    assert gflops() == pytest.approx(rate / 1e9, abs=0.1)
