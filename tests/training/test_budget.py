"""What is chosen for a budget: as large as fits, as often as fits, and never without a plan."""

import itertools

import pytest

from nlpkit.errors import InputError
from nlpkit.training import Allowance, choose_plan, plan_for, sizes_for
from nlpkit.training.budget import SIZES

BUDGETS = [0, 0.1, 0.5, 1, 2, 5, 10, 30, 60, 120, 480, 10_000]
TOKENS = [1_000, 64_271, 200_000, 579_648, 929_589, 9_842_794, 10**9]
SPEEDS = [1e-7, 1e-5, 3e-4]
WANTED = [1, 2, 12, 15]
ALL = list(SIZES)


def speeds(fastest, sizes=ALL):
    """Seconds for a token: each size takes three times as long as the one before it."""
    return {size: fastest * 3**step for step, size in enumerate(sizes)}


@pytest.mark.parametrize("passes", [None, 1, 7])
@pytest.mark.parametrize("wanted", WANTED)
@pytest.mark.parametrize("fastest", SPEEDS)
@pytest.mark.parametrize("tokens", TOKENS)
def test_the_largest_size_that_fits_is_chosen_with_as_many_passes_as_fit(
    tokens, fastest, wanted, passes
):
    measured, before = speeds(fastest), None
    for budget in BUDGETS:
        plan = plan_for(budget, tokens, measured, wanted=wanted, passes=passes)
        seconds = {size: tokens * each for size, each in measured.items()}
        time, least = 0.9 * 60 * budget, passes or wanted
        assert plan.seconds == seconds[plan.size]
        larger = ALL[ALL.index(plan.size) + 1 :]
        assert all(least * seconds[size] > time * (1 - 1e-9) for size in larger)
        if plan.size != ALL[0]:
            assert least * plan.seconds <= time * (1 + 1e-9)
        if passes is not None:
            assert plan.passes == passes
        else:
            assert 1 <= plan.passes <= 2 * wanted
            assert plan.passes == 1 or plan.passes * plan.seconds <= time * (1 + 1e-9)
            assert plan.passes == 2 * wanted or (plan.passes + 1) * plan.seconds > time * (1 - 1e-9)
        size = ALL.index(plan.size), plan.passes
        assert before is None or before[0] <= size[0]
        assert before is None or before[0] < size[0] or before[1] <= size[1]
        before = size


SMALL, LARGE = ALL[0], ALL[3]


@pytest.mark.parametrize(
    ("budget", "fastest", "said"),
    [
        (30, 1e-5, "2 layers of 650 units, 15 passes; a pass takes about 107 seconds here"),
        (60, 1e-5, "2 layers of 650 units, 24 passes; a pass takes about 107 seconds here"),
        (60, 1.2e-5, "2 layers of 650 units, 24 passes; a pass takes about 2 minutes here"),
        (10, 1e-5, "1 layer of 128 units, 24 passes; a pass takes about 10 seconds here"),
        (
            1,
            1e-5,
            "1 layer of 128 units, 5 passes instead of 12; a pass takes about 10 seconds here",
        ),
        (0, 1e-6, "1 layer of 128 units, 1 pass instead of 12; a pass takes about 1 second here"),
    ],
)
def test_a_line_says_what_was_chosen_and_why(budget, fastest, said):
    measured = {SMALL: fastest, LARGE: 10.7 * fastest}
    assert str(plan_for(budget, 10**6, measured, wanted=12)) == said


GIVEN = {
    "units": [None, 64],
    "layers": [None, 4],
    "embedding": [None, 50],
    "dropout": [None, 0.0, 0.2],
}


@pytest.mark.parametrize("tokens", TOKENS)
def test_what_is_given_is_kept_in_every_size(tokens):
    for values in itertools.product(*GIVEN.values()):
        given = dict(zip(GIVEN, values, strict=True))
        sizes = sizes_for(tokens, **given)
        shapes = [(size.units, size.layers, size.embedding) for size in sizes]
        assert len(set(shapes)) == len(shapes) >= 1
        for name, value in given.items():
            assert value is None or {getattr(size, name) for size in sizes} == {value}
        if given["units"] and not given["embedding"]:
            assert {size.embedding for size in sizes} == {given["units"]}
        if given["units"] and given["layers"]:
            assert len(sizes) == 1


@pytest.mark.parametrize(
    ("shape", "rate"),
    [((1150, 3, 400), 0.5), ((256, 2, 256), 0.4), ((300, 2, 300), 0.4), ((64, 1, 64), 0.3)],
)
def test_a_size_that_is_given_has_the_dropout_of_the_table(shape, rate):
    units, layers, embedding = shape
    (size,) = sizes_for(10**6, units=units, layers=layers, embedding=embedding)
    assert size.dropout == rate


def test_a_short_text_gets_no_large_model_and_a_long_one_no_dropout():
    assert sizes_for(1_000) == ALL[:2]
    assert sizes_for(929_589) == ALL
    assert {size.dropout for size in sizes_for(10**7)} == {0.0}


@pytest.mark.parametrize("budget", BUDGETS)
def test_sizes_are_timed_until_one_is_too_slow_and_the_plan_is_the_best_of_all(budget):
    measured, timed = speeds(1e-5), []

    def measure(size):
        timed.append(size)
        return measured[size]

    allowance = Allowance(budget or 1e-9, clock=lambda: 0.0)
    plan = choose_plan(allowance, ALL, 10**6, measure, wanted=12)
    assert plan == plan_for(budget, 10**6, measured, wanted=12)
    assert timed == ALL[: len(timed)]
    assert len(timed) <= ALL.index(plan.size) + 2


def test_the_time_for_timing_is_taken_from_the_budget():
    now = [0.0]

    def measure(size):
        now[0] += 300
        return 1e-5

    allowance = Allowance(10, clock=lambda: now[0])
    plan = choose_plan(allowance, ALL[:1], 10**6, measure, wanted=20)
    assert (plan.passes, allowance.minutes_left(), allowance.spent()) == (27, 5.0, 0.5)
    now[0] += 1_000
    assert allowance.minutes_left() == 0


@pytest.mark.parametrize("minutes", [0, -1, float("nan"), float("inf"), "30", True])
def test_a_budget_is_a_number_of_minutes(minutes):
    with pytest.raises(InputError, match=f"^`minutes` must be a positive .*{minutes}"):
        Allowance(minutes)
