"""Learnt pieces can say what was counted, in few pieces."""

from collections import Counter

import pytest

from nlpkit.text.words.subwords import learn_pieces
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


def crossed(stems, endings):
    """Each stem with each ending, once."""
    return {stem + ending: 1 for stem in stems.split() for ending in endings.split()}


@pytest.mark.parametrize("size", [100, 1_000, 16_000])
@pytest.mark.parametrize(
    ("stems", "endings"),
    [
        ("영화 배우 음악 화면 연출", "에서 까지 처럼 부터 보다"),
        ("talo auto katu kirja", "ssa lla sta lle"),
        ("北京 上海 广州 深圳", "下雨了 刮风啦 出太阳"),
        ("เมื่อวาน วันนี้ พรุ่งนี้", "ฝนตก แดดออก ลมแรง"),
    ],
)
def test_what_words_seen_once_have_in_common_are_pieces(stems, endings, size):
    pieces = set(learn_pieces(crossed(stems, endings), size=size, min_count=2))
    wanted = {*stems.split(), *("##" + ending for ending in endings.split())}
    words = list(crossed(stems, endings))
    cut = {piece for word in words for piece in cutting.longest_match(word, pieces)}
    assert cut == wanted


@pytest.mark.parametrize("min_count", [2, 3, 5])
def test_every_piece_of_several_characters_occurs_often_enough(min_count):
    words = crossed("영화 배우 음악 화면 연출 화가", "에서 까지 처럼 부터 보다 가 는 가는")
    pieces = learn_pieces(words, size=16_000, min_count=min_count)
    cut = Counter(piece for word in words for piece in cutting.longest_match(word, set(pieces)))
    longer = [piece for piece in pieces if len(piece.removeprefix("##")) > 1]
    assert longer and min(cut[piece] for piece in longer) >= min_count


def test_a_text_without_spaces_has_pieces_however_long_it_is():
    pieces = learn_pieces({"今天下雨了昨天刮风了" * 300: 1}, size=100, min_count=2)
    assert max(map(len, pieces)) > 3


def test_the_most_frequent_come_first():
    pieces = learn_pieces(COUNTS, size=100, min_count=2)
    occurrences = dict.fromkeys(pieces, 0)
    for word, count in COUNTS.items():
        for piece in cutting.longest_match(word, set(pieces)):
            occurrences[piece] = occurrences.get(piece, 0) + count
    counts = [occurrences[piece] for piece in pieces[:5]]
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
