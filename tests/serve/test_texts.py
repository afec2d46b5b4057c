"""Texts to be predicted come from lines and from tables, and errors name what is wrong."""

import gzip
import io
import socket
import sys

import pytest

from nlpkit.data import Columns
from nlpkit.errors import InputError
from nlpkit.serve import read_texts

LINES = [
    "정말 좋다",
    "",
    'a "quote',
    "tab\there",
    "null\0byte",
    "line\u2028separator",
    "x" * 1_000_000,
]


def write(path, content):
    data = content.encode()
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    return path


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("name", ["texts.txt", "texts.txt.gz"])
def test_a_line_is_a_text(tmp_path, name, end):
    path = write(tmp_path / name, end.join(LINES))
    assert list(read_texts(path)) == LINES


TABLES = {
    "t.csv": 'text,label\n"a, b",0\n가,1\n',
    "t.csv.gz": 'text,label\n"a, b",0\n가,1\n',
    "t.tsv": "label\ttext\n0\ta, b\n1\t가\n",
    "t.txt": "label\ttext\n0\ta, b\n1\t가\n",
    "t.jsonl": '{"text": "a, b"}\n{"text": "가", "label": 1}\n',
}


@pytest.mark.parametrize("text_column", [None, "text"])
@pytest.mark.parametrize("name", TABLES)
def test_a_table_gives_its_text_column(tmp_path, name, text_column):
    path = write(tmp_path / name, TABLES[name])
    assert list(read_texts(path, text_column=text_column)) == ["a, b", "가"]


@pytest.mark.parametrize("text_column", [None, "text"])
def test_a_txt_with_tabs_is_a_table_whether_a_column_is_named_or_not(tmp_path, text_column):
    path = write(tmp_path / "ratings.txt", "id\ttext\tlabel\n1\t좋다\t1\n")
    assert list(read_texts(path, text_column=text_column)) == ["좋다"]


@pytest.mark.parametrize("name", ["texts.txt", "texts.txt.gz"])
def test_carriage_returns_alone_end_texts(tmp_path, name):
    path = write(tmp_path / name, "\r".join(["a", "", "정말 좋다", "b"]))
    assert list(read_texts(path)) == ["a", "", "정말 좋다", "b"]


def test_a_column_of_plain_lines_is_refused(tmp_path):
    path = write(tmp_path / "texts.txt", "정말 좋다\nb\n")
    with pytest.raises(InputError, match="holds no tabs between columns .*, so it is no table"):
        list(read_texts(path, text_column="text"))


def test_the_only_column_is_the_text(tmp_path):
    path = write(tmp_path / "t.csv", "anything\na\nb\n")
    assert list(read_texts(path)) == ["a", "b"]


@pytest.mark.parametrize("column", ["document", "리뷰", "tweet"])
def test_a_usual_column_is_guessed_as_in_training(tmp_path, column):
    path = write(tmp_path / "t.csv", f"tweet_id,{column}\n1,a\n2,b\n")
    assert list(read_texts(path)) == ["a", "b"]


def test_the_column_learnt_from_is_taken_first(tmp_path):
    path = write(tmp_path / "t.csv", "text,Satz\n1,a\n2,b\n")
    assert list(read_texts(path, known=Columns("Satz"))) == ["a", "b"]


@pytest.fixture
def stdin(monkeypatch):
    """Puts a stream of bytes in the place of standard input."""

    def put(stream):
        monkeypatch.setattr(sys, "stdin", stream and io.TextIOWrapper(stream))

    return put


def test_standard_input_gives_lines(stdin):
    stdin(io.BytesIO("좋다\n\nb".encode()))
    assert list(read_texts("-")) == ["좋다", "", "b"]
    assert not sys.stdin.closed


def test_standard_input_is_answered_a_line_at_a_time_also_from_a_socket(stdin):
    ours, theirs = socket.socketpair()
    with ours, theirs, theirs.makefile("rb") as stream:
        stdin(stream)
        texts = read_texts("-")
        for text in ("좋다", "", "b"):
            ours.sendall(f"{text}\n".encode())
            assert next(texts) == text
        ours.shutdown(socket.SHUT_WR)
        assert list(texts) == []


def test_empty_standard_input_gives_no_text(stdin):
    stdin(io.BytesIO())
    assert list(read_texts("-")) == []


def test_bytes_of_standard_input_that_are_no_text_are_named(stdin):
    stdin(io.BytesIO(b"fine\n\xff\n"))
    with pytest.raises(InputError, match="standard input, line 2: the bytes are not valid utf-8"):
        list(read_texts("-"))


def test_closed_standard_input_is_named(stdin):
    stdin(None)
    with pytest.raises(InputError, match="reads standard input, but that is closed"):
        read_texts("-")


@pytest.mark.parametrize(
    ("name", "content", "options", "message"),
    [
        ("t.csv", "a,b\n1,2\n", {}, "name it with `--text-column`; the columns are 'a', 'b'"),
        ("t.csv", "a,b\n1,2\n", {"text_column": "c"}, "no column 'c' for `--text-column`; .* 'a'"),
        ("t.jsonl", '{"text": "a"}\n{"b": 1}\n', {}, "line 2: the column 'text' is missing here"),
        ("t.jsonl", '{"text": [1]}\n', {}, "line 1: the text must be a single value, got a list"),
        ("t.csv", "text,text\na,b\n", {}, "two columns are called 'text'; rename one"),
        ("t.csv", "text;label\na\nb\n", {}, "not clear what separates the columns"),
        ("t.csv", "", {}, "the file is empty"),
        ("t.txt", "", {}, "the file is empty"),
        ("t.txt.gz", "", {}, "the file is empty"),
        ("t.xlsx", "", {}, "must be a .csv, .tsv, .jsonl, .json, .txt or .parquet file"),
        ("t.txt", "b\n", {"encoding": "utf-99"}, "`--encoding` must name a text encoding"),
    ],
)
def test_bad_input_is_named(tmp_path, name, content, options, message):
    path = write(tmp_path / name, content)
    with pytest.raises(InputError, match=message):
        list(read_texts(path, **options))


def test_bytes_that_are_no_text_are_named(tmp_path):
    path = tmp_path / "t.txt"
    path.write_bytes(b"fine\n\xff\n")
    with pytest.raises(InputError, match="line 2: the bytes are not valid utf-8; .*--encoding"):
        list(read_texts(path))


@pytest.mark.parametrize(
    ("path", "options", "message"),
    [
        ("-", {"text_column": "text"}, "`--text-column` needs a table in a file, got 'text'"),
        ("tfds:imdb_reviews", {}, "`--input` must be a file or - for standard input, got 'tfds:"),
        ("", {}, "^`--input` must be a file or - for standard input, got ''"),
        ("missing.txt", {}, "missing.txt: there is no such file"),
    ],
)
def test_what_is_no_file_is_refused(path, options, message):
    with pytest.raises(InputError, match=message):
        list(read_texts(path, **options))


@pytest.mark.parametrize("rows", ["1,fine\n0,dull\n0,so\n", "fine\ndull\nso\n"])
def test_a_model_that_learnt_without_a_header_loses_no_row(tmp_path, rows):
    path = write(tmp_path / "t.csv", rows)
    assert list(read_texts(path, known=Columns("2", "1"))) == ["fine", "dull", "so"]
