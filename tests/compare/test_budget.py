import pytest

from nlpkit.compare import BENCHMARKS, Benchmark, Budget, Plan, Size, load


def benchmark(*minutes):
    """A benchmark that tells its size by the lag of its plan."""
    sizes = tuple(Size(each, {"lag": 10 + index}) for index, each in enumerate(minutes))
    return Benchmark(
        title="", question="", shows="", sizes=sizes, measure=lambda plan, say: {},
        contents=lambda results: [], conclusion=lambda results: "", picture=lambda results: None,
    )  # fmt: skip


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self):
        self.minutes = 0.0

    def __call__(self):
        return 60 * self.minutes


THREE = {"a": benchmark(1, 3, 8), "b": benchmark(1, 4), "c": benchmark(1, 2, 4)}


@pytest.mark.parametrize(
    ("minutes", "lags"),
    [(1, [10, 10, 10]), (3, [10, 10, 10]), (8, [11, 10, 12]), (16, [12, 11, 12])],
    ids=str,
)
def test_each_gets_the_largest_size_for_its_part_of_what_is_left(minutes, lags):
    clock = Clock()
    budget = Budget(minutes, THREE, clock)
    for (name, each), lag in zip(THREE.items(), lags, strict=True):
        assert budget.plan(name).lag == lag
        clock.minutes += each.sizes[lag - 10].minutes
    assert clock.minutes <= max(minutes, 3)


@pytest.mark.parametrize(("late", "lag"), [(0, 11), (100, 10)])
def test_a_benchmark_that_takes_too_long_costs_the_others(late, lag):
    clock = Clock()
    budget = Budget(16, THREE, clock)
    budget.plan("a")
    clock.minutes = 8 + late
    assert budget.plan("b").lag == lag


def test_the_least_is_what_the_smallest_sizes_take():
    budget = Budget(5, THREE)
    assert budget.least == 3
    budget.plan("a")
    assert budget.least == 2


def test_what_is_asked_for_wins_over_the_size():
    assert Budget(1, THREE).plan("a", lag=77, cells=("gru",), rounds=None) == Plan(
        lag=77, cells=("gru",)
    )


@pytest.mark.parametrize("name", BENCHMARKS)
def test_the_sizes_of_a_benchmark_grow_to_the_defaults(name):
    sizes = load(name).sizes
    assert [size.minutes for size in sizes] == sorted(size.minutes for size in sizes)
    assert sizes[-1].settings == {}
    for size in sizes:
        plan = Plan.of(**{"quick": False, **size.settings})
        load(name).require(plan)
        assert plan.command(name).split()[:3] == ["nlpkit", "compare", name]
