"""Ids do not change: an artefact, a golden file and the code of today agree."""

import unicodedata

import pytest
import tensorflow as tf

from nlpkit.text import MAX_NGRAMS, NgramVocabulary
from tests.text import golden

ENTRIES = golden.entries()


def test_ids_are_those_of_the_golden_file():
    ids = golden.ids([entry["text"] for entry in ENTRIES])
    moved = [
        ascii(entry["text"]) for entry, got in zip(ENTRIES, ids, strict=True) if got != entry["ids"]
    ]
    assert not moved, f"{len(moved)} strings have other ids, the first is {moved[0]}"


def test_the_strings_are_many_different_and_odd():
    texts = {entry["text"] for entry in ENTRIES}
    assert len(texts) == len(ENTRIES) >= 500
    used = set("".join(texts))
    assert {"\0", "\u200d", "\ufe0f", "\u200f", "\ud7fb", "\ue000", "\U0010fffd"} <= used
    assert not [hex(ord(c)) for c in used if unicodedata.category(c) in {"Cn", "Cs"}]
    assert {unicodedata.category(c)[0] for c in used} == set("LMNPSZC")


def test_the_vocabulary_is_cut_among_pieces_that_tie():
    learnt = NgramVocabulary.learn([tf.constant(golden.LEARNT)], min_count=1)
    assert len(learnt) > golden.SIZE + 2


@pytest.mark.parametrize("what", ["known", "unknown", "empty", "longest", "fullest"])
def test_the_strings_meet_every_rule_of_the_encoder(what):
    met = {
        "known": any(token[0] > 1 for entry in ENTRIES for token in entry["ids"]),
        "unknown": any(token == [1] for entry in ENTRIES for token in entry["ids"]),
        "empty": any(not entry["ids"] for entry in ENTRIES),
        "longest": max(len(entry["ids"]) for entry in ENTRIES) == golden.MAX_LENGTH,
        "fullest": any(len(token) == MAX_NGRAMS for entry in ENTRIES for token in entry["ids"]),
    }
    assert met[what]
