import pytest

from nlpkit.compare.floor import floor_ms, gflops
from nlpkit.compare.workload import Shape, Workload

SHAPE = Shape(2, 5, 3, 7)
GATES = {"simple-rnn": 1, "gru": 3, "lstm": 4}
PRODUCTS = {  # multiply-adds of a gate, by the kernel and by the recurrent kernel
    "forward": 2 * 5 * 7 * (3 + 7),
    "training": 2 * 5 * 7 * (3 * 3 + 3 * 7),
    "fit": 2 * 5 * 7 * (2 * 3 + 3 * 7),
    "decode": 2 * 7 * (3 + 7),
}


@pytest.mark.parametrize("cell", GATES)
@pytest.mark.parametrize("operation", PRODUCTS)
def test_the_floor_is_the_time_of_the_products_of_all_gates(operation, cell):
    products = GATES[cell] * PRODUCTS[operation]
    assert floor_ms(Workload(SHAPE, cell=cell), operation, 1e-3) == pytest.approx(
        2 * products / 1e3, rel=1e-3
    )


def test_the_machine_has_a_rate():
    assert gflops() > 0
