"""Texts that nobody would write: each is cut as plain Python cuts it, and becomes ids.

NLPKIT_FUZZ=10000 pytest tests/text/test_fuzz.py is the long run.
"""

import unicodedata

import pytest
import tensorflow as tf
from hypothesis import given
from hypothesis import strategies as st

from nlpkit.text import (
    TOKENIZATIONS,
    UNKNOWN,
    NgramEncoder,
    NgramVocabulary,
    WordEncoder,
    WordVocabulary,
    detect_tokenization,
    token_strings,
)
from nlpkit.text.words.tokenization import word_strings
from tests.artefacts import SUBWORDS, WORDS
from tests.fuzzing import bounded, fuzzed
from tests.text.cutting import cut, is_normalized
from tests.text.drawing import PALETTES

AT_ONCE = 20
text = (
    st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
    | st.text("".join(PALETTES), max_size=60)
    | st.lists(st.sampled_from(WORDS[2:]), max_size=10).map(" ".join)
)
texts = st.lists(text, min_size=AT_ONCE, max_size=AT_ONCE)


@fuzzed(3)
@given(texts=texts)
@pytest.mark.parametrize("tokenization", TOKENIZATIONS)
def test_words_are_those_of_plain_python_and_can_be_written_after_the_text(tokenization, texts):
    words = SUBWORDS if tokenization == "subwords" else WORDS
    encoder = WordEncoder(WordVocabulary(words, tokenization))
    with bounded():
        got = word_strings(tf.constant(texts), tokenization=tokenization).to_list()
        ids = encoder.ragged(tf.constant(texts))
        joined = encoder.join(tf.constant(texts), ids.to_tensor())
    for text, row, more in zip(texts, got, joined.numpy(), strict=True):
        assert more.decode().startswith(text)
        got_words = [word.decode() for word in row]
        assert [unicodedata.normalize("NFC", word) for word in got_words] == cut(text, tokenization)
        if is_normalized(text):  # the rest is not reordered, only composed
            assert got_words == cut(text, tokenization)
    if tokenization != "subwords":
        known = {word: number for number, word in enumerate(words)}
        for row, encoded in zip(got, ids.to_list(), strict=True):
            assert encoded == [known.get(word.decode(), UNKNOWN) for word in row]


@fuzzed(3)
@given(texts=texts)
def test_a_token_keeps_its_place_whatever_the_texts_beside_it(texts):
    with bounded():
        together = token_strings(tf.constant(texts)).to_list()
        assert together == [token_strings(tf.constant([text])).to_list()[0] for text in texts]


@fuzzed(1)
@given(texts=texts)
def test_whatever_is_learnt_from_encodes_what_follows(texts):
    with bounded():
        known = NgramVocabulary.learn([tf.constant(texts)], phrases=10)
        encoder = NgramEncoder(known, max_length=30)
        ids = encoder(tf.constant(texts)).numpy()
        detect_tokenization([tf.constant(texts)])
    assert ids.shape[0] == len(texts) and 1 <= ids.shape[1] <= 30
    assert ids.min() >= 0
