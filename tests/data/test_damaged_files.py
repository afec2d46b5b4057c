"""Files and archives that are damaged, dangerous or of no known layout: each has its sentence."""

import errno
import io
import os
import sys
import zipfile

import pyarrow
import pyarrow.parquet
import pytest

from nlpkit.data import prepare
from nlpkit.data.opening import open_tables
from nlpkit.data.spec import parse_spec
from nlpkit.data.trees import open_tree
from nlpkit.errors import InputError
from tests.data.formats import (
    COMMAS,
    FILES,
    FORMATS,
    NAMES,
    ROWS,
    delimited,
    examples,
    stream,
    table,
    write,
    zipped,
)


def _parquet(values, kind):
    """A text that is not valid UTF-8 in the fourth row, which pyarrow writes unchecked."""
    raw = pyarrow.array([*values, b"\xff"], pyarrow.binary())
    text = pyarrow.Array.from_buffers(kind, len(raw), raw.buffers())
    written = io.BytesIO()
    pyarrow.parquet.write_table(pyarrow.table({"text": text, "label": ["0"] * len(raw)}), written)
    return written.getvalue()


def _pointing_outside():
    """An Arrow stream whose last text ends far beyond the file."""
    data = stream(pyarrow.table({"text": ["abc"] * 3, "label": ["0"] * 3}))
    ends = b"".join(end.to_bytes(4, "little") for end in (0, 3, 6, 9))
    return data.replace(ends, ends[:12] + (1 << 30).to_bytes(4, "little"))


TEXTS = [b"a", b"b", b"c"]
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
    "no Parquet": ("x.parquet", b"PAR1", "this is not a valid Parquet file"),
    "no Arrow": ("x.arrow", b"text", "this is not a valid Arrow file"),
    "cut off Arrow": ("x.arrow", stream(table())[:-900], "this is not a valid Arrow file"),
    "Arrow that points out of it": (
        "x.arrow", _pointing_outside(), "this is not a valid Arrow file",
    ),
    "Parquet of another encoding": (
        "x.parquet", _parquet(TEXTS, pyarrow.string()), "row 4: the text is not valid UTF-8",
    ),
    "Parquet of bytes of another encoding": (
        "x.parquet", _parquet(TEXTS, pyarrow.binary()), "row 4: .* got bytes that are not",
    ),
    "no zip": ("x.zip", b"text", "this is not a valid .zip file"),
    "empty zip": ("x.zip", zipped({}), "there is nothing to read in it"),
    "path out of the zip": ("x.zip", zipped({"../x.csv": COMMAS}), "leads out of it"),
    "absolute path in the zip": ("x.zip", zipped({"/x.csv": COMMAS}), "leads out of it"),
    "bomb": (
        "x.zip", zipped({f"{n}.csv": bytes(1 << 26) for n in range(5)}),
        "must unpack to at most 100 times its size, got 335,544,320 bytes from",
    ),
    "empty folder": ("x", {".keep": b""}, "there is nothing to read in it"),
    "texts without classes": ("x", {"1.txt": b"a", "2.txt": b"b"}, "have no labels; put .* class"),
    "tables": ("x", {"a.csv": COMMAS, "b.csv": COMMAS}, "must hold one table, .* got 'a.csv', 'b"),
    "parts with other columns": (
        "x", {"p-1.csv": COMMAS, "p-2.csv": delimited(",", ("a", "b")).encode()},
        "p-2.csv: the parts of a table must have the same columns",
    ),
    "selected rows": (
        "x", {"state.json": b'{"_data_files": [], "_indices_files": [{"filename": "i"}]}'},
        "flatten_indices",
    ),
    "missing part": (
        "x", {"state.json": b'{"_data_files": [{"filename": "d.arrow"}]}'}, "d.arrow is missing",
    ),
    "endless state": ("x", {"state.json": b"[" * 100_000}, "`datasets` did not write this; give"),
    "unknown state": ("x", {"state.json": b"[]"}, "`datasets` did not write this; give"),
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


LINKS = {"to its folder": ".", "to the folder above": "..", "to itself": "back", "to nothing": "no"}


@pytest.mark.parametrize("link", LINKS)
def test_links_that_lead_in_circles_add_no_texts(tmp_path, link):
    path = write(tmp_path, "x", FILES)
    (path / NAMES[0] / "back").symlink_to(LINKS[link])
    assert examples(prepare(path, directory=tmp_path / "shards")) == sorted(ROWS)


def test_links_to_folders_elsewhere_are_followed(tmp_path):
    path, elsewhere = tmp_path / "x", write(tmp_path, "elsewhere", FILES)
    path.mkdir()
    for name in NAMES:
        (path / name).symlink_to(elsewhere / name)
    assert examples(prepare(path, directory=tmp_path / "shards")) == sorted(ROWS)


@pytest.mark.parametrize("depth", [1, 9])
def test_no_file_is_too_deep_to_be_read(tmp_path, depth):
    deeper = "/".join("d" * depth)
    files = {name.replace("/", f"/{deeper}/"): data for name, data in FILES.items()}
    corpus = prepare(write(tmp_path, "x", files), directory=tmp_path / "shards")
    assert examples(corpus) == sorted(ROWS)


SAVED = FORMATS["saved dataset"]
# What is read, which part of it is refused, and by what: the call of the system.
REFUSED = {
    "folder": (("x", FILES), "", os.listdir),
    "folder in it": (("x", FILES), NAMES[0], os.listdir),
    "folder around it": (("x", FILES), "", os.stat),
    "folder around a part": (("x", FILES), f"{NAMES[0]}/00.txt", os.stat),
    "text of a class": (("x", FILES), f"{NAMES[0]}/00.txt", io.open),
    "list of files": (SAVED, "state.json", io.open),
    "file of a list": (SAVED, "data-0.arrow", io.open),
    **{
        name: (FORMATS[name], "", io.open)
        for name in ("commas", "JSON array", "Parquet", "Arrow file", "zip of a table")
    },
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_may_not_be_read_is_named_with_the_reason(tmp_path, monkeypatch, case):
    written, part, refused = REFUSED[case]
    path = write(tmp_path, *written)

    def call(file, *args, **options):
        if os.fspath(file) == str(path / part):
            raise PermissionError(errno.EACCES, "Permission denied", file)
        return refused(file, *args, **options)

    module = io if refused is io.open else os
    with monkeypatch.context() as patched, pytest.raises(InputError) as caught:
        patched.setattr(module, refused.__name__, call)
        prepare(path, directory=tmp_path / "shards")
    assert str(caught.value) == f"{path / part}: this cannot be read (Permission denied)."


@pytest.mark.parametrize("line", ["1234567", "12345\n", "\n"])
def test_the_text_of_one_file_is_limited(tmp_path, monkeypatch, line):
    monkeypatch.setattr("nlpkit.data.class_folders.LONGEST", 100)
    texts = {"a": b"x" * 100, "b": (line * 101).encode()[:101]}
    files = {f"{label}/{n}.txt": texts[label] for label in texts for n in range(9)}
    with pytest.raises(InputError) as caught:
        prepare(write(tmp_path, "x", files), directory=tmp_path / "shards")
    location = tmp_path / "x" / "b" / "0.txt"
    assert str(caught.value) == f"{location}: the text must have at most 100 characters; split it."


def test_an_encrypted_archive_is_refused(tmp_path):
    data = bytearray(zipped({"x.csv": COMMAS}))
    for magic, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(magic) + offset] |= 1
    with pytest.raises(InputError, match=r"'x.csv' is encrypted; unpack the archive first"):
        open_tables(parse_spec(write(tmp_path, "x.zip", data)))


def test_a_damaged_name_in_an_archive_is_named(tmp_path):
    data = bytearray(zipped({"x.csv": COMMAS}))
    data[7] |= 8  # the name is UTF-8
    data[30] = 255
    with pytest.raises(InputError, match=r"x.zip: 'x.csv' cannot be unpacked"):
        open_tables(parse_spec(write(tmp_path, "x.zip", data)))


PACKINGS = {
    name: getattr(zipfile, name) for name in ("ZIP_STORED", "ZIP_DEFLATED", "ZIP_BZIP2", "ZIP_LZMA")
}


@pytest.mark.parametrize("packing", PACKINGS)
def test_damage_in_an_archive_is_named(tmp_path, packing):
    data = bytearray(zipped({"x.csv": COMMAS}, PACKINGS[packing]))
    data[100] ^= 255
    with pytest.raises(InputError, match=r"x\.zip/x\.csv"):
        for _ in open_tables(parse_spec(write(tmp_path, "x.zip", data)))["train"].rows:
            pass


KOREAN = {"folders": FILES, "one file": {"긍정.csv": COMMAS}}


@pytest.mark.parametrize("case", KOREAN)
def test_names_in_an_archive_of_korean_windows_are_read(tmp_path, case):
    files, path = KOREAN[case], tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files.items():
            archive.writestr(_Unmarked(name.encode("cp949").decode("cp437")), content)
    assert open_tree(path).paths == tuple(sorted(files))
    assert examples(prepare(path, directory=tmp_path / "shards")) == sorted(ROWS)


class _Unmarked(zipfile.ZipInfo):
    """A member whose name is in the encoding of old programs."""

    def _encodeFilenameFlags(self):
        return self.filename.encode("cp437"), self.flag_bits


def test_without_pyarrow_the_error_says_how_to_install_it(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    path = write(tmp_path, *FORMATS["Parquet"])
    with pytest.raises(InputError, match=r"not installed; .* pip install 'pyarrow>=20'`"):
        open_tables(parse_spec(path))
