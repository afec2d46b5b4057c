"""Held-out sides: stratified, whole texts only, no class left out."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlpkit.data.holdout import HoldOut
from nlpkit.errors import InputError


def _sides(counts, *, test, validation):
    names = [str(number) for number in range(len(counts))]
    holdout = HoldOut(counts, names, test=test, validation=validation)
    found = {side: [0] * len(counts) for side in ("train", "validation", "test")}
    order = [index for index, count in enumerate(counts) for _ in range(count)]
    for number, index in enumerate(order):
        found[holdout.side(number.to_bytes(8, "big"), index)][index] += 1
    return found


@given(
    counts=st.lists(st.integers(3, 3000), min_size=2, max_size=5),
    test=st.booleans(),
    validation=st.booleans(),
)
def test_each_class_is_on_each_side_and_a_tenth_of_it_is_the_test(counts, test, validation):
    found = _sides(counts, test=test, validation=validation)
    for index, count in enumerate(counts):
        assert sum(side[index] for side in found.values()) == count
        assert found["train"][index] >= 1
        assert found["test"][index] == (max(1, round(0.1 * count)) if test else 0)
        assert (found["validation"][index] >= 1) == validation


@pytest.mark.parametrize(
    ("each", "validation"), [(10_000, 900), (600, 54), (400, 50), (100, 22), (3, 1)]
)
def test_validation_is_a_tenth_of_the_rest_or_100_in_all_or_a_quarter(each, validation):
    found = _sides([each, each], test=True, validation=True)
    assert found["validation"] == pytest.approx([validation] * 2, abs=1)


@pytest.mark.parametrize(("test", "validation"), list(itertools.product([False, True], repeat=2)))
def test_copies_of_a_text_stay_together_whatever_their_labels(test, validation):
    holdout = HoldOut([50, 50], ["a", "b"], test=test, validation=validation)
    for number in range(20):
        digest = number.to_bytes(8, "big")
        assert len({holdout.side(digest, index) for index in (0, 0, 1, 1, 1)}) == 1


@pytest.mark.parametrize(
    ("count", "test", "validation"), [(2, True, True), (1, True, False), (1, False, True)]
)
def test_too_few_examples_of_a_class_are_refused(count, test, validation):
    with pytest.raises(
        InputError,
        match=f"Class 'rare' must have at least {count + 1} different "
        f"texts .* got {count}; .*`--test-data` and `--valid-data`",
    ):
        HoldOut([100, count], ["common", "rare"], test=test, validation=validation)
