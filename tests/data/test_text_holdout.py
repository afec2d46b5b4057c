"""What of a text is held out: shares, order, copies, and sides that are given."""

import itertools

import pytest

from nlpkit.data.text_holdout import ByHash, ByPlace

TEXTS = [f"text {number} 영화" for number in range(5000)]
GIVEN = list(itertools.product([False, True], repeat=2))


def _shares(sides):
    return {side: sides.count(side) / len(sides) for side in ("test", "validation")}


@pytest.mark.parametrize(("test", "validation"), GIVEN)
def test_the_hash_holds_out_a_tenth_and_a_twentieth(test, validation):
    holdout = ByHash(test=test, validation=validation)
    shares = _shares([holdout.side(text, text) for text in TEXTS])
    assert shares["test"] == pytest.approx(0.1 * test, abs=0.015)
    assert shares["validation"] == pytest.approx(0.05 * validation, abs=0.01)


def test_the_hash_chooses_by_the_unit_alone():
    holdout = ByHash(test=True, validation=True)
    sides = {text: holdout.side(text, text) for text in TEXTS}
    assert all(holdout.side(text, "other") == sides[text] for text in reversed(TEXTS))


def test_given_test_data_change_no_validation():
    both, one = (ByHash(test=test, validation=True) for test in (True, False))
    assert all(
        (both.side(text, text) == "validation") == (one.side(text, text) == "validation")
        for text in TEXTS
    )


def test_half_a_surrogate_pair_has_a_side():
    assert ByHash(test=True, validation=True).side("\ud83d", "") == "train"


@pytest.mark.parametrize(("test", "validation"), GIVEN)
def test_the_end_of_a_text_is_held_out_in_order(test, validation):
    holdout = ByPlace(sum(len(text) + 1 for text in TEXTS), test=test, validation=validation)
    sides = [holdout.side(text, text) for text in TEXTS]
    assert [side for side, _ in itertools.groupby(sides)] == [
        "train", *["validation"] * validation, *["test"] * test
    ]  # fmt: skip
    shares = _shares(sides)
    assert shares["test"] == pytest.approx(0.1 * test, abs=0.005)
    assert shares["validation"] == pytest.approx(0.05 * validation, abs=0.005)


def test_a_text_longer_than_told_is_not_held_out_unasked():
    holdout = ByPlace(10, test=False, validation=False)
    assert holdout.side("", "x" * 100) == "train"
