"""Longest match over all words at once finds what a loop over one word finds."""

import numpy as np
import pytest
import tensorflow as tf

from nlpkit.text.words.lexicon import Lexicon, continues
from nlpkit.text.words.tokenization import tokenize
from tests.text import cutting, drawing

LEARNT, UNSEEN = drawing.texts(300)[:150], drawing.texts(300)[150:]


def drawn_pieces(count):
    """Pieces cut by chance out of drawn words, in both forms, and single characters."""
    rng = np.random.default_rng(1)
    cut = [word for text in LEARNT for word in cutting.cut(text, "subwords")]
    pieces = set()
    for word in rng.choice(cut, count):
        begin, length = rng.integers(len(word)), rng.integers(1, 5)
        piece = word[begin : begin + length]
        pieces.update({piece} if rng.random() < 0.5 else {piece, "##" + piece})
    return sorted(pieces)


@tf.function(input_signature=[tf.TensorSpec([None], tf.string)])
def spans(texts):
    return tokenize(texts, tokenization="subwords")


def matched(lexicon, texts):
    """The ids of each word's pieces."""
    spelled = spans(tf.constant(texts))
    ids, word = tf.function(lexicon.longest_match)(spelled)
    rows = [[] for _ in range(len(spelled.start))]
    for index, row in zip(ids.numpy().tolist(), word.numpy().tolist(), strict=True):
        rows[row].append(index)
    return rows


@pytest.mark.parametrize("count", [1, 30, 1_000])
def test_pieces_are_those_of_plain_python(count):
    pieces = drawn_pieces(count)
    id_of = {piece: index for index, piece in enumerate(pieces, start=2)} | {None: 1}
    words = [word for text in LEARNT + UNSEEN for word in cutting.cut(text, "subwords")]
    expected = [[id_of[piece] for piece in cutting.longest_match(word, id_of)] for word in words]
    assert matched(Lexicon(pieces, pieces=True), LEARNT + UNSEEN) == expected


@pytest.mark.parametrize(
    ("pieces", "word", "expected"),
    [
        ([], "abc", [1, 1, 1]),
        (["abc"], "abc", [2]),
        (["ab", "##c", "abcd"], "abc", [2, 3]),
        (["a", "##bc", "ab"], "abc", [4, 1]),
        (["##a"], "aaa", [1, 2, 2]),
        (["a", "aa", "##aa"], "a" * 9, [3, 4, 4, 4, 1]),
        (["##"], "##", [2]),
        (["##x"], "##x", [1, 1, 2]),
    ],
)
def test_the_longest_piece_is_taken_and_what_no_piece_covers_is_unknown(pieces, word, expected):
    assert matched(Lexicon(pieces, pieces=True), [word]) == [expected]


@pytest.mark.parametrize("length", [1, 2, 3, 1_000, 1_023, 1_024, 1_025])
def test_every_character_of_a_long_word_is_covered(length):
    lexicon = Lexicon(["가", "##나", "##가"], pieces=True)
    word = ("가나" * length)[:length]
    (ids,) = matched(lexicon, [word])
    assert ids == [2, *([3, 4] * length)][:length]


def test_whole_words_have_their_place_as_id_and_others_the_default():
    lexicon = Lexicon(["ab", "b", "##b"], first=7, default=3)
    spelled = spans(tf.constant(["ab b a", "##b abb  ab"]))
    assert lexicon.whole(spelled).numpy().tolist() == [7, 8, 3, 9, 3, 7]


def test_drawn_words_are_told_apart():
    words = sorted({word for text in LEARNT + UNSEEN for word in cutting.cut(text, "subwords")})
    known, unknown = words[::2], words[1::2]
    ids = Lexicon(known).whole(spans(tf.constant([" ".join(known), " ".join(unknown)])))
    assert ids.numpy().tolist() == [*range(2, 2 + len(known)), *([1] * len(unknown))]


def test_an_empty_lexicon_knows_nothing():
    assert Lexicon([]).whole(spans(tf.constant(["a b"]))).numpy().tolist() == [1, 1]
    assert Lexicon([]).whole(spans(tf.constant([""]))).shape == [0]


@pytest.mark.parametrize("texts", [[], [""], ["", " "]])
def test_no_words_have_no_pieces(texts):
    ids, word = Lexicon(["a"], pieces=True).longest_match(spans(tf.constant(texts, tf.string)))
    assert ids.shape == word.shape == [0] and ids.dtype == tf.int32


def test_two_number_signs_alone_continue_nothing():
    assert all(map(continues, ("##a", "###"))) and not any(map(continues, ("##", "#", "a##")))
