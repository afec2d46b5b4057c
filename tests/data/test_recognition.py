"""What bytes are: other formats by their first bytes, encodings by what they would say."""

import bz2
import gzip
import io
import itertools
import lzma
import zipfile

import pytest

from nlpkit.data.lines import read_lines
from nlpkit.data.recognition import SAMPLE, encoding_of_head, format_of, likely_encodings
from nlpkit.errors import InputError

TABLE = b"text,label\nfine,1\n"
WRITTEN = {
    "Korean": ("정말 최고의 영화였다, 또 보고 싶다.\n맛,1\n" * 9, ("utf-8", "cp949")),
    "French": ("déjà vu, très bon café\nC'est l’été\n" * 9, ("utf-8", "cp1252")),
    "English": ("It won’t work – “never”, £5\n" * 9, ("utf-8", "cp1252")),
    "Japanese": ("とても良い映画でした。\nまた見たい。\n" * 9, ("utf-8", "euc-jp", "cp932")),
    "Chinese": ("这部电影非常好看，值得推荐。\n" * 9, ("utf-8", "gb18030")),
    "Russian": ("Очень хороший фильм, советую\n" * 9, ("utf-8", "cp1251")),
    "nothing but ASCII": ("a fine film\n", ("utf-8",)),
}  # fmt: skip


def _zip():
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("x.csv", TABLE)
    return stream.getvalue()


FORMATS = {
    "gzip data": (gzip.compress(TABLE), "add .gz"),
    "a zip archive": (_zip(), "unpack it"),
    "bzip2 data": (bz2.compress(TABLE), "bunzip2"),
    "xz data": (lzma.compress(TABLE), "unxz"),
    "a Parquet file": (b"PAR1\x15\x04\x15", "call it .parquet"),
    "an old Office file": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(9), "give it as a .csv"),
    "a PDF": (b"%PDF-1.7\n%\xe2\xe3", "give its text"),
    "a picture": (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "give text"),
}


@pytest.mark.parametrize(
    ("what", "name", "encoding"),
    list(itertools.product(FORMATS, ("x.csv", "x.txt", "x.jsonl"), ("utf-8", "cp949", "latin-1"))),
)
def test_another_format_under_the_name_of_a_text_is_named_with_the_cure(
    tmp_path, what, name, encoding
):
    data, cure = FORMATS[what]
    (tmp_path / name).write_bytes(data)
    with pytest.raises(InputError, match=f"{name}: this is not text but {what}.*; .*{cure}"):
        list(read_lines(tmp_path / name, encoding=encoding))


@pytest.mark.parametrize("what", [what for what in FORMATS if what != "gzip data"])
@pytest.mark.parametrize("packed", [False, True])
def test_another_format_under_the_name_of_gzip_is_named(tmp_path, what, packed):
    data, _ = FORMATS[what]
    (tmp_path / "x.csv.gz").write_bytes(gzip.compress(data) if packed else data)
    with pytest.raises(InputError, match=f"x.csv.gz: this is (not text but )?{what}"):
        list(read_lines(tmp_path / "x.csv.gz"))


def test_text_has_no_other_format():
    assert format_of(TABLE) is None
    assert format_of(b"") is None


CASES = [(language, written) for language, (_, known) in WRITTEN.items() for written in known]


@pytest.mark.parametrize(("language", "written"), CASES)
@pytest.mark.parametrize("cut", [0, 1, 2, 3, -1, -2])
def test_the_encoding_of_a_text_is_guessed_wherever_a_sample_begins_and_ends(
    language, written, cut
):
    data = WRITTEN[language][0].encode(written)
    sample = data[cut:] if cut >= 0 else data[:cut]
    assert likely_encodings(sample, start=cut <= 0)[0] == written


@pytest.mark.parametrize(("language", "written"), CASES)
@pytest.mark.parametrize("named", ["utf-8", "cp949", "ascii", "utf-16"])
@pytest.mark.parametrize("ascii_before", [0, 3 * SAMPLE])
def test_the_cure_is_the_encoding_of_the_file_wherever_the_fault_is(
    tmp_path, language, written, named, ascii_before
):
    path = tmp_path / "x.txt"
    path.write_bytes(b"plain ASCII\n" * (ascii_before // 12) + WRITTEN[language][0].encode(written))
    try:
        list(read_lines(path, encoding=named))
    except InputError as error:
        told = str(error)
    else:  # What one encoding cannot tell from another, such as ASCII, is no fault.
        return
    if named == "utf-16" and ascii_before:
        written = "utf-8"  # The fault is at the beginning, where all is ASCII.
    assert f"for example `--encoding {written}`" in told


def test_a_fault_in_a_sound_file_is_no_matter_of_its_encoding():
    data = "정말 최고의 영화\n".encode() * 9 + b"bad \xff byte\n" + "재미있다\n".encode() * 9
    with pytest.raises(InputError, match="line 10: .* though those around them are; mend or del"):
        list(read_lines(io.BytesIO(data)))


def test_bytes_of_no_encoding_are_no_text():
    with pytest.raises(InputError, match="nor text in any usual encoding; give plain text"):
        list(read_lines(io.BytesIO(bytes(range(256)))))


@pytest.mark.parametrize("wide", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-be"])
@pytest.mark.parametrize("named", ["utf-8", "cp949", "latin-1"])
@pytest.mark.parametrize("name", ["x.csv", "x.csv.gz"])
def test_utf_16_is_told_with_a_mark_or_without(tmp_path, wide, named, name):
    data = "text,label\n정말,1\n".encode(wide)
    (tmp_path / name).write_bytes(gzip.compress(data) if name.endswith("gz") else data)
    with pytest.raises(InputError, match=f"text in {wide}, not in {named}; .* `--encoding {wide}`"):
        list(read_lines(tmp_path / name, encoding=named))
    assert list(read_lines(tmp_path / name, encoding=wide))[1] == (2, "정말,1\n")


@pytest.mark.parametrize("text", ["", "a", "nul \0 inside a text", "\0", "가나다"])
def test_few_zero_bytes_are_no_utf_16(text):
    assert encoding_of_head(text.encode()) is None


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp949"])
@pytest.mark.parametrize("gz", ["", ".gz"])
def test_carriage_returns_end_lines_where_nothing_else_does(tmp_path, encoding, gz):
    data = "text,label\r재미,1\rb,0\r".encode(encoding)
    path = tmp_path / f"x.csv{gz}"
    path.write_bytes(gzip.compress(data) if gz else data)
    lines = list(read_lines(path, encoding=encoding.removesuffix("-sig")))
    assert lines == [(1, "text,label\n"), (2, "재미,1\n"), (3, "b,0\n")]
