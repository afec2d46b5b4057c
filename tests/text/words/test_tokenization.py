"""Words in the graph are words in Python, whatever the strings and however they are batched."""

import functools
import sys

import pytest
import tensorflow as tf

from nlpkit.errors import InputError
from nlpkit.text import unicode
from nlpkit.text.words.tokenization import (
    TOKENIZATIONS,
    part_of,
    parts,
    spell,
    tokenize,
    word_strings,
)
from tests.text import cutting, drawing


@pytest.fixture(scope="module", params=TOKENIZATIONS)
def tokenization(request):
    return request.param


@functools.cache
def compiled(tokenization):
    """The cutting of texts as one graph."""
    texts = tf.TensorSpec([None], tf.string)
    return tf.function(
        functools.partial(word_strings, tokenization=tokenization), input_signature=[texts]
    )


def cut(texts, tokenization):
    """The words of each text, as the graph finds them."""
    words = compiled(tokenization)(tf.constant(texts))
    return [[word.decode() for word in row] for row in words.to_list()]


def test_drawn_strings_are_cut_as_python_cuts_them(tokenization):
    texts = drawing.texts(3_000)
    for text, words in zip(texts, cut(texts, tokenization), strict=True):
        assert words == cutting.cut(text, tokenization), ascii(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It's a well-known rule.", "It's|a|well-known|rule|."),
        ("He said, “Don’t!”", "He|said|,|“|Don’t|!|”"),
        ("rock'n'roll dogs' 'tis", "rock'n'roll|dogs|'|'|tis"),
        ("pi is 3.14, not 1,000.5.", "pi|is|3.14|,|not|1,000.5|."),
        ("a.b a,b 1.a", "a|.|b|a|,|b|1|.|a"),
        ("word--word - x- -x", "word|--|word|-|x|-|-|x"),
        ("wait... ==== !? **", "wait|...|====|!|?|**"),
        ("self.__name__ = x_1", "self|.|__name__|=|x_1"),
        ("e\u0301te\u0301 \u1112\u1161\u11ab\u1100\u1173\u11af", "été|한글"),
        ("no\u00a0break\u3000wide\u2028line\u200bzero", "no|break|wide|line|zero"),
        ("cut\0not\0off\tand\r\non", "cut|not|off|and|on"),
        ("\ufeffstart co\u00adoperate שלום\u200f!", "start|cooperate|שלום|!"),
        ("हिन्दी भाषा", "हिन्दी|भाषा"),
        ("👨\u200d👩\u200d👧hi❤\ufe0fyou", "👨\u200d👩\u200d👧|hi|❤\ufe0f|you"),
        ("👍🏽👍🏽🇰🇷!", "👍🏽|👍🏽|🇰🇷|!"),
        ("1\ufe0f\u20e3st", "1\ufe0f\u20e3st"),
        ("", ""),
        (" \0\u3000", ""),
        ("\u0301 \u0301a", "\u0301|\u0301a"),
    ],
)
def test_words_by_example(text, expected):
    assert cut([text], "words") == [[word for word in expected.split("|") if word]]


@pytest.mark.parametrize("tokenization", ["spaces", "subwords"])
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("  the <unk> n't  said , N\tyears ''", "the|<unk>|n't|said|,|N|years|''"),
        ("영화가 좋다...!", "영화가|좋다...!"),
        ("no\u00a0break\u3000wide a\0b", "no|break|wide|a|b"),
        ("\u1112\u1161\u11ab글", "한글"),
    ],
)
def test_what_stands_between_spaces_is_a_word(tokenization, text, expected):
    assert cut([text], tokenization) == [expected.split("|")]


def test_nothing_is_joined_across_texts(tokenization):
    texts = ["e", "\u0301", "", "b-", "c", "하", "\u11ab", "1.", "5", "👨\u200d", "👩", "--", "-"]
    assert cut(texts, tokenization) == [cut([text], tokenization)[0] for text in texts]


@pytest.mark.parametrize("text", [b"\xff", b"a\x80b", b"\xed\xa0\x80", b"end \xe2\x82"])
def test_invalid_bytes_become_replacement_characters(tokenization, text):
    (words,) = cut([text], tokenization)
    assert "\ufffd" in "".join(words)
    assert "".join(words).replace("\ufffd", "") == text.decode("ascii", "ignore").replace(" ", "")


@pytest.mark.parametrize("texts", [[], [""], ["", " "]])
def test_a_batch_without_words_has_none(tokenization, texts):
    words = tokenize(tf.constant(texts, tf.string), tokenization=tokenization)
    assert words.code.shape == words.start.shape == words.end.shape == words.text.shape == [0]
    assert (words.code.dtype, words.start.dtype, words.text.dtype) == (tf.int32, tf.int64, tf.int64)
    assert cut(tf.constant(texts, tf.string), tokenization) == [[] for _ in texts]


def test_a_word_of_a_megabyte_is_one_word(tokenization):
    assert cut(["가나" * 175_000, "short"], tokenization) == [["가나" * 175_000], ["short"]]


def test_words_lie_end_to_end(tokenization):
    words = tokenize(tf.constant(["an  apple", "", "pie"]), tokenization=tokenization)
    assert "".join(map(chr, words.code.numpy())) == "anapplepie"
    assert words.start.numpy().tolist() == [0, 2, 7] and words.end.numpy().tolist() == [2, 7, 10]
    assert words.text.numpy().tolist() == [0, 0, 2]
    assert spell(words).numpy().tolist() == [b"an", b"apple", b"pie"]


def test_the_table_holds_the_part_of_every_code_point():
    for code in range(0, sys.maxunicode + 1, 7):
        page = parts().pages[code // unicode.PAGE]
        assert parts().values[page + code % unicode.PAGE] == part_of(chr(code)), hex(code)


def test_the_tokenization_is_one_of_three():
    with pytest.raises(
        InputError,
        match=r"^`tokenization` must be one of 'words', 'spaces', 'subwords', got 'letters'\.$",
    ):
        word_strings(tf.constant(["a"]), tokenization="letters")
