"""The encoding of files: told by a mark, by validity, or by what the bytes look like; else none."""

import gzip
import itertools

import pytest

from nlpkit.data.encodings import DetectedEncoding, find_encoding
from nlpkit.data.files import File

KOREAN = "정말 최고의 영화였다, 또 보고 싶다.\n똠방각하 펲시\n"
FRENCH = "Déjà vu : très bon café, l'été\n"
PLAIN = "text,label\n" + "plain ASCII,1\n" * 9_000
# A text, how it is written, and the encoding that is detected.
TOLD = {
    "Korean": (KOREAN, "cp949", DetectedEncoding("cp949", True)),
    "French": (FRENCH, "latin-1", DetectedEncoding("latin-1", True)),
    "French quotes": (f"« {FRENCH} » – l’été\n", "cp1252", DetectedEncoding("cp1252", True)),
    "Spanish": ("¿Qué tal? ¡Muy bueno, señor! 3ª edición, nº 5\n", "latin-1",
                DetectedEncoding("latin-1", True)),
    "German": ("Der Film ist schön und größer\n", "cp1252", DetectedEncoding("latin-1", True)),
    **{f"{name} in UTF-8": (text, "utf-8", DetectedEncoding())
       for name, text in (("Korean", KOREAN), ("French", FRENCH), ("no text", ""))},
}  # fmt: skip
WIDE = {
    (name, wide): DetectedEncoding(wide, wide[-2:] in ("le", "be"))
    for name, wide in itertools.product(
        (KOREAN, FRENCH, "Очень хороший фильм\n", "とても良い。\n映画\n"),
        ("utf-16", "utf-16-le", "utf-16-be"),
    )
}
# What looks like several encodings, or like one that is not detected, is left to the user.
DOUBTFUL = {
    "Polish": ("Zażółć gęślą jaźń, świetny film\n", "cp1250"),
    "Turkish": ("Çok güzel bir şey, ışığı söndür, değil\n", "cp1254"),
    "Russian": ("Очень хороший фильм\n", "cp1251"),
    "Greek": ("Πολύ καλή ταινία\n", "cp1253"),
    "Hebrew": ("סרט מצוין\n", "cp1255"),
    "Japanese": ("とても良い映画でした。\n", "cp932"),
    "Chinese": ("这部电影非常好看，值得推荐。\n", "gb18030"),
}


def _file(tmp_path, data, name="x.csv"):
    path = tmp_path / name
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    return File.at(path)


@pytest.mark.parametrize("case", TOLD)
@pytest.mark.parametrize("before", ["", PLAIN])
@pytest.mark.parametrize("name", ["x.csv", "x.csv.gz"])
def test_the_encoding_is_found_however_late_it_shows(tmp_path, case, before, name):
    text, written, expected = TOLD[case]
    data = (before + 9 * text).encode(written)
    assert find_encoding([_file(tmp_path, data, name)]) == expected


@pytest.mark.parametrize(("text", "wide"), WIDE)
def test_utf_16_is_found_with_a_mark_or_without_in_any_language(tmp_path, text, wide):
    data = (9 * text).encode(wide)
    assert find_encoding([_file(tmp_path, data)]) == WIDE[text, wide]


@pytest.mark.parametrize("case", DOUBTFUL)
@pytest.mark.parametrize("before", ["", PLAIN])
def test_what_may_be_several_encodings_is_not_guessed(tmp_path, case, before):
    text, written = DOUBTFUL[case]
    assert (
        find_encoding([_file(tmp_path, (before + 9 * text).encode(written))]) == DetectedEncoding()
    )


@pytest.mark.parametrize(
    "data",
    [
        b"fine \xff\n",
        (KOREAN * 9).encode() + b"\xff\n" + (KOREAN * 9).encode(),
        KOREAN.encode("cp949") * 9 + b"\xff\xff\n",
        bytes(range(256)),
        b"\x89PNG\r\n\x1a\n\xff\xfe",
    ],
)
def test_faults_and_what_is_no_text_are_left_to_the_reader(tmp_path, data):
    assert find_encoding([_file(tmp_path, data)]) == DetectedEncoding()


def test_files_have_one_encoding_or_none(tmp_path):
    files = [
        _file(tmp_path, text.encode("cp949"), f"{number}.txt")
        for number, text in enumerate(("plain", KOREAN, "also plain", KOREAN))
    ]
    assert find_encoding(files) == DetectedEncoding("cp949", True)
    assert find_encoding([*files, _file(tmp_path, FRENCH.encode("latin-1"))]) == DetectedEncoding()


@pytest.mark.parametrize("order", [1, -1])
def test_what_is_utf_8_elsewhere_is_not_read_in_another_encoding(tmp_path, order):
    encodings = ("utf-8", "utf-8", "cp1252")
    files = [
        _file(tmp_path, FRENCH.encode(encoding), f"{number}.txt")
        for number, encoding in enumerate(encodings)
    ]
    assert find_encoding(files[::order]) == DetectedEncoding()
    assert find_encoding(files[2:]) == DetectedEncoding("latin-1", True)
    late = (FRENCH * 9_000).encode() + FRENCH.encode("cp1252")
    assert find_encoding([_file(tmp_path, late)]) == DetectedEncoding()


def test_a_missing_file_is_left_to_the_reader(tmp_path):
    assert find_encoding([File.at(tmp_path / "no.txt")]) == DetectedEncoding()
