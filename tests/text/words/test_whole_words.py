"""Words are found by their spelling as the encoder reads them, and nothing else is."""

import functools

import pytest

from nlpkit.text import SPECIALS, WordEncoder, WordFinder, WordVocabulary

WORDS = ("the", "The", "don't", "영화", "é", ".", "##가", "a##")
VOCABULARIES = {kind: WordVocabulary((*SPECIALS, *WORDS), kind) for kind in ("words", "spaces")}
VOCABULARIES["subwords"] = WordVocabulary((*SPECIALS, *WORDS), "subwords")
every_kind = pytest.mark.parametrize("kind", VOCABULARIES)


@functools.cache
def finder(kind):
    return WordFinder(WordEncoder(VOCABULARIES[kind]))


def ids_of(kind, *texts):
    return finder(kind)([text.encode() for text in texts]).tolist()


@every_kind
def test_words_have_their_ids_and_case_counts(kind):
    words = [word for word in WORDS if "#" not in word]
    assert ids_of(kind, *words) == [2 + WORDS.index(word) for word in words]
    assert ids_of(kind, "THE", "\ufeffthe", "e\u0301") == [-1, 2, 6]


@every_kind
@pytest.mark.parametrize(
    "text", ["", " ", "the the", "the .", "</s>", "<unk>", "가", "영화가", "\0"]
)
def test_what_is_no_word_or_several_has_no_id(kind, text):
    assert ids_of(kind, text) == [-1]


@every_kind
def test_pieces_that_continue_a_word_are_no_words(kind):
    assert len(finder(kind)) == len(WORDS) - (kind == "subwords")
    assert ids_of(kind) == []
