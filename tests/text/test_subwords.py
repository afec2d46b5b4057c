"""Learnt pieces can say what was counted, in few pieces."""

import pytest

from nlpkit.text.subwords import learn_pieces
from tests.text import cutting

COUNTS = {"영화가": 50, "영화는": 40, "영화": 30, "배우가": 20, "배우는": 10, "최고": 9, "꿻": 1}


def test_frequent_words_are_pieces_and_rarer_ones_take_few():
    assert {"영화", "영화가", "최고"} <= set(learn_pieces(COUNTS, size=100, min_count=2))
    few = set(learn_pieces(COUNTS, size=18, min_count=2))
    assert all(len(cutting.longest_match(word, few)) <= 3 for word in COUNTS)


def test_frequent_characters_are_pieces_in_both_forms():
    characters = {character for word in COUNTS if word != "꿻" for character in word}
    pieces = set(learn_pieces(COUNTS, size=100, min_count=1_000))
    assert pieces >= {form for character in characters for form in (character, "##" + character)}


def test_the_most_frequent_come_first():
    pieces = learn_pieces(COUNTS, size=100, min_count=2)
    found = dict.fromkeys(pieces, 0)
    for word, count in COUNTS.items():
        for piece in cutting.longest_match(word, set(pieces)):
            found[piece] = found.get(piece, 0) + count
    counts = [found[piece] for piece in pieces[:5]]
    assert counts == sorted(counts, reverse=True)


@pytest.mark.parametrize("size", [1, 2, 8, 20])
def test_size_is_an_upper_bound(size):
    assert len(learn_pieces(COUNTS, size=size, min_count=1)) <= size


def test_learning_twice_gives_the_same():
    backwards = dict(reversed(COUNTS.items()))
    assert learn_pieces(COUNTS, size=30, min_count=2) == learn_pieces(COUNTS, size=30, min_count=2)
    assert set(learn_pieces(backwards, size=100, min_count=2)) == set(
        learn_pieces(COUNTS, size=100, min_count=2)
    )


@pytest.mark.parametrize(
    "counts",
    [{}, {"a": 1}, {"▁": 3, "a▁b": 2}, {"▅": 5}, {"a" * 5_000: 1}, {"#": 9, "##a": 9, "###": 9}],
)
def test_odd_words_do_no_harm(counts):
    pieces = learn_pieces(counts, size=50, min_count=1)
    assert len(set(pieces)) == len(pieces) and all(pieces)


def test_nothing_is_printed(capfd):
    learn_pieces(COUNTS, size=100, min_count=2)
    assert capfd.readouterr() == ("", "")
