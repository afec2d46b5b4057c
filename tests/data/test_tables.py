"""Tables: every format gives the same rows, and every fault its sentence."""

import csv
import datetime
import decimal
import gzip
import io
import itertools
import json

import pytest

from nlpkit.data.columns import Columns
from nlpkit.data.opening import open_data, open_tables
from nlpkit.data.plain_text import PlainText
from nlpkit.data.spec import parse_spec
from nlpkit.data.tables import as_text
from nlpkit.errors import InputError

FORMATS = ("csv", "tsv", "txt", "jsonl")
ROWS = [
    ("plain", "0"),
    ("", "1"),
    ("정말 최고의 영화 👍", "0"),
    ('"quoted" text', "1"),
    ("comma, tab\t and\n\nnew lines", "0"),
    ("فيلم رائع", "1"),
    ("nul \0 inside", "0"),
    ("long " * 200_000, "1"),
]


def _written(kind, end, rows=ROWS):
    if kind == "jsonl":
        lines = [json.dumps({"text": t, "label": v}, ensure_ascii=False) for t, v in rows]
        return "".join(line + end for line in lines)
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, delimiter="," if kind == "csv" else "\t", lineterminator=end)
    writer.writerows([("text", "label"), *rows])
    return stream.getvalue()


def _open(path, data, **options):
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    return open_tables(parse_spec(path), **options)["train"]


@pytest.mark.parametrize(
    ("kind", "gz", "end", "encoding"),
    list(itertools.product(FORMATS, ("", ".gz"), ("\n", "\r\n"), ("utf-8", "utf-8-sig", "utf-16"))),
)
def test_every_format_gives_the_same_rows(tmp_path, kind, gz, end, encoding):
    data = _written(kind, end).encode(encoding)
    named = encoding.removesuffix("-sig")
    for given in (None, named):
        table = _open(tmp_path / f"x.{kind}{gz}", data, encoding=given)
        assert (table.columns, table.encoding) == (("text", "label"), named)
        assert [(row["text"], row["label"]) for _, row in table.rows] == ROWS


@pytest.mark.parametrize("kind", FORMATS)
def test_empty_file_is_refused(tmp_path, kind):
    with pytest.raises(InputError, match="the file is empty"):
        _open(tmp_path / f"x.{kind}", b"")


@pytest.mark.parametrize(
    ("kind", "data"), [("csv", b"a,b\n"), ("tsv", b"a\tb"), ("txt", b"a\tb\n")]
)
def test_header_alone_is_refused(tmp_path, kind, data):
    with pytest.raises(InputError, match="the file has a header and no rows"):
        _open(tmp_path / f"x.{kind}", data)


def test_blank_json_lines_alone_are_refused(tmp_path):
    with pytest.raises(InputError, match="the file has no rows"):
        _open(tmp_path / "x.jsonl", b"\n\n")


def test_txt_without_tabs_is_refused_with_the_cure(tmp_path):
    with pytest.raises(InputError, match=r"holds no tabs.*give a \.tsv, \.csv or \.jsonl file"):
        _open(tmp_path / "x.txt", b"just text\n")


KINDS = {
    "text\tlabel\na\t0\n": "tsv",
    "\n\ntext\tlabel\n\na\t0\n": "tsv",
    'text\tlabel\n"two\nlines"\t0\n': "tsv",
    "document\nfirst text\n": "txt",
    "\tChapter 1\nIt was a day.\n": "txt",
    "\tChapter 1\n\tIt was a day.\n": "txt",
    "Title\tAuthor\n\nIt was a day.\n": "txt",
    "a text\t\nwith\ttabs\n": "txt",
    "text\n": "txt",
}


@pytest.mark.parametrize("content", KINDS)
@pytest.mark.parametrize("name", ["x.txt", "x.TXT.gz"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_txt_is_a_table_if_its_first_lines_are(tmp_path, content, name, end):
    data = content.replace("\n", end).encode()
    (tmp_path / name).write_bytes(gzip.compress(data) if name.endswith("gz") else data)
    opened = open_data(parse_spec(tmp_path / name), plain=True)["train"]
    assert isinstance(opened, PlainText) == (KINDS[content] == "txt")


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ('{"text": ', "line 2: this is not valid JSON"),
        ("[" * 100_000, "line 2: this is not valid JSON"),
        ('["text", 1]', "line 2: the line must be a JSON object .* got a list"),
        ("5", "got a int"),
    ],
)
def test_broken_json_is_refused_with_its_line(tmp_path, line, complaint):
    table = _open(tmp_path / "x.jsonl", f'{{"text": "a", "label": 1}}\n{line}\n'.encode())
    with pytest.raises(InputError, match=complaint):
        list(table.rows)


def test_the_place_in_broken_json_is_told_once(tmp_path):
    with pytest.raises(InputError) as caught:
        _open(tmp_path / "x.jsonl", b'{"text" "a"}\n')
    assert str(caught.value).endswith(
        "x.jsonl, line 1: this is not valid JSON (Expecting ':' delimiter at character 9)."
    )


DELIMITERS = {"csv": ",", "tsv": "\t"}
WRONG = [(kind, other) for kind, own in DELIMITERS.items() for other in ",\t;|" if other != own]


@pytest.mark.parametrize(("kind", "other"), WRONG)
@pytest.mark.parametrize("row", ["a{0}0", '"a, b\t c"{0}0', '"a{0}b"{0}0'])
@pytest.mark.parametrize("declared", [False, True])
def test_another_delimiter_than_the_ending_says_is_found_and_said(
    tmp_path, kind, other, row, declared
):
    data = f"text{other}label\n" + f"{row.format(other)}\n" * 3
    table = _open(tmp_path / f"x.{kind}", (f"sep={other}\n" * declared + data).encode())
    assert table.columns == ("text", "label")
    assert [line for line, _ in table.rows] == [2 + declared, 3 + declared, 4 + declared]
    assert bool(table.guesses) != declared


@pytest.mark.parametrize(("kind", "other"), WRONG)
def test_a_delimiter_that_fits_the_header_alone_is_no_guess(tmp_path, kind, other):
    with pytest.raises(InputError, match=r"x\.\w+: it is not clear what separates the columns"):
        _open(tmp_path / f"x.{kind}", f"text{other}label\nno more columns\nhere\n".encode())


HEADLESS = {
    "label first": ([("0", "a film"), ("1", "b"), ("0", "c"), ("1", "d"), ("0", "e")], "2", "1"),
    "text first": ([("a film", "x"), ("text", "y"), ("c", "x"), ("d", "y"), ("e", "x")], "1", "2"),
    "with an index": (
        [(n, "pos" if n % 2 else "neg", f"{n}번째 영화") for n in range(9)], "3", "2"
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", DELIMITERS)
@pytest.mark.parametrize("header", [None, False])
@pytest.mark.parametrize("case", HEADLESS)
def test_a_table_without_a_header_loses_no_row(tmp_path, kind, header, case):
    rows, text, label = HEADLESS[case]
    data = "".join(DELIMITERS[kind].join(map(str, row)) + "\n" for row in rows)
    table = _open(tmp_path / f"x.{kind}", data.encode(), header=header)
    assert [tuple(row.values()) for _, row in table.rows] == [tuple(map(str, r)) for r in rows]
    assert table.likely == (text, label)
    assert table.guesses == (("no header (`--header`)",) if header is None else ())


@pytest.mark.parametrize(
    "header",
    ["text,label", "Satz,Urteil", ",review", "0,1", "Unnamed: 0,text", "review,1", "text,7"],
)
def test_names_are_a_header(tmp_path, header):
    table = _open(tmp_path / "x.csv", f"{header}\n".encode() + b"a film,7\nb,8\n" * 9)
    assert table.columns == tuple(header.split(","))
    assert table.guesses == ()


def test_the_width_is_that_of_the_first_row_however_long_it_is(tmp_path):
    long = "\n".join(f"line {n}" for n in range(300))
    table = _open(tmp_path / "x.csv", f'"{long}",1\nb,0\n'.encode(), header=False)
    assert table.columns == ("1", "2")
    assert [tuple(row.values()) for _, row in table.rows] == [(long, "1"), ("b", "0")]


@pytest.mark.parametrize(
    ("data", "rows"), [("1,fine\n0,dull\n0,so\n", 3), ("1,2\n0,dull\n0,so\n", 2)]
)
def test_a_model_that_learnt_without_a_header_expects_none(tmp_path, data, rows):
    table = _open(tmp_path / "x.csv", data.encode(), known=Columns("2", "1"))
    assert table.columns == ("1", "2") and len(list(table.rows)) == rows


def test_a_header_of_usual_names_is_one_whatever_was_learnt_from(tmp_path):
    table = _open(tmp_path / "x.csv", b"label,text\n0,dull\n0,so\n", known=Columns("2", "1"))
    assert table.columns == ("label", "text")


def test_a_header_that_is_said_to_be_one_is_one(tmp_path):
    table = _open(tmp_path / "x.csv", b"0,a film\n" * 9, header=True)
    assert table.columns == ("0", "a film")


@pytest.mark.parametrize("kind", ["csv", "tsv"])
@pytest.mark.parametrize("line", ['{"text": "a", "label": 1}', '[{"text": "a"}]', "["])
def test_json_under_the_name_of_a_table_is_named(tmp_path, kind, line):
    with pytest.raises(InputError, match=r"this looks like JSON; call the file \.json\.$"):
        _open(tmp_path / f"x.{kind}", f"{line}\n{line}\n".encode())


@pytest.mark.parametrize("kind", FORMATS)
def test_carriage_returns_alone_end_the_rows_of_every_format(tmp_path, kind):
    rows = [row for row in ROWS if "\n" not in row[0]]
    data = _written(kind, "\n", rows).replace("\n", "\r").encode()
    table = _open(tmp_path / f"x.{kind}", data)
    assert [(row["text"], row["label"]) for _, row in table.rows] == rows


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("a", "a"),
        (None, ""),
        (True, "true"),
        (False, "false"),
        (3, "3"),
        (2.5, "2.5"),
        ("좋다".encode(), "좋다"),
        (decimal.Decimal("1.50"), "1.50"),
        (datetime.date(2026, 1, 2), "2026-01-02"),
        (datetime.datetime(2026, 1, 2, 3, 4), "2026-01-02 03:04:00"),
        (datetime.time(3, 4), "03:04:00"),
    ],
)
def test_cells_become_text(value, text):
    assert as_text(value) == text


def test_bytes_that_are_no_text_are_refused():
    with pytest.raises(ValueError, match="bytes that are not valid UTF-8"):
        as_text(b"\xff")


@pytest.mark.parametrize("value", [[], {}])
def test_nested_cells_are_refused(value):
    with pytest.raises(ValueError, match=type(value).__name__):
        as_text(value)
