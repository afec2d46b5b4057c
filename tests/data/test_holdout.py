"""Held-out splits: stratified, whole texts only, no class left out."""

import itertools
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlpkit.data.holdout import HoldOut
from nlpkit.errors import InputError

SPLITS = ("train", "validation", "test")
BOTH = list(itertools.product([False, True], repeat=2))


def _hold_out(groups, *, test, validation):
    """The holdout of some groups."""
    classes = max(map(max, groups)) + 1
    counts = [sum(group.get(index, 0) for group in groups) for index in range(classes)]
    names = list(map(str, range(classes)))
    return HoldOut(counts, names, lambda: groups, test=test, validation=validation)


def _splits(groups, *, test=True, validation=True):
    """The examples of each class in each split, and the holdout."""
    holdout = _hold_out(groups, test=test, validation=validation)
    assigned = {split: [0] * (max(map(max, groups)) + 1) for split in SPLITS}
    for group in groups:
        split = holdout.assign(group)
        for index, count in group.items():
            assigned[split][index] += count
    return assigned, holdout


def _singles(counts):
    return [{index: 1} for index, count in enumerate(counts) for _ in range(count)]


@given(
    counts=st.lists(st.integers(3, 3000), min_size=2, max_size=5),
    test=st.booleans(),
    validation=st.booleans(),
)
def test_each_class_is_in_each_split_and_a_tenth_of_it_is_the_test(counts, test, validation):
    assigned, _ = _splits(_singles(counts), test=test, validation=validation)
    for index, count in enumerate(counts):
        assert sum(split[index] for split in assigned.values()) == count
        assert assigned["train"][index] >= 1
        assert assigned["test"][index] == (max(1, round(0.1 * count)) if test else 0)
        assert (assigned["validation"][index] >= 1) == validation


@pytest.mark.parametrize(
    ("each", "validation"), [(10_000, 900), (600, 54), (400, 50), (100, 22), (3, 1)]
)
def test_validation_is_a_tenth_of_the_rest_or_100_in_all_or_a_quarter(each, validation):
    assigned, _ = _splits(_singles([each, each]))
    assert assigned["validation"] == pytest.approx([validation] * 2, abs=1)


SIZES = {
    "one large group": [300] + [1] * 100,
    "some large groups": [100] * 3 + [1] * 700,
    "copies of some": [1, 2, 3] * 50,
    "each twice": [2] * 100,
}


@pytest.mark.parametrize("sizes", SIZES)
@pytest.mark.parametrize("seed", range(5))
def test_quotas_hold_whatever_the_copies(sizes, seed):
    groups = [{0: size} for size in SIZES[sizes]] + _singles([0, 400])
    random.Random(seed).shuffle(groups)
    assigned, holdout = _splits(groups)
    for split, quota in holdout.quotas.items():
        assert assigned[split] == pytest.approx(quota, abs=1)


def test_a_group_larger_than_a_quota_belongs_to_training():
    groups = [{0: 300}, *_singles([100, 400])]
    assigned, holdout = _splits(groups)
    assert holdout.quotas == {"test": [40, 40], "validation": [50, 50]}
    assert assigned == {"test": [40, 40], "validation": [50, 50], "train": [310, 310]}


@pytest.mark.parametrize("order", sorted({*itertools.permutations([1, 1, 1, 100, 100])}))
def test_small_groups_are_held_out_where_there_are_enough(order):
    assigned, _ = _splits([{0: size} for size in order] + _singles([0, 100]))
    assert 1 <= assigned["test"][0] <= 2 and 1 <= assigned["validation"][0] <= 2


@given(
    sizes=st.lists(st.lists(st.integers(1, 50), min_size=3, max_size=12), min_size=2, max_size=3),
    seed=st.integers(0, 1000),
)
def test_three_different_texts_are_enough_whatever_their_copies(sizes, seed):
    groups = [{index: size} for index, each in enumerate(sizes) for size in each]
    random.Random(seed).shuffle(groups)
    assigned, _ = _splits(groups)
    assert all(assigned[split][index] for split in SPLITS for index in range(len(sizes)))


@pytest.mark.parametrize("seed", range(20))
def test_texts_of_two_classes_choose_first_so_that_quotas_hold(seed):
    groups = [{0: 1, 1: 1}] * 4 + [{0: 1}] * 4
    random.Random(seed).shuffle(groups)
    assigned, holdout = _splits(groups)
    assert {split: assigned[split] for split in holdout.quotas} == holdout.quotas


@pytest.mark.parametrize("copies", [1, 3, 20])
@pytest.mark.parametrize("fraction", [0.01, 0.1, 0.5])
def test_texts_of_two_classes_are_held_out_as_often_as_others(copies, fraction):
    mixed = int(2000 * fraction)
    groups = [{0: copies, 1: copies}] * mixed + _singles([(2000 - mixed) * copies] * 2)
    random.Random(0).shuffle(groups)
    holdout, held_out = _hold_out(groups, test=True, validation=True), {"test": 0, "validation": 0}
    for group in groups:
        split = holdout.assign(group)
        if len(group) > 1 and split in held_out:
            held_out[split] += 1
    assert held_out["test"] == pytest.approx(0.1 * mixed, abs=1)
    assert held_out["validation"] == pytest.approx(0.09 * mixed, abs=1)


@pytest.mark.parametrize("copies", [1, 2, 10])
@pytest.mark.parametrize("texts", [3, 8, 40, 1000])
def test_where_every_text_has_both_labels_each_split_has_both(texts, copies):
    assigned, _ = _splits([{0: copies, 1: copies}] * texts)
    assert all(assigned[split][0] == assigned[split][1] > 0 for split in SPLITS)


@given(
    groups=st.lists(
        st.dictionaries(st.integers(0, 2), st.integers(1, 9), min_size=1), min_size=12, max_size=99
    ),
    both=st.sampled_from(BOTH),
)
def test_every_group_has_one_split_and_quotas_are_exceeded_only_where_a_class_would_be_missing(
    groups, both
):
    groups += [{0: 1}, {1: 1}, {2: 1}] * 30
    assigned, holdout = _splits(groups, test=both[0], validation=both[1])
    assert set(holdout.quotas) == set(itertools.compress(("test", "validation"), both))
    for split, quota in holdout.quotas.items():
        assert all(0 < got <= most for got, most in zip(assigned[split], quota, strict=True))


@pytest.mark.parametrize(
    ("count", "test", "validation", "splits"),
    [
        (2, True, True, "training, validation and test"),
        (1, True, False, "training and test"),
        (1, False, True, "training and validation"),
    ],
)
@pytest.mark.parametrize("copies", [1, 100])
def test_too_few_different_texts_of_a_class_are_refused(count, test, validation, splits, copies):
    got = count if copies == 1 else f"{count} in {count * copies} rows"
    with pytest.raises(
        InputError,
        match=f"Class '1' must have at least {count + 1} different texts to be in each of "
        f"{splits}, got {got}; .*`--test-data` and `--valid-data`",
    ):
        _hold_out([{1: copies}] * count + _singles([100]), test=test, validation=validation)


def test_nothing_is_asked_of_a_class_where_nothing_is_held_out():
    assigned, _ = _splits([{0: 1}, {1: 1}], test=False, validation=False)
    assert assigned["train"] == [1, 1]
