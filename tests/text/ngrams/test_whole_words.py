"""Words are found by their spelling as the encoder reads them, and nothing else is."""

import numpy as np
import pytest
import tensorflow as tf

from nlpkit.text import NgramEncoder, NgramVocabulary, NgramWordFinder, unicode
from tests.text import drawing
from tests.text.ngrams.test_ngrams import words as words_of

TEXTS = 2 * [
    "Good film, isn't it", "정말 insightful한 영화", "漢字 漢", "정말 좋은 영화 ㅋㅋㅋ", "12345",
]  # fmt: skip
WORDS = ["good", "film", ",", "isn't", "it", "정말", "insightful", "한", "영화", "漢", "字", "좋은",
         "ㅋㅋㅋ", "12345"]  # fmt: skip


def finder(texts, **options):
    stream = [tf.constant(texts[:2]), tf.constant(texts[2:])]
    vocabulary = NgramVocabulary.learn(stream, **options)
    return NgramWordFinder(vocabulary, stream), vocabulary


def has_space(text):
    """Whether folding leaves a space somewhere."""
    folded = "".join(map(unicode.fold_character, text))
    return unicode.SPACE in map(unicode.kind, folded)


def spelled(*words):
    return [word.encode() for word in words]


@pytest.mark.parametrize("word", WORDS)
def test_the_id_of_a_word_is_the_first_that_the_encoder_gives(word):
    find, vocabulary = finder(TEXTS)
    ids = NgramEncoder(vocabulary)(tf.constant([word])).numpy()
    assert find(spelled(word)).tolist() == [ids[0, 0, 0]]
    assert len(find) == len(WORDS)


@pytest.mark.parametrize(
    ("form", "word"),
    [("FILM", "film"), ("ｆｉｌｍ", "film"), ("\ufefffilm", "film"), ("ㅋㅋㅋㅋㅋㅋ", "ㅋㅋㅋ"),
     ("\u110c\u1169\u11c2\u110b\u1173\u11ab", "좋은")],
)  # fmt: skip
def test_other_forms_of_a_word_have_its_id(form, word):
    find, _ = finder(TEXTS)
    one, other = find(spelled(form, word))
    assert one == other >= 2


@pytest.mark.parametrize(
    "text",
    ["", " ", "\u200b", "goo", "insightf", "ul", "정말영", "음악", "good film", "good good",
     "film.", "漢字", "漢漢", ", ,", "영화\u3000영화", "\0", "\ufffd"],
)  # fmt: skip
def test_what_is_no_word_of_the_vocabulary_or_several_words_has_no_id(text):
    assert finder(TEXTS)[0](spelled(text)).tolist() == [-1]


def test_drawn_strings_are_found_if_all_their_tokens_are_of_one_word():
    texts = drawing.texts(400)
    find, vocabulary = finder(texts, min_count=1)
    known = {value: index + 2 for index, value in enumerate(vocabulary.fingerprints.tolist())}
    for text, tokens, got in zip(texts, words_of(texts), find(spelled(*texts)), strict=True):
        if len(set(tokens)) != 1:
            assert got == -1
        elif len(tokens) == 1 and not has_space(text):
            assert got == known[tokens[0]]
    assert len(find) == len({word for tokens in words_of(texts) for word in tokens})


def test_words_that_are_rare_have_no_id():
    texts = ["good film", "good", "bad"]
    find, _ = finder(texts)
    assert (find(spelled("good", "film", "bad")) > 0).tolist() == [True, False, False]
    assert len(find) == 1


@pytest.mark.parametrize("texts", [[], ["", " "], ["once"]])
def test_an_empty_vocabulary_has_no_words(texts):
    vocabulary = NgramVocabulary(np.empty(0, np.int64))
    find = NgramWordFinder(vocabulary, [tf.constant(texts, tf.string)])
    assert len(find) == 0 and find(spelled("once", "")).tolist() == [-1, -1]
    assert find([]).tolist() == []
