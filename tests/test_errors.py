"""How sentences list values and count things."""

import pytest

from nlpkit.errors import counted, listed


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ([], ""),
        (["a"], "'a'"),
        (("a", 1, None), "'a', 1, None"),
        (range(10), "0, 1, 2, 3, 4, 5, 6, 7, 8, 9"),
        (range(11), "0, 1, 2, 3, 4, 5, 6, 7, 8, 9, …"),
        ({"a": 1}, "'a'"),
        (["x" * 40], f"'{'x' * 40}'"),
        (["x" * 41], f"'{'x' * 39}…'"),
    ],
)
def test_values_are_listed_ten_at_most_and_long_ones_cut(values, words):
    assert listed(values) == words


@pytest.mark.parametrize("limit", [1, 3])
def test_the_limit_says_how_many(limit):
    assert listed(iter(range(9)), limit=limit) == ", ".join([*map(str, range(limit)), "…"])


@pytest.mark.parametrize(
    ("number", "words"), [(0, "0 passes"), (1, "1 pass"), (2, "2 passes"), (1000, "1,000 passes")]
)
def test_one_is_told_in_the_singular(number, words):
    assert counted(number, "pass", "passes") == words


def test_several_have_an_s_unless_it_is_said():
    assert (counted(1, "text"), counted(2, "text")) == ("1 text", "2 texts")
