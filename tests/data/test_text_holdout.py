"""What of a text is held out: shares, order, copies, and splits that are given."""

import itertools

import pytest

from nlpkit.data.text_holdout import ByHash, ByPosition

TEXTS = [f"text {number} 영화" for number in range(5000)]
GIVEN = list(itertools.product([False, True], repeat=2))


def _shares(splits):
    return {split: splits.count(split) / len(splits) for split in ("test", "validation")}


@pytest.mark.parametrize(("test", "validation"), GIVEN)
def test_the_hash_holds_out_a_tenth_and_a_twentieth(test, validation):
    holdout = ByHash(test=test, validation=validation)
    shares = _shares([holdout.assign(text, text) for text in TEXTS])
    assert shares["test"] == pytest.approx(0.1 * test, abs=0.015)
    assert shares["validation"] == pytest.approx(0.05 * validation, abs=0.01)


def test_the_hash_chooses_by_the_unit_alone():
    holdout = ByHash(test=True, validation=True)
    splits = {text: holdout.assign(text, text) for text in TEXTS}
    assert all(holdout.assign(text, "other") == splits[text] for text in reversed(TEXTS))


def test_given_test_data_change_no_validation():
    both, one = (ByHash(test=test, validation=True) for test in (True, False))
    assert all(
        (both.assign(text, text) == "validation") == (one.assign(text, text) == "validation")
        for text in TEXTS
    )


def test_half_a_surrogate_pair_has_a_split():
    assert ByHash(test=True, validation=True).assign("\ud83d", "") == "train"


@pytest.mark.parametrize(("test", "validation"), GIVEN)
def test_the_end_of_a_text_is_held_out_in_order(test, validation):
    holdout = ByPosition(sum(len(text) + 1 for text in TEXTS), test=test, validation=validation)
    splits = [holdout.assign(text, text) for text in TEXTS]
    assert [split for split, _ in itertools.groupby(splits)] == [
        "train", *["validation"] * validation, *["test"] * test
    ]  # fmt: skip
    shares = _shares(splits)
    assert shares["test"] == pytest.approx(0.1 * test, abs=0.005)
    assert shares["validation"] == pytest.approx(0.05 * validation, abs=0.005)


def test_a_text_longer_than_told_is_not_held_out_unasked():
    holdout = ByPosition(10, test=False, validation=False)
    assert holdout.assign("", "x" * 100) == "train"
