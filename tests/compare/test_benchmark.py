import pytest

from nlpkit.compare import BENCHMARKS, QUICK, Benchmark, Plan, load
from nlpkit.errors import InputError


@pytest.mark.parametrize("name", BENCHMARKS)
def test_every_entry_is_a_benchmark(name):
    assert isinstance(load(name), Benchmark)


def test_an_unknown_benchmark_is_refused():
    with pytest.raises(InputError, match="`benchmark` must be one of 'parity', .*, got 'colour'"):
        load("colour")


def test_what_was_asked_for_wins_over_quick_and_over_the_defaults():
    plan = Plan.of(quick=True, shapes=(), rounds=7, seeds=None, data=None, seed=1)
    assert (plan.shapes, plan.rounds, plan.seeds, plan.seed) == (QUICK, 7, 1, 1)
    assert Plan.of(quick=False, rounds=None) == Plan()
