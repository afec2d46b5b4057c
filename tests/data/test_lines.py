"""Numbered lines: encodings, line ends, compression, and what is refused."""

import codecs
import gzip
import io
import itertools
import re

import pytest

from nlpkit.data import lines
from nlpkit.data.lines import read_lines
from nlpkit.errors import InputError

TEXTS = {
    "korean": "정말 최고의 영화",
    "emoji": "👍🏽 great",
    "right-to-left": "فيلم رائع",
    "nul": "a\0b",
    "carriage return inside": "a\rb",
    "other line separators": "a\x0b\x0c\x1c\x85\u2028b",
    "empty": "",
    "one megabyte": "x" * (1 << 20),
}


def _write(path, data):
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    return path


@pytest.mark.parametrize(
    ("text", "encoding", "end", "gz"),
    list(
        itertools.product(
            TEXTS.values(), ("utf-8", "utf-8-sig", "utf-16"), ("\n", "\r\n"), ("", ".gz")
        )
    ),
)
def test_lines_come_as_they_are(tmp_path, text, encoding, end, gz):
    content = f"first{end}{text}{end}last"
    path = _write(tmp_path / f"x.txt{gz}", content.encode(encoding))
    read = list(read_lines(path, encoding=encoding.removesuffix("-sig")))
    assert read == [(1, f"first{end}"), (2, f"{text}{end}"), (3, "last")]


def test_another_encoding(tmp_path):
    path = _write(tmp_path / "x.txt", "재미\n없다".encode("cp949"))
    assert [line for _, line in read_lines(path, encoding="cp949")] == ["재미\n", "없다"]


def test_an_open_stream_is_read_and_stays_open():
    stream = io.BytesIO("\ufeff재미\n없다".encode())
    assert [line for _, line in read_lines(stream)] == ["재미\n", "없다"]
    assert not stream.closed


def test_a_stream_is_named_in_errors():
    with pytest.raises(InputError, match="^standard input, line 2: the bytes are not valid utf-8"):
        list(read_lines(io.BytesIO(b"a\n\xff"), name="standard input"))


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        (b"a\nb\nc\xff\xfed\n", "utf-8"),
        (b"a\nb\nc\xed\xa0\x80\n", "utf-8"),
        (b"a\nb\ntruncated \xec\xff", "utf-8"),
        (b"a\nb\nc\xff\xff\n", "cp949"),
        (b"a\nb\nc\xff\n", "ascii"),
    ],
)
@pytest.mark.parametrize("gz", ["", ".gz"])
def test_invalid_bytes_are_refused_with_their_line_and_the_cure(tmp_path, data, encoding, gz):
    path = _write(tmp_path / f"x.txt{gz}", data)
    with pytest.raises(InputError, match=rf"line 3: .* not valid {encoding}; .*`--encoding`"):
        list(read_lines(path, encoding=encoding))


CURES = {
    ("cp949", "utf-8"): "`--encoding cp949`",
    ("cp949", "utf-8-sig"): "`--encoding cp949`",
    ("cp949", "utf-16"): "`--encoding cp949`",
    ("cp949", "utf-32"): "`--encoding cp949`",
    ("utf-8", "cp949"): "`--encoding utf-8`",
    ("utf-8", "uhc"): "`--encoding utf-8`",
    ("utf-8", "utf-16"): "`--encoding utf-8`",
    ("utf-16", "utf-8"): "`--encoding utf-16`",
    ("utf-16", "cp949"): "`--encoding utf-16`",
    ("utf-16", "ascii"): "`--encoding utf-16`",
}


@pytest.mark.parametrize(("written", "named"), CURES)
def test_the_cure_is_never_the_encoding_in_use(written, named):
    stream = io.BytesIO("가장 좋은 영화였다\n".encode(written))
    cure = CURES[written, named]
    message = f"^x, line 1: the bytes are not valid {named}; .* for example {cure}.$"
    with pytest.raises(InputError, match=message):
        list(read_lines(stream, encoding=named, name="x"))


def test_either_byte_order_mark_tells_utf_16():
    stream = io.BytesIO(codecs.BOM_UTF16_BE + "영화".encode("utf-16-be"))
    with pytest.raises(InputError, match="for example `--encoding utf-16`"):
        list(read_lines(stream, name="x"))


@pytest.mark.parametrize(
    "encoding",
    ["no-such-thing", "", "nul\0", "base64", "rot13", "idna", "punycode", "unicode_escape",
     "raw_unicode_escape", "undefined"],
)  # fmt: skip
def test_unknown_encoding_is_refused(tmp_path, encoding):
    path = _write(tmp_path / "x.txt", b"a\n")
    got = re.escape(repr(encoding))
    with pytest.raises(InputError, match=f"`--encoding` must name a text encoding .* got {got}"):
        list(read_lines(path, encoding=encoding))


def test_missing_file_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"no\.txt: there is no such file"):
        list(read_lines(tmp_path / "no.txt"))


def test_folder_is_refused(tmp_path):
    with pytest.raises(InputError, match="this is a folder; give a file"):
        list(read_lines(tmp_path))


@pytest.mark.parametrize("damage", ["truncated", "trailed", "flipped"])
def test_damaged_gzip_is_refused(tmp_path, damage):
    data = bytearray(gzip.compress(b"line\n" * 10_000))
    data = {
        "truncated": data[:-20],
        "trailed": data + b"plain text\n",
        "flipped": data[:-6] + bytes([data[-6] ^ 255]) + data[-5:],
    }[damage]
    (tmp_path / "x.txt.gz").write_bytes(data)
    with pytest.raises(InputError, match="the gzip data are damaged after line"):
        list(read_lines(tmp_path / "x.txt.gz"))


def test_what_is_no_gzip_is_told_from_what_is_damaged(tmp_path):
    (tmp_path / "x.txt.gz").write_bytes(b"plain text\n")
    with pytest.raises(InputError, match=r"x\.txt\.gz: this is not a gzip file"):
        list(read_lines(tmp_path / "x.txt.gz"))


def test_a_file_that_ends_within_a_character_is_refused_with_its_line():
    with pytest.raises(InputError, match="^x, line 3: the bytes are not valid utf-8"):
        list(read_lines(io.BytesIO("a\nb\nc 영".encode()[:-1]), name="x"))


def test_endless_line_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(lines, "LONGEST", 100)
    path = _write(tmp_path / "x.txt", b"short\n" + b"x" * 1000)
    with pytest.raises(InputError, match="line 2: the line is longer than 100 characters"):
        list(read_lines(path))


@pytest.mark.parametrize("ending", ["", "\n"])
def test_an_endless_line_is_read_in_pieces_under_its_number(ending):
    stream = io.BytesIO(b"one\n" + b"x" * 25 + b"\nthree" + ending.encode())
    assert list(read_lines(stream, piece=10)) == [
        (1, "one\n"), (2, "x" * 10), (2, "x" * 10), (2, "xxxxx\n"), (3, "three" + ending)
    ]  # fmt: skip


def test_invalid_bytes_are_refused_by_the_number_of_their_line_though_read_in_pieces():
    stream = io.BytesIO(b"one\n" + b"x" * 25 + b"\n" + b"y" * 25 + b"\xff")
    with pytest.raises(InputError, match="^x, line 3: the bytes are not valid utf-8"):
        list(read_lines(stream, name="x", piece=10))
