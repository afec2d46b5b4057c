"""One small corpus, written in every format that is read."""

import csv
import gzip
import io
import itertools
import json
import zipfile

import pyarrow
import pyarrow.parquet

NAMES = ("부정", "긍정")
ROWS = [
    (f"{number}번째 영화, {'최고' if number % 2 else '최악'}예요", NAMES[number % 2])
    for number in range(40)
]
FILES = {f"{label}/{number:02}.txt": text.encode() for number, (text, label) in enumerate(ROWS)}


def delimited(delimiter, header=("text", "label"), rows=ROWS):
    stream = io.StringIO(newline="")
    csv.writer(stream, delimiter=delimiter).writerows([*([header] if header else []), *rows])
    return stream.getvalue()


def table(names=None):
    labels = [label if names is None else names.index(label) for _, label in ROWS]
    rows = pyarrow.table({"id": range(40), "text": [text for text, _ in ROWS], "label": labels})
    feature = {"names": names, "_type": "ClassLabel"} if names else {"dtype": "string"}
    note = json.dumps({"info": {"features": {"label": feature}}})
    return rows.replace_schema_metadata({"huggingface": note})


def _parquet(names=None, kind=None):
    stream, rows = io.BytesIO(), table(names)
    if kind:
        rows = rows.set_column(1, "text", rows["text"].cast(kind))
    pyarrow.parquet.write_table(rows, stream, row_group_size=7)
    return stream.getvalue()


def _arrow(kind, table):
    stream = io.BytesIO()
    with kind(stream, table.schema) as writer:
        writer.write_table(table, max_chunksize=7)
    return stream.getvalue()


def stream(rows):
    return _arrow(pyarrow.ipc.new_stream, rows)


def _saved(parts):
    """What `save_to_disk` writes: the rows in several files, which its state lists."""
    state = {"_data_files": [{"filename": f"data-{n}.arrow"} for n in range(parts)]}
    size = -(-len(ROWS) // parts)
    tables = [table(NAMES).slice(n * size, size) for n in range(parts)]
    return {
        "state.json": json.dumps(state).encode(),
        "dataset_info.json": b"{}",
        **{f"data-{n}.arrow": stream(table) for n, table in enumerate(tables)},
    }


def zipped(files, packing=zipfile.ZIP_DEFLATED):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", packing) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return stream.getvalue()


def below(folder, files):
    return {f"{folder}/{name}": data for name, data in files.items()}


OBJECTS = [{"id": n, "text": text, "label": label} for n, (text, label) in enumerate(ROWS)]
LINES = "".join(json.dumps(each) + "\n" for each in OBJECTS)
FASTTEXT = "".join(f"__label__{label} {text}\n" for text, label in ROWS)
COMMAS = delimited(",").encode()

# The name of each, and what it holds: bytes, or files by their paths.
FORMATS = {
    "commas": ("x.csv", COMMAS),
    "tabs": ("x.tsv", delimited("\t").encode()),
    "tabs in a .txt": ("x.txt", delimited("\t").encode()),
    "semicolons": ("x.csv", delimited(";").encode()),
    "bars": ("x.csv", delimited("|").encode()),
    "Excel": ("x.csv", b"\xef\xbb\xbf" + delimited(";").encode()),
    "Excel's declaration": ("x.csv", f"sep=;\r\n{delimited(';')}".encode("utf-8-sig")),
    "Excel's Unicode text": ("x.txt", delimited("\t").encode("utf-16")),
    "UTF-16 without a mark": ("x.csv", COMMAS.decode().encode("utf-16-le")),
    "cp949": ("x.csv", COMMAS.decode().encode("cp949")),
    "no header": ("x.csv", delimited(",", None).encode()),
    "no header, label first": (
        "x.csv", delimited(",", None, [row[::-1] for row in ROWS]).encode()
    ),
    "Kaggle's index": (
        "x.csv",
        delimited(",", ("", "리뷰", "감성"), [(n, *row) for n, row in enumerate(ROWS)]).encode(),
    ),
    "pandas' index": (
        "x.csv",
        delimited(
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
    "Parquet of bytes": ("x.parquet", _parquet(kind=pyarrow.binary())),
    "Parquet with the names of classes": ("x.parquet", _parquet(NAMES)),
    "Arrow file": ("x.arrow", _arrow(pyarrow.ipc.new_file, table(NAMES))),
    "Arrow stream": ("x.arrow", stream(table())),
    "folder of classes": ("x", FILES),
    "folder of classes in a folder": ("x", below("reviews", FILES)),
    "aclImdb": (
        "x",
        {**below("train", FILES), "README": b"", "imdb.vocab": b"", "train/unsup/1.txt": b"no"},
    ),
    "cp949 in files": (
        "x", {name: data.decode().encode("cp949") for name, data in FILES.items()}
    ),
    "saved dataset": ("x", _saved(1)),
    "saved dataset in parts": ("x", _saved(3)),
    "saved datasets by split": ("x", {"dataset_dict.json": b"{}", **below("train", _saved(2))}),
    "hub's Parquet files": ("x", {"README.md": b"", "data/train-0-of-1.parquet": _parquet(NAMES)}),
    "folder of one table": ("x", {"reviews.csv": COMMAS, ".DS_Store": b"\0"}),
    "zip of a table": ("x.zip", zipped({"x.csv": COMMAS})),
    "zip of Parquet": ("x.zip", zipped({"x.parquet": _parquet(NAMES)})),
    "zip of a gzip": ("x.csv.zip", zipped({"x.csv.gz": gzip.compress(COMMAS)})),
    "zip of classes": (
        "x.zip", zipped({**below("reviews", FILES), "__MACOSX/._a.txt": b"\0", "b/": b""})
    ),
    "zip of a saved dataset": ("x.zip", zipped(below("data", _saved(2)))),
}  # fmt: skip


def write(folder, name, content):
    """Writes a file, or the files of a folder."""
    path = folder / name
    files = content if isinstance(content, dict) else {"": content}
    for part, data in files.items():
        (path / part).parent.mkdir(parents=True, exist_ok=True)
        (path / part).write_bytes(data)
    return path


def examples(corpus):
    """The texts of all splits with the names of their labels, sorted."""
    splits = itertools.chain(corpus.train, corpus.validation, corpus.test)
    return sorted((text, corpus.labels.names[label]) for text, label in splits)
