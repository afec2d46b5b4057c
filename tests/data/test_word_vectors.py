"""Of a file of word vectors those of known words are kept, each once."""

import re

import numpy as np
import pytest

from nlpkit.data import find_vectors, open_vectors
from nlpkit.errors import InputError
from tests.data.vector_formats import FORMATS, WORDS, vectors, write

IDS = {"film": 7, "Film": 7, "영화": 5, "최고": 9}


def ids_of(words):
    return np.array([IDS.get(word.decode(), -1) for word in words])


@pytest.mark.parametrize("at_once", [1, 3, 1024])
@pytest.mark.parametrize("name", FORMATS)
def test_known_words_are_kept_and_the_first_of_an_id_counts(tmp_path, monkeypatch, name, at_once):
    monkeypatch.setattr("nlpkit.data.word_vectors._AT_ONCE", at_once)
    actual = find_vectors(open_vectors(write(tmp_path, name)), ids_of)
    assert (actual.ids.tolist(), actual.ids.dtype) == ([7, 5, 9], np.int32)
    assert actual.vectors.dtype == np.float32 and actual.skipped == 0
    rows = [WORDS.index(word) for word in ("Film", "영화", "최고")]
    np.testing.assert_array_equal(actual.vectors, vectors()[rows])


def test_words_that_are_not_utf_8_are_left_out_and_counted(tmp_path):
    (tmp_path / "x.vec").write_bytes("3 2\n영".encode() + b"\xec\x98 1 2\nfilm 3 4\n\xff 5 x\n")
    actual = find_vectors(open_vectors(tmp_path / "x.vec"), ids_of)
    assert (actual.ids.tolist(), actual.vectors.tolist(), actual.skipped) == ([7], [[3, 4]], 2)


@pytest.mark.parametrize(
    ("content", "told"),
    [(b"maison 1 2\n", "its words is"),
     ("영화 1 2\n".encode("cp949"), "its words (1 are not UTF-8) is")],
    ids=["another language", "another encoding"],
)  # fmt: skip
def test_a_file_without_a_known_word_is_refused(tmp_path, content, told):
    (tmp_path / "x.txt").write_bytes(content)
    complaint = f"x.txt: none of {told} a word of the texts to learn from; give vectors for the lan"
    with pytest.raises(InputError, match=re.escape(complaint)):
        find_vectors(open_vectors(tmp_path / "x.txt"), ids_of)
