"""Bad input to `nlpkit sentiment`: one clear sentence, exit status 2, nothing written or lost."""

import gzip
import socket
import urllib.error
import urllib.request

import pytest

from tests.commands import complains, nlpkit_command

__all__ = ["nlpkit_command"]

GOOD = "text,label\n" + "".join(f"review {number},{number % 2}\n" for number in range(30))
NAME = "{data}"

# What is wrong: the file's ending, its bytes, more options, and the words of the complaint.
FILES = {
    "no column is the text": ("csv", "a,b,label\nx,y,0\n", [], "no column looks"),
    "two columns are the text": ("csv", "text,review,label\nx,y,0\n", [], "more than one column"),
    "no such text column": ("csv", GOOD, ["--text-column", "body"], "no column 'body'"),
    "no such label column": ("csv", GOOD, ["--label-column", "star"], "no column 'star'"),
    "one column for both": (
        "csv", GOOD, ["--text-column", "text", "--label-column", "text"], "must differ",
    ),
    "one class": ("csv", "text,label\na,1\nb,1\nc,1\n", [], "at least two classes, got '1' only"),
    "texts for labels": (
        "csv", "text,label\n" + "".join(f"a,b{n}\n" for n in range(50)), [], "too many for labels",
    ),
    "too few of a class": ("csv", "text,label\na,1\nb,0\nc,1\nd,1\n", [], "at least 3 different"),
    "empty file": ("csv", "", [], "the file is empty."),
    "header alone": ("tsv", "text\tlabel\n", [], "a header and no rows."),
    "broken row": ("csv", GOOD + "a,b,c\n", [], "line 32: the row must have 2 fields like the"),
    "open quote": ("csv", 'text,label\na,1\n"b;0\n', [], "a quote opens here that does not close"),
    "invalid UTF-8": ("csv", GOOD.encode() + b"\xff,1\n", [], "line 32: the bytes are not valid"),
    "unknown encoding": ("csv", GOOD, ["--encoding", "utf-9"], "`--encoding` must name a text"),
    "label NaN": ("csv", GOOD + "a,NaN\n", [], "line 32: the label in column 'label' is NaN"),
    "label empty": ("csv", GOOD + "a,\n", [], "line 32: the label in column 'label' is empty"),
    "label null": ("jsonl", '{"text": "a", "label": null}\n', [], "line 1: the label in column"),
    "broken JSON": ("jsonl", '{"text": "a", "label": 1}\n{"text"\n', [], "line 2: this is not"),
    "txt without tabs": ("txt", "just a text\n", [], "holds no tabs"),
    "damaged gzip": ("csv.gz", b"no gzip at all", [], "this is not a gzip file"),
    "truncated gzip": ("csv.gz", gzip.compress(b"a,b")[:-9], [], "the gzip data are damaged"),
    "UTF-16 without a mark": ("csv", GOOD, ["--encoding", "utf-16"], "bytes are not valid utf-16;"),
    "UTF-16 taken for UTF-8": (
        "csv", GOOD.encode("utf-16"), ["--encoding", "utf-8"], "example `--encoding utf-16`",
    ),
    "encoding of names": ("csv", GOOD, ["--encoding", "idna"], "`--encoding` must name a text"),
    "semicolons": ("csv", "text;label\na\nb\n", [], "not clear what separates the columns"),
    "no header": ("csv", "a fine film,1\nb,0\n", [], "has no header, say `--no-header`"),
    "no zip": ("zip", GOOD, [], "this is not a valid .zip file"),
    "no Parquet": ("parquet", GOOD, [], "this is not a valid Parquet file"),
    "one name for two columns": ("csv", "text,text,label\na,b,0\n", [], "two columns are called"),
    "empty texts": ("csv", "text,label\n" + ",0\n,1\n" * 9, [], "every text in column 'text' is"),
    "copies": ("csv", GOOD + "a,2\n" * 100, [], "test, got 1 in 100 rows; add examples"),
    "test data are the data": ("csv", GOOD, ["--test-data", NAME], "must be different files"),
    "test data empty": ("csv", GOOD, ["--test-data", ""], "`--test-data` must be a .csv"),
    "unknown ending": ("xlsx", "", [], "got the ending '.xlsx'"),
    "unknown cell": ("csv", GOOD, ["--cell", "elman"], "'simple-rnn', 'lstm-1997', 'lstm'"),
    "names of no label": ("csv", GOOD, ["--label-names", "7=good"], "'7', which does not occur"),
    "malformed names": ("csv", GOOD, ["--label-names", "good"], "must look like 0=negative"),
    "one name for all": ("csv", GOOD, ["--label-names", "0=a,1=a"], "two classes, got 'a' only"),
    "test data missing": ("csv", GOOD, ["--test-data", "nowhere.csv"], "nowhere.csv: there is no"),
    "test label unknown": ("csv", GOOD, ["--test-data", "{other}"], "line 2: the label '5' does"),
    "vectors missing": ("csv", GOOD, ["--vectors", "no.vec"], "no.vec: there is no such file."),
    "vectors of nothing": ("csv", GOOD, ["--vectors", ""], "`--vectors` must name a file of wo"),
    "vectors that are a table": ("csv", GOOD, ["--vectors", NAME], "line 1: the line must be a"),
    "vectors of another size": (
        "csv", GOOD, ["--vectors", "{vectors}", "--embedding", "5"], "`--embedding` must be 2, the",
    ),
    "vectors of other words": (
        "csv", GOOD, ["--vectors", "{vectors}"], "x.vec: none of its words is a word of the texts",
    ),
    "config missing": ("csv", GOOD, ["--config", "nowhere.json"], "nowhere.json: there is no"),
    "config of something": ("csv", GOOD, ["--config", NAME], "a config.json of nlpkit, got"),
    "config of another": ("csv", GOOD, ["--config", "{config}"], "settings of `nlpkit next-word`"),
}  # fmt: skip


@pytest.fixture(params=[False, True], ids=["new", "replacing"])
def refused(request, nlpkit_command, tmp_path):
    """Runs the recipe, requires one sentence, and that no file was made, changed or deleted."""
    out = tmp_path / "OUT"
    if request.param:
        out.mkdir()
        (out / "metrics.json").write_text("{}")

    def run(message, *options):
        before = _tree(tmp_path)
        answer = nlpkit_command("sentiment", "--out", out, "--quiet", "--epochs", "1", *options)
        complains(answer, 2, message)
        assert _tree(tmp_path) == before

    return run


def _tree(folder):
    """Everything in a folder, with its content."""
    return {path: path.is_file() and path.read_bytes() for path in folder.rglob("*")}


@pytest.mark.parametrize(
    ("ending", "content", "options", "message"), FILES.values(), ids=FILES.keys()
)
def test_bad_files_and_options(refused, tmp_path, ending, content, options, message):
    data = tmp_path / f"data.{ending}"
    data.write_bytes(content if isinstance(content, bytes) else content.encode())
    (tmp_path / "other.csv").write_text("text,label\na,5\n")
    (tmp_path / "config.json").write_text('{"command": "next-word"}')
    (tmp_path / "x.vec").write_text("maison 1 2\n")
    names = {"other": "other.csv", "config": "config.json", "vectors": "x.vec"}
    places = {"data": data, **{name: tmp_path / file for name, file in names.items()}}
    refused(message, "--data", data, *(option.format(**places) for option in options))


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ("", "`--data` must be a .csv, .tsv, .jsonl, .json, .txt or .parquet file (or .gz of one), "
         "a .zip, a folder, or tfds:NAME, got ''."),
        ("https://example.org/x.csv", "a URL is not fetched; download the file first."),
    ],
)  # fmt: skip
def test_data_that_name_no_file(refused, data, message):
    refused(message, "--data", data)


def test_missing_file(refused, tmp_path):
    refused("no.csv: there is no such file.", "--data", tmp_path / "no.csv")


def test_empty_folder(refused, tmp_path):
    (tmp_path / "folder").mkdir()
    refused("folder: there is nothing to read in it", "--data", tmp_path / "folder")


@pytest.mark.parametrize(
    ("encoding", "text", "given"), [("cp949", "영화 맛", "utf-8"), ("euc-jp", "とても", None)]
)
def test_invalid_utf8_offers_the_encoding_which_helps(refused, tmp_path, encoding, text, given):
    rows = [f"{text} {n},{n % 2}\n" for n in range(30)]
    data = tmp_path / "texts.csv"
    data.write_bytes("".join(["text,label\n", *rows]).encode(encoding))
    refused("texts.csv, line 2: the bytes are not valid utf-8; name the file's encoding with "
            f"`--encoding`, for example `--encoding {encoding}`.",
            "--data", data, *(("--encoding", given) if given else ()))  # fmt: skip


@pytest.mark.parametrize("kind", ["folder", "file"])
def test_an_output_that_holds_something_else_is_left_alone(nlpkit_command, tmp_path, kind):
    out = tmp_path / "mine"
    if kind == "folder":
        out.mkdir()
        (out / "thesis.txt").write_text("years of work")
    else:
        out.write_text("years of work")
    before = _tree(tmp_path)
    message = "'thesis.txt', which nlpkit did not" if kind == "folder" else "this is a file; give"
    complains(nlpkit_command("sentiment", "--out", out, "--quiet"), 2, message)
    assert _tree(tmp_path) == before


def test_unknown_tfds_name_gets_a_few_close_ones(refused, tmp_path):
    options = ["--data", "tfds:imdb_review", "--data-dir", tmp_path]
    refused("did you mean imdb_reviews", *options)


def test_malformed_tfds_name(refused):
    refused("A TFDS data set is written tfds:NAME or tfds:NAME/CONFIG", "--data", "tfds:")


def test_tfds_without_a_network_says_what_to_do_offline(refused, tmp_path, monkeypatch):
    def unreachable(*arguments, **options):
        raise urllib.error.URLError(socket.gaierror("Name or service not known"))

    monkeypatch.setattr(urllib.request, "urlopen", unreachable)
    options = ["--data", "tfds:imdb_reviews", "--data-dir", tmp_path]
    refused("the network does not answer; prepare it where there is a network", *options)
