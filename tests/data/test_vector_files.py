"""Files of word vectors: read alike in every format, and refused in words where they are broken."""

import gzip
import os
import re
import tracemalloc

import numpy as np
import pytest

from nlpkit.data import find_vectors, open_vectors
from nlpkit.errors import InputError
from tests.data.vector_formats import FORMATS, SPACED, WORDS, vectors, write

LINES = b"film 0.5 1 -2\nthe 1e-3 .5 2\n"


def read_all(path):
    """The words of a file and the vectors of all of them."""
    file = open_vectors(path)
    entries = list(file.entries())
    return [entry.word.decode() for entry in entries], np.stack([*map(file.vector, entries)])


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_gives_the_same_words_and_numbers(tmp_path, name):
    words, read = read_all(write(tmp_path, name))
    assert [word.replace("_", " ") for word in words] == list(WORDS)
    assert (SPACED in words) == (".bin" not in f".{name}")
    assert read.dtype == np.float32
    np.testing.assert_array_equal(read, vectors())


def test_long_words_and_words_across_pieces_are_read_whole(tmp_path, monkeypatch):
    monkeypatch.setattr("nlpkit.data.vector_files._PIECE", 7)
    words = ["긴단어" * 50, *WORDS]
    for name in ("bin", "word2vec.bin.gz"):
        assert np.array_equal(read_all(write(tmp_path, name, words))[1], vectors(words))


def test_lines_end_at_line_feeds_alone_and_words_split_at_spaces_alone(tmp_path):
    words = ["a\u2028b", "c\x85d", "e\u3000f", "g\th", "i\xa0j"]
    for name in ("vec", "txt", "bin"):
        assert read_all(write(tmp_path, name, words))[0] == words


def test_the_first_word_may_hold_spaces_and_blank_lines_do_not_count(tmp_path):
    (tmp_path / "x.txt").write_bytes(b". . . 1 2 3\n\n" + LINES + b"\n")
    assert read_all(tmp_path / "x.txt")[0] == [". . .", "film", "the"]


def test_a_text_may_hold_fewer_words_than_its_header_says(tmp_path):
    (tmp_path / "x.vec").write_bytes(b"400000 3\n" + LINES)
    assert read_all(tmp_path / "x.vec")[0] == ["film", "the"]


ROW = np.array([0.5, 1, 2], "<f4").tobytes()
BROKEN = {
    "empty": ("x.vec", b"", "the file is empty."),
    "empty .bin": ("x.bin", b"", "the file is empty."),
    "empty .gz": ("x.vec.gz", gzip.compress(b""), "the file is empty."),
    "blank": ("x.txt", b"\n \n", "the file is empty."),
    "header alone": ("x.vec", b"2 3\n", "the file holds a header and no vectors."),
    "damaged header": (
        "x.vec", b"2000000\n" + LINES, ", line 1: the line must be a header such as \"400000 300\" "
        "or hold a word and 3 numbers, got '2000000'; mend the file, or download it again.",
    ),
    "header of words": (
        "x.vec", b"abc 3\n" + LINES, ", line 1: the line must be a header such as \"400000 300\" "
        "or hold a word and 3 numbers, got 'abc 3';",
    ),
    "header of another dimension": (
        "x.vec", b"2 4\n" + LINES,
        ", line 2: the line must hold a word and 4 numbers, as the header says, got 3; mend",
    ),
    "number missing": (
        "x.txt", LINES + b"of 1 2\n" + LINES,
        ", line 3: the line must hold a word and 3 numbers, as most lines do, got 2; mend",
    ),
    "number too many": (
        "x.txt", LINES + b"of 1 0.2 1 2 3\n" + LINES,
        ", line 3: the line must hold a word and 3 numbers, as most lines do, got 4; mend",
    ),
    "prose": ("x.txt", b"This is it\n" * 9, ", line 1: the vector of 'This' holds what is no num"),
    "no spaces": ("x.txt", b"a\t1\t2\n", "must hold a word and numbers, separated by spaces, got"),
    "words alone": ("x.txt", b"a\nb\n", "a word and numbers, separated by spaces, got 'a'."),
    "endless line": ("x.txt", b"a 1 2 " * 200_000, ", line 1: the line is longer than 1,048,576"),
    "binary": ("x.vec", b"2 3\nthe " + bytes(12), "this is no text in UTF-8; if word2vec wrote"),
    "UTF-16": ("x.vec", LINES.decode().encode("utf-16"), "this is no text in UTF-8;"),
    "zip": ("x.vec", b"PK\x03\x04", "no file of word vectors but a zip archive (.zip, .xlsx, .doc"),
    "gzip": ("x.vec", gzip.compress(LINES), "but gzip data; add .gz to its name."),
    "no gzip": ("x.vec.gz", LINES, "the gzip data are damaged (Not a gzipped file"),
    "cut off gzip": (
        "x.vec.gz", gzip.compress(os.urandom(999))[:500], "the gzip data are damaged (Compressed "
        "file ended before the end-of-stream marker was reached); download the file again.",
    ),
    "fastText's model": ("x.bin", b"\xba\x16\x4f\x2f12", "this is a model of fastText; give its v"),
    ".bin without a header": (
        "x.bin", b"the " + ROW, "must begin with the numbers of its words and of a vector's "
        "numbers, such as \"400000 300\", got 'the ",
    ),
    ".bin of a huge dimension": ("x.bin", b"2 3000000000\nthe " + ROW, "got '2 3000000000'."),
    "cut off .bin": (
        "x.bin", b"3 3\nthe " + ROW + b"of " + ROW[:-1],
        ", word 2: the file ends before 3 words, as its header says; mend the file, or download",
    ),
    ".bin that goes on": ("x.bin", b"1 3\nthe " + ROW + b"of", "the file goes on after 1 words"),
    "text as .bin": ("x.bin", b"2 3\n" + LINES, "x.bin"),
    ".bin without spaces": ("x.bin", b"9 3\n" + b"\1" * 99_999, ", word 1: no word ends within"),
    "no number": ("x.txt", b"the 1 x 3\n", ", line 1: the vector of 'the' holds what is no number"),
    "NaN": ("x.vec", b"1 2\nthe 1 nan\n", ", line 2: the vector of 'the' holds NaN or an infinite"),
    "infinite": ("x.vec", b"1 2\nthe 1e99 1\n", ", line 2: the vector of 'the' holds NaN or an in"),
    "NaN in a .bin": (
        "x.bin", b"1 3\nthe " + np.full(3, np.nan, "<f4").tobytes(),
        ", word 1: the vector of 'the' holds NaN or an infinite number; mend the file, or",
    ),
}  # fmt: skip


@pytest.mark.parametrize("fault", BROKEN)
def test_what_is_broken_is_named_as_soon_as_the_file_is_opened(tmp_path, fault):
    name, content, complaint = BROKEN[fault]
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=re.escape(complaint)) as error:
        open_vectors(tmp_path / name)
    assert str(error.value).startswith(str(tmp_path / name))


LATE = {
    "number missing": (b"of 1 2\n", ", line 503: the line must hold a word and 3 numbers"),
    "no number": (b"of 1 2 x\n", ", line 503: the vector of 'of' holds what is no number"),
    "NaN": (b"of 1 2 NaN\n", ", line 503: the vector of 'of' holds NaN or an infinite number"),
}


@pytest.mark.parametrize("fault", LATE)
def test_what_is_broken_further_on_is_named_when_it_is_read(tmp_path, fault):
    line, complaint = LATE[fault]
    many = b"".join(b"w%d 1 2 3\n" % number for number in range(500))
    (tmp_path / "x.txt").write_bytes(LINES + many + line)
    file = open_vectors(tmp_path / "x.txt")
    with pytest.raises(InputError, match=complaint):
        find_vectors(file, lambda words: np.arange(len(words)))


def test_a_missing_file_and_a_folder_are_named(tmp_path):
    with pytest.raises(InputError, match=r"no\.vec: there is no such file\."):
        open_vectors(tmp_path / "no.vec")
    with pytest.raises(InputError, match=r"this is a folder; give a file\."):
        open_vectors(tmp_path)


@pytest.mark.parametrize("value", ["", 5, None, True])
def test_what_is_no_path_is_refused(value):
    with pytest.raises(InputError, match=rf"^`vectors` must name a file.*, got {value!r}\.$"):
        open_vectors(value)


@pytest.mark.parametrize("name", FORMATS)
def test_another_dimension_than_the_wanted_is_refused(tmp_path, name):
    path = write(tmp_path, name)
    assert open_vectors(path, 4).dimension == open_vectors(path).dimension == 4
    complaint = rf"^`embedding` must be 4, the dimension of {path}, or be left out, got 5\.$"
    with pytest.raises(InputError, match=complaint):
        open_vectors(path, 5)


@pytest.mark.parametrize("name", ["vec", "txt.gz", "bin", "bin.gz"])
def test_a_file_of_many_megabytes_is_read_within_a_few(tmp_path, name):
    words = [f"word{number}" for number in range(20_000)]
    path = write(tmp_path, name, words, np.ones([len(words), 100], np.float32))
    tracemalloc.start()
    try:
        pretrained = find_vectors(
            open_vectors(path), lambda words: np.array([w == b"word77" for w in words]) - 1
        )
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert pretrained.vectors.shape == (1, 100)
    assert peak < 4 << 20
