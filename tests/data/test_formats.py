"""One small corpus, written in every format that is read: each gives the same examples."""

import csv
import gzip
import io
import itertools
import json
import sys
import zipfile

import pyarrow
import pyarrow.parquet
import pytest

from nlpkit.data import prepare, prepare_text
from nlpkit.data.opening import open_tables
from nlpkit.data.spec import parse_spec
from nlpkit.errors import InputError
from nlpkit.serve import read_texts

NAMES = ("부정", "긍정")
ROWS = [
    (f"{number}번째 영화, {'최고' if number % 2 else '최악'}예요", NAMES[number % 2])
    for number in range(40)
]
FILES = {f"{label}/{number:02}.txt": text.encode() for number, (text, label) in enumerate(ROWS)}


def _delimited(delimiter, header=("text", "label"), rows=ROWS):
    stream = io.StringIO(newline="")
    csv.writer(stream, delimiter=delimiter).writerows([*([header] if header else []), *rows])
    return stream.getvalue()


def _table(names=None):
    labels = [label if names is None else names.index(label) for _, label in ROWS]
    table = pyarrow.table({"id": range(40), "text": [text for text, _ in ROWS], "label": labels})
    feature = {"names": names, "_type": "ClassLabel"} if names else {"dtype": "string"}
    note = json.dumps({"info": {"features": {"label": feature}}})
    return table.replace_schema_metadata({"huggingface": note})


def _parquet(names=None):
    stream = io.BytesIO()
    pyarrow.parquet.write_table(_table(names), stream, row_group_size=7)
    return stream.getvalue()


def _arrow(kind, table):
    stream = io.BytesIO()
    with kind(stream, table.schema) as writer:
        writer.write_table(table, max_chunksize=7)
    return stream.getvalue()


def _stream(table):
    return _arrow(pyarrow.ipc.new_stream, table)


def _saved(parts):
    """What `save_to_disk` writes: the rows in several files, which its state lists."""
    state = {"_data_files": [{"filename": f"data-{n}.arrow"} for n in range(parts)]}
    size = -(-len(ROWS) // parts)
    tables = [_table(NAMES).slice(n * size, size) for n in range(parts)]
    return {
        "state.json": json.dumps(state).encode(),
        "dataset_info.json": b"{}",
        **{f"data-{n}.arrow": _stream(table) for n, table in enumerate(tables)},
    }


def _zipped(files):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return stream.getvalue()


def _below(folder, files):
    return {f"{folder}/{name}": data for name, data in files.items()}


OBJECTS = [{"id": n, "text": text, "label": label} for n, (text, label) in enumerate(ROWS)]
LINES = "".join(json.dumps(each) + "\n" for each in OBJECTS)
FASTTEXT = "".join(f"__label__{label} {text}\n" for text, label in ROWS)
COMMAS = _delimited(",").encode()

# The name of each, and what it holds: bytes, or files by their paths.
FORMATS = {
    "commas": ("x.csv", COMMAS),
    "tabs": ("x.tsv", _delimited("\t").encode()),
    "tabs in a .txt": ("x.txt", _delimited("\t").encode()),
    "semicolons": ("x.csv", _delimited(";").encode()),
    "bars": ("x.csv", _delimited("|").encode()),
    "Excel": ("x.csv", b"\xef\xbb\xbf" + _delimited(";").encode()),
    "Excel's declaration": ("x.csv", f"sep=;\r\n{_delimited(';')}".encode("utf-8-sig")),
    "Excel's Unicode text": ("x.txt", _delimited("\t").encode("utf-16")),
    "UTF-16 without a mark": ("x.csv", COMMAS.decode().encode("utf-16-le")),
    "cp949": ("x.csv", COMMAS.decode().encode("cp949")),
    "no header": ("x.csv", _delimited(",", None).encode()),
    "no header, label first": (
        "x.csv", _delimited(",", None, [row[::-1] for row in ROWS]).encode()
    ),
    "Kaggle's index": (
        "x.csv",
        _delimited(",", ("", "리뷰", "감성"), [(n, *row) for n, row in enumerate(ROWS)]).encode(),
    ),
    "pandas' index": (
        "x.csv",
        _delimited(
            ",", ("Unnamed: 0", "review", "y"), [(n, *row) for n, row in enumerate(ROWS)]
        ).encode(),
    ),
    "gzip": ("x.csv.gz", gzip.compress(COMMAS)),
    "JSON lines": ("x.jsonl", LINES.encode()),
    "JSON lines called .json": ("x.json", LINES.encode()),
    "JSON lines called .ndjson": ("x.ndjson", LINES.encode()),
    "JSON array": ("x.json", json.dumps(OBJECTS).encode()),
    "JSON array, indented": ("x.json", json.dumps(OBJECTS, indent=1).encode()),
    "JSON array, UTF-16": ("x.json", json.dumps(OBJECTS, ensure_ascii=False).encode("utf-16")),
    "JSON array called .jsonl": ("x.jsonl", json.dumps(OBJECTS).encode()),
    "fastText": ("x.txt", FASTTEXT.encode()),
    "fastText with tabs": ("x.txt", FASTTEXT.replace(" ", "\t", 1).encode()),
    "fastText called .csv": ("x.csv", FASTTEXT.encode()),
    "Parquet": ("x.parquet", _parquet()),
    "Parquet with the names of classes": ("x.parquet", _parquet(NAMES)),
    "Arrow file": ("x.arrow", _arrow(pyarrow.ipc.new_file, _table(NAMES))),
    "Arrow stream": ("x.arrow", _stream(_table())),
    "folder of classes": ("x", FILES),
    "folder of classes in a folder": ("x", _below("reviews", FILES)),
    "aclImdb": (
        "x",
        {**_below("train", FILES), "README": b"", "imdb.vocab": b"", "train/unsup/1.txt": b"no"},
    ),
    "cp949 in files": (
        "x", {name: data.decode().encode("cp949") for name, data in FILES.items()}
    ),
    "saved dataset": ("x", _saved(1)),
    "saved dataset in parts": ("x", _saved(3)),
    "saved datasets by split": ("x", {"dataset_dict.json": b"{}", **_below("train", _saved(2))}),
    "hub's Parquet files": ("x", {"README.md": b"", "data/train-0-of-1.parquet": _parquet(NAMES)}),
    "folder of one table": ("x", {"reviews.csv": COMMAS, ".DS_Store": b"\0"}),
    "zip of a table": ("x.zip", _zipped({"x.csv": COMMAS})),
    "zip of Parquet": ("x.zip", _zipped({"x.parquet": _parquet(NAMES)})),
    "zip of a gzip": ("x.csv.zip", _zipped({"x.csv.gz": gzip.compress(COMMAS)})),
    "zip of classes": (
        "x.zip", _zipped({**_below("reviews", FILES), "__MACOSX/._a.txt": b"\0", "b/": b""})
    ),
    "zip of a saved dataset": ("x.zip", _zipped(_below("data", _saved(2)))),
}  # fmt: skip


def write(folder, name, content):
    """Writes a file, or the files of a folder."""
    path = folder / name
    files = content if isinstance(content, dict) else {"": content}
    for part, data in files.items():
        (path / part).parent.mkdir(parents=True, exist_ok=True)
        (path / part).write_bytes(data)
    return path


@pytest.fixture(params=FORMATS)
def written(request, tmp_path):
    """The corpus in one of the formats."""
    return write(tmp_path, *FORMATS[request.param])


def _examples(corpus):
    splits = itertools.chain(corpus.train, corpus.validation, corpus.test)
    return sorted((text, corpus.labels.names[label]) for text, label in splits)


def test_sentiment_reads_the_same_from_every_format(written, tmp_path):
    corpus = prepare(written, directory=tmp_path / "shards")
    assert _examples(corpus) == sorted(ROWS)
    assert corpus.train.size == 28


def test_every_format_serves_as_test_data(written, tmp_path):
    train = write(tmp_path, "train.csv", COMMAS)
    corpus = prepare(train, test_data=written, directory=tmp_path / "shards")
    examples = sorted((text, corpus.labels.names[label]) for text, label in corpus.test)
    assert examples == sorted(ROWS)


def test_next_word_learns_the_texts_of_every_format(written, tmp_path):
    corpus = prepare_text(written, directory=tmp_path / "passages")
    passages = [*corpus.train, *corpus.validation, *corpus.test]
    assert sorted(passages) == sorted(text for text, _ in ROWS) or corpus.form == "running text"
    assert set("".join(passages)) >= set("".join(text for text, _ in ROWS))


def test_predict_takes_the_texts_of_every_format(written):
    assert sorted(read_texts(written)) == sorted(text for text, _ in ROWS)


SPLIT = {"train": ROWS[:30], "valid": ROWS[30:34], "test": ROWS[34:]}


def _by_split(written):
    return {split: written(rows) for split, rows in SPLIT.items()}


SPLITS = {
    "folders of classes": {
        f"{split}/{label}/{number}.txt": text.encode()
        for split, rows in SPLIT.items()
        for number, (text, label) in enumerate(rows)
    },
    "tables": {
        f"{split}.csv": _delimited(",", rows=rows).encode() for split, rows in SPLIT.items()
    },
    "tables among others": {
        f"ratings_{split}.txt": _delimited("\t", rows=rows).encode()
        for split, rows in SPLIT.items()
    } | {"LICENSE.txt": b"free", "unlabelled.tsv": b"text\na\n"},
    "parts of tables": {
        f"data/{split}-{part}-of-2.csv": _delimited(",", rows=rows[part::2]).encode()
        for split, rows in SPLIT.items()
        for part in range(2)
    },
}  # fmt: skip


@pytest.mark.parametrize("case", SPLITS)
@pytest.mark.parametrize("packed", [False, True])
def test_splits_of_a_folder_stay_apart(tmp_path, case, packed):
    files = SPLITS[case]
    path = write(tmp_path, *(("x.zip", _zipped(files)) if packed else ("x", files)))
    corpus = prepare(path, directory=tmp_path / "shards")
    sizes = (corpus.train.size, corpus.validation.size, corpus.test.size)
    assert sizes == (30, 4, 6)
    assert {text for text, _ in corpus.test} == {text for text, _ in SPLIT["test"]}
    assert sorted(read_texts(path)) == sorted(text for text, _ in SPLIT["test"])


def test_a_test_table_without_labels_is_left_out_and_that_is_said(tmp_path):
    files = {"train.csv": COMMAS, "test.csv": b"id,text\n1,a\n", "sample_submission.csv": b"id\n"}
    said = []
    corpus = prepare(write(tmp_path, "x", files), directory=tmp_path / "shards", tell=said.append)
    assert _examples(corpus) == sorted(ROWS)
    assert "test left out, for it has no column 'label'" in said[0]


def test_folders_of_plain_text_are_one_running_text(tmp_path):
    texts = {f"book/{n}.txt": f"제{n}장\n\n{'영화를 보았다. ' * 20}\n" for n in range(30)}
    path = write(tmp_path, "x", {name: text.encode() for name, text in texts.items()})
    corpus = prepare_text(path, directory=tmp_path / "passages")
    assert (corpus.form, corpus.text_column, corpus.encoding) == ("running text", None, "utf-8")
    chapters = [p for part in (corpus.train, corpus.validation, corpus.test) for p in part]
    assert [p for p in chapters if p.startswith("제")] == [
        f"제{n}장" for n in sorted(range(30), key=str)
    ]


GUESSED = {
    "Kaggle's index": "text in column '리뷰' (`--text-column`), label in column '감성' (`--label",
    "pandas' index": "text in column 'review' (`--text-column`), label in column 'y'",
    "semicolons": "columns separated by ';'",
    "cp949": "encoding cp949 (`--encoding`)",
    "UTF-16 without a mark": "encoding utf-16-le (`--encoding`)",
    "no header": "no header (`--header`), text in column '1' (`--text-column`), label in column",
    "tabs in a .txt": "a table with tabs",
    "JSON lines called .json": "an object a line",
    "fastText": "fastText's lines",
    "folder of classes": "a folder of texts for each class ('긍정', '부정')",
}  # fmt: skip


@pytest.mark.parametrize("case", GUESSED)
def test_what_was_guessed_is_said_in_one_line(tmp_path, case):
    path, said = write(tmp_path, *FORMATS[case]), []
    prepare(path, directory=tmp_path / "shards", tell=said.append)
    (line,) = said
    assert line.startswith(f"{path}: guessed {GUESSED[case]}")


@pytest.mark.parametrize("case", ["commas", "Excel's declaration", "Parquet", "gzip"])
def test_where_names_tell_everything_nothing_is_said(tmp_path, case):
    path, said = write(tmp_path, *FORMATS[case]), []
    prepare(path, directory=tmp_path / "shards", tell=said.append)
    assert said == []


def test_what_is_given_is_not_guessed(tmp_path):
    path, said = write(tmp_path, *FORMATS["cp949"]), []
    given = {"encoding": "cp949", "text_column": "text", "label_column": "label"}
    corpus = prepare(path, **given, directory=tmp_path / "shards", tell=said.append)
    assert (said, corpus.encoding) == ([], "cp949")


@pytest.mark.parametrize(("test", "kept"), [("cp949", "cp949"), ("utf-8", None)])
def test_the_encoding_is_kept_if_all_files_have_it(tmp_path, test, kept):
    path = write(tmp_path, *FORMATS["cp949"])
    other = write(tmp_path, "test.csv", COMMAS.decode().encode(test))
    corpus = prepare(path, test_data=other, directory=tmp_path / "shards")
    assert corpus.encoding == kept
    assert sorted(text for text, _ in corpus.test) == sorted(text for text, _ in ROWS)


ROW = b'{"text": "a", "label": 1}'
BROKEN = {
    "array cut off": ("x.json", b"[%b, {" % ROW, "element 2: .*not valid JSON"),
    "array without a comma": ("x.json", b"[%b {}]" % ROW, "element 1: a comma or ]"),
    "array of lists": ("x.json", b"[[1]]", "element 1: the elements .* must be objects, got"),
    "array and more": ("x.json", b"[%b] 1" % ROW, "nothing may follow the JSON array"),
    "empty array": ("x.json", b"[ ]", "the file has no rows"),
    "one object": ("x.json", b'{"text":\n"a"}', "line 1: this is not valid JSON"),
    "line without a label": ("x.txt", b"__label__a b\nb\n", "line 2: every line must begin with"),
    "line of two labels": ("x.txt", b"__label__a __label__b c\n", "line 1: .* one label only"),
    "no Parquet": ("x.parquet", b"PAR1", "no sound file of its kind, a Parquet file"),
    "no Arrow": ("x.arrow", b"text", "no sound file of its kind, an Arrow file"),
    "cut off Arrow": ("x.arrow", _stream(_table())[:-900], "no sound file of its kind"),
    "no zip": ("x.zip", b"text", "this is no sound .zip file"),
    "empty zip": ("x.zip", _zipped({}), "there is nothing to read in it"),
    "path out of the zip": ("x.zip", _zipped({"../x.csv": COMMAS}), "leads out of it"),
    "absolute path in the zip": ("x.zip", _zipped({"/x.csv": COMMAS}), "leads out of it"),
    "bomb": (
        "x.zip", _zipped({f"{n}.csv": bytes(1 << 26) for n in range(5)}),
        "must unpack to at most 100 times its size, got 335,544,320 bytes from",
    ),
    "empty folder": ("x", {".keep": b""}, "there is nothing to read in it"),
    "texts without classes": ("x", {"1.txt": b"a", "2.txt": b"b"}, "have no labels; put .* class"),
    "tables": ("x", {"a.csv": COMMAS, "b.csv": COMMAS}, "must hold one table, .* got 'a.csv', 'b"),
    "parts with other columns": (
        "x", {"p-1.csv": COMMAS, "p-2.csv": _delimited(",", ("a", "b")).encode()},
        "p-2.csv: the parts of a table must have the same columns",
    ),
    "selected rows": (
        "x", {"state.json": b'{"_data_files": [], "_indices_files": [{"filename": "i"}]}'},
        "flatten_indices",
    ),
    "missing part": (
        "x", {"state.json": b'{"_data_files": [{"filename": "d.arrow"}]}'}, "d.arrow is missing",
    ),
    "unknown state": ("x", {"state.json": b"[]"}, "no such file of `datasets` is known"),
}  # fmt: skip


@pytest.mark.parametrize("fault", BROKEN)
def test_what_is_broken_is_named(tmp_path, fault):
    name, content, complaint = BROKEN[fault]
    path = write(tmp_path, name, content)
    with pytest.raises(InputError, match=rf"{path}.*{complaint}"):
        prepare(path, text_column="text", directory=tmp_path / "shards")


@pytest.mark.parametrize("ending", ["csv", "json", "parquet", "arrow", "zip"])
def test_a_missing_file_is_named_whatever_its_format(tmp_path, ending):
    with pytest.raises(InputError, match=f"no.{ending}: there is no such file"):
        open_tables(parse_spec(tmp_path / f"no.{ending}"))


def test_an_encrypted_archive_is_refused(tmp_path):
    data = bytearray(_zipped({"x.csv": COMMAS}))
    for magic, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(magic) + place] |= 1
    with pytest.raises(InputError, match=r"'x.csv' is encrypted; unpack the archive first"):
        open_tables(parse_spec(write(tmp_path, "x.zip", data)))


def test_damage_in_an_archive_is_named(tmp_path):
    data = bytearray(_zipped({"x.csv": COMMAS}))
    data[100] ^= 255
    with pytest.raises(InputError, match=r"x\.zip/x\.csv"):
        for _ in open_tables(parse_spec(write(tmp_path, "x.zip", data)))["train"].rows:
            pass


def test_names_in_an_archive_of_korean_windows_are_read(tmp_path):
    files = {name.encode("cp949").decode("cp437"): data for name, data in FILES.items()}
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files.items():
            archive.writestr(_Unmarked(name), content)
    corpus = prepare(path, directory=tmp_path / "shards")
    assert _examples(corpus) == sorted(ROWS)


class _Unmarked(zipfile.ZipInfo):
    """A member whose name is in the encoding of old programs."""

    def _encodeFilenameFlags(self):
        return self.filename.encode("cp437"), self.flag_bits


def test_without_pyarrow_the_error_says_how_to_install_it(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    path = write(tmp_path, *FORMATS["Parquet"])
    with pytest.raises(InputError, match=r"pyarrow, which is not installed; .* pip install"):
        open_tables(parse_spec(path))
