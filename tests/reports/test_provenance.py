"""A card says where its data come from, and what its reader still has to fill in."""

import pytest

from nlpkit.reports.provenance import REVIEWS, TOPICS, provenance, scripts

BASE = {"examples": {"train": 1000, "test": 200}, "versions": {"python": "3.12.1"}}
FACTS = ("Source", "Licence", "Date")


@pytest.mark.parametrize(
    ("bundled", "words"),
    [
        (REVIEWS, ("English and Korean", "reviews", "Apache-2.0", "2026")),
        (TOPICS, ("English", "CPython 3.12.1", "Python Software Foundation License")),
    ],
)
def test_the_bundled_data_are_described(bundled, words):
    text = provenance({**BASE, "data": "bundled"}, {"data": None}, bundled)
    assert all(word in text for word in (*words, *FACTS))
    assert "fill in" not in text


def test_a_users_files_are_named_and_counted_and_the_licence_is_left_to_fill_in():
    config = {"data": "/home/someone/a.tsv", "test_data": "b`.tsv", "valid_data": None}
    text = provenance({**BASE, "data": "a.tsv"}, config, REVIEWS)
    assert "* Data given: `a.tsv`, `b'.tsv`; 1,200 examples." in text.splitlines()
    assert "Licence: not known to nlpkit; please fill in" in text
    assert "someone" not in text


def test_word_vectors_are_named_and_their_origin_is_left_to_fill_in():
    config = {"data": None, "vectors": "/home/someone/wiki`.vec.gz"}
    text = provenance({**BASE, "data": "bundled"}, config, REVIEWS)
    assert "* Word vectors given: `wiki'.vec.gz`. Their texts, source and licence: not" in text
    assert "please fill in" in text and "someone" not in text


@pytest.mark.parametrize("name", ["imdb_reviews", "imdb_reviews/bytes", "imdb_reviews:1.0.0"])
def test_a_tfds_name_points_to_its_catalogue(name):
    text = provenance({**BASE, "data": f"tfds:{name}"}, {"data": f"tfds:{name}"}, REVIEWS)
    assert "<https://www.tensorflow.org/datasets/catalog/imdb_reviews>" in text


def test_the_scripts_are_told():
    metrics = {**BASE, "data": "a.tsv", "scripts": {"Latin": 0.64, "Hangul": 0.36}}
    text = provenance(metrics, {"data": "a.tsv"}, REVIEWS)
    assert text.endswith("* Letters of the training texts, by script: Latin 64%, Hangul 36%.")


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Ünïcode, ＦＵＬＬ", ["Latin"]),
        ("좋아요 ㅋㅋ", ["Hangul"]),
        ("東京へ行く", ["Han", "Hiragana"]),
        ("Привет", ["Cyrillic"]),
        ("مرحبا", ["Arabic"]),
        ("123 !? 🙂", []),
        ("a" * 999 + "д", ["Latin"]),
    ],
)
def test_letters_are_counted_by_script(text, names):
    assert list(scripts([text])) == names


def test_no_text_has_no_script():
    assert scripts([]) == {}
