"""A .txt: the form it is found to have, the passages of each form, and what is no text."""

import gzip
import itertools

import pytest

from nlpkit.data import plain_text
from nlpkit.data.files import File
from nlpkit.data.plain_text import PlainText, read_passages, survey
from nlpkit.errors import InputError

FORMS = ("running text", "lines", "pre-tokenised")


def _text(tmp_path, text, name="x.txt", encoding="utf-8"):
    data = text if isinstance(text, bytes) else text.encode(encoding)
    path = tmp_path / name
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    return PlainText(str(path), (File.at(path),), encoding)


def _passages(text, form, **options):
    return [passage for _, passage in read_passages(text, form, **options)]


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("one line\n" * 100, "lines"),
        ("one line\n" * 100 + "\n", "lines"),
        ("\n\n\n" + "one line\n" * 100, "lines"),
        ("one line\n" * 99 + "\nnext", "lines"),
        (("a line\n" * 30 + "\n") * 5, "running text"),
        (("a line\n" * 99 + "\n") * 5, "lines"),
        ("A title\n\n\nA paragraph\nof lines.\n\n   \nOne more.\n", "running text"),
        ("word " * 1000 + "\n", "running text"),
        (("word " * 399 + "\n") * 20, "lines"),
        (" the <unk> is N \n" * 10, "pre-tokenised"),
        ("one line\n" * 49 + " the <unk>\n", "pre-tokenised"),
        ("one line\n" * 1000 + " the <unk>\n", "lines"),
        ("a page\n\n" * 49 + " <unk> \n", "pre-tokenised"),
        ("a page\n\n" * 400 + " <unk> \n", "running text"),
        ("A word, if rare, becomes <unk> here.\n" * 10, "lines"),
        ("a tag like <unk>. is no token\n" * 10, "lines"),
    ],
)
def test_the_form_is_found(tmp_path, text, form):
    assert survey(_text(tmp_path, text)).form == form


PIECES = {
    "running text": ["First line goes on.", "Next."],
    "lines": ["First line", "goes on.", "Next."],
    "pre-tokenised": [" First  line ", "goes on.", "", "", "Next. "],
}


@pytest.mark.parametrize(
    ("form", "end", "last", "name"),
    list(itertools.product(FORMS, ("\n", "\r\n"), ("", "end"), ("x.txt", "x.TXT.gz"))),
)
def test_each_form_has_its_passages(tmp_path, form, end, last, name):
    lines = [" First  line ", "goes on.", "", "", "Next. "]
    text = end.join(lines) + end * (last == "end")
    assert _passages(_text(tmp_path, text, name), form) == PIECES[form]


@pytest.mark.parametrize("form", FORMS)
def test_the_size_is_that_of_the_passages(tmp_path, form):
    breaks = {"running text": "\n\n", "lines": "\n", "pre-tokenised": " <unk> \n\n"}
    text = "".join(f"Line  {number} \nnext line{breaks[form]}" for number in range(100))
    surveyed = survey(_text(tmp_path, text))
    assert surveyed.form == form
    passages = _passages(_text(tmp_path, text), form, longest=16)
    assert surveyed.size == sum(len(passage) + 1 for passage in passages)


@pytest.mark.parametrize("form", ["running text", "lines"])
def test_long_passages_are_cut_and_know_where_they_are_from(tmp_path, form):
    text = "one two three four\n\nfive"
    units = list(read_passages(_text(tmp_path, text), form, longest=9))
    assert [passage for _, passage in units] == ["one two", "three", "four", "five"]
    if form == "lines":
        assert [unit for unit, _ in units] == ["one two three four"] * 3 + ["five"]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("end", ["", "\n", "\nlast line\n"])
def test_a_line_without_end_is_read_in_pieces(tmp_path, monkeypatch, form, end):
    monkeypatch.setattr(plain_text, "_PIECE", 100)
    text = " ".join(f"word{number}" for number in range(1000)) + end
    passages = _passages(_text(tmp_path, text), form)
    assert " ".join(" ".join(passages).split()) == " ".join(text.split())
    if form == "pre-tokenised":
        assert max(map(len, passages)) < 200


@pytest.mark.parametrize("size", [99, 100, 101, 200])
def test_a_line_as_long_as_a_piece_loses_nothing(tmp_path, monkeypatch, size):
    monkeypatch.setattr(plain_text, "_PIECE", 100)
    text = "x" * size + "\n" + "y" * size
    passages = _passages(_text(tmp_path, text), "pre-tokenised")
    assert "".join(passages) == text.replace("\n", "")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "cp949"])
def test_text_of_any_encoding(tmp_path, encoding):
    text = _text(tmp_path, "영화\n음악\n", encoding=encoding)
    assert _passages(text, "lines") == ["영화", "음악"]


BROKEN = {
    "empty": (b"", "the file is empty"),
    "line feeds": (b"\n\n\n", "nothing but white space in the file"),
    "white space": (" \t\r\n\u3000\n".encode(), "nothing but white space in the file"),
    "byte order mark": (b"\xef\xbb\xbf", "the file is empty"),
    "zeros": (bytes(5000), "line 1: there is a NUL character, so the file is no text in utf-8"),
    "a zero": (b"one\ntwo\0\n", "line 2: there is a NUL character.* `--encoding`"),
    "image": (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "this is not text but a picture; give text"),
    "utf-16 without a mark": (
        "text\n".encode("utf-16-le"),
        "this is text in utf-16-le, not in utf",
    ),
}


@pytest.mark.parametrize("fault", BROKEN)
@pytest.mark.parametrize("name", ["x.txt", "x.txt.gz"])
def test_what_is_no_text_is_refused(tmp_path, fault, name):
    data, complaint = BROKEN[fault]
    text = _text(tmp_path, data, name)
    for read in (survey, lambda text: _passages(text, "lines")):
        with pytest.raises(InputError, match=rf"{name}.*{complaint}"):
            read(text)


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"no\.txt: there is no such file"):
        survey(PlainText("no.txt", (File.at(tmp_path / "no.txt"),)))


@pytest.mark.parametrize("form", FORMS)
def test_files_are_read_one_after_the_other(tmp_path, form):
    text = _text(tmp_path, "one\ntwo")
    several = PlainText("x", text.files * 2)
    assert _passages(several, form) == 2 * _passages(text, form)
