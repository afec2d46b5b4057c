"""N-grams from the graph have the structure that plain Python finds, and are told apart."""

import numpy as np
import pytest
import tensorflow as tf

from nlpkit.text import unicode
from nlpkit.text.characters import characters
from nlpkit.text.ngrams.ngrams import ORDERS, REPEATS, SPAN, ngrams, token_strings
from tests.text import drawing, reference


@tf.function(input_signature=[tf.TensorSpec([None], tf.string)])
def _pieces(texts):
    return ngrams(characters(texts))


def fingerprints(texts):
    """The fingerprints of each token of each text."""
    grams = _pieces(tf.constant(texts, tf.string))
    token = grams.token.numpy()
    assert (np.diff(token) >= 0).all() and (np.diff(grams.text.numpy()) >= 0).all()
    cuts = np.searchsorted(token, np.arange(len(grams.text)))
    in_tokens = np.split(grams.fingerprint.numpy(), cuts[1:]) if len(cuts) else []
    of_texts = [[] for _ in texts]
    for text, values in zip(grams.text.numpy().tolist(), in_tokens, strict=True):
        of_texts[text].append(values.tolist())
    return of_texts


def named(texts):
    """Pairs of an n-gram by name and its fingerprint, after all counts were seen to agree."""
    pairs = []
    for text, got in zip(texts, fingerprints(texts), strict=True):
        expected = reference.tokens(text)
        assert list(map(len, got)) == list(map(len, expected)), ascii(text)
        for names, values in zip(expected, got, strict=True):
            pairs.extend(zip(names, values, strict=True))
    return pairs


def words(texts):
    """The first n-gram of each token is its word: which tokens have the same one."""
    return [[token[0] for token in text] for text in fingerprints(texts)]


def test_the_reference_states_the_same_table():
    assert (REPEATS, SPAN) == (reference.REPEATS, reference.SPAN)
    assert {kind: list(orders) for kind, orders in ORDERS.items()} == reference.ORDERS


def test_drawn_strings_have_the_pieces_that_plain_python_finds():
    pairs = set(named(drawing.texts(3_000)))
    assert len(pairs) == len({name for name, _ in pairs}), "one n-gram, two fingerprints"
    assert len(pairs) == len({value for _, value in pairs}), "two n-grams, one fingerprint"


def test_tokens_are_spelt_as_plain_python_cuts_them():
    texts = [*drawing.texts(300), ""]
    spelt = token_strings(tf.constant(texts)).to_list()
    for text, tokens in zip(texts, spelt, strict=True):
        expected = [
            ("##" if start else "") + word[start : start + SPAN[kind]]
            for word, kind in reference.words(reference.fold(text))
            for start in range(0, len(word), SPAN[kind])
        ]
        assert [token.decode() for token in tokens] == expected, ascii(text)


def test_a_hundred_thousand_pieces_have_as_many_fingerprints():
    rng = np.random.default_rng(0)
    syllables = rng.integers(0xAC00, 0xD7A4, size=(12_000, 4))
    texts = ["".join(map(chr, row)) for row in syllables.tolist()]
    pairs = set(named(texts))
    assert len(pairs) > 100_000
    assert len({name for name, _ in pairs}) == len({value for _, value in pairs}) == len(pairs)


def test_pieces_of_a_token_by_name():
    (token,) = reference.tokens("정말")
    assert ["".join(characters) for _, characters in token] == (
        ["정말", "정", "말", "⟨정", "정말", "말⟩", "⟨정말", "정말⟩", "⟨정말⟩"]
    )
    assert len(named(["정말"])) == 9


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("", 0),
        (" \t\0\u3000\u200b", 0),
        ("정말 insightful!!", 4),
        ("don't", 1),
        ("l’été", 1),
        ("'tis dogs'", 4),
        ("rock'n'roll", 2),
        ("漢字かな", 4),
        ("abc123", 2),
        ("12345", 2),
        ("한글abc", 2),
        ("👍👍👍👍👍👍", 1),
        ("1111111111", 3),
        ("before\0after", 2),
        ("internationalisation", 3),
        ("\u0301", 1),
    ],
)
def test_tokens_are_counted(text, tokens):
    assert len(fingerprints([text])[0]) == len(reference.tokens(text)) == tokens


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ㅋㅋㅋ", "ㅋㅋㅋㅋㅋㅋㅋㅋ"),
        ("sooo", "SOOOOOOO"),
        ("good\u00a0film", "good film"),
        ("e\u0301te\u0301", "été"),
        ("ＦＩＮＥ", "ﬁne"),
    ],
)
def test_variants_are_one(one, other):
    assert fingerprints([one]) == fingerprints([other])


@pytest.mark.parametrize(
    ("one", "other"), [("ab", "ba"), ("aab", "abb"), ("100", "1000"), ("영화", "화영"), ("!", "?")]
)
def test_different_words_differ(one, other):
    assert words([one]) != words([other])


EDGES = ["", *"dogs' big 'tis a ' b ㅋㅋ ㅋㅋ 11 1 e \u0301 I’m".split(), ""]


@pytest.mark.parametrize("order", [EDGES, EDGES[::-1], sorted(EDGES)], ids=["on", "back", "sorted"])
def test_a_text_does_not_know_its_neighbours(order):
    assert fingerprints(order) == [fingerprints([text])[0] for text in order]


def test_kinds_are_those_of_the_tables():
    assert set(ORDERS) == set(SPAN) == set(range(6)) - {unicode.SPACE}


def phrases(texts):
    """Pairs of a phrase by its words and its fingerprint, after all counts were seen to agree."""
    grams = _pieces(tf.constant(texts, tf.string))
    expected = [ends for text in texts for ends in reference.phrases(text)]
    got = [[value for value in row if value] for row in grams.phrases.numpy().tolist()]
    assert list(map(len, got)) == list(map(len, expected))
    return [
        pair
        for names, values in zip(expected, got, strict=True)
        for pair in zip(names, values, strict=True)
    ]


def test_drawn_strings_have_the_phrases_that_plain_python_finds():
    pairs = set(phrases(drawing.texts(3_000)))
    assert len(pairs) == len({name for name, _ in pairs}), "one phrase, two fingerprints"
    assert len(pairs) == len({value for _, value in pairs}), "two phrases, one fingerprint"


@pytest.mark.parametrize("texts", [[], [""], ["one"], ["one", "two"]])
def test_phrases_take_two_words_of_one_text(texts):
    assert phrases(texts) == []
