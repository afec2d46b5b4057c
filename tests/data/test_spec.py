"""SPEC parsing: which kind of data a name or path stands for."""

import itertools

import pytest

from nlpkit.data.spec import parse_spec
from nlpkit.errors import InputError

FORMATS = ("csv", "tsv", "jsonl", "json", "txt", "parquet", "arrow", "zip")


@pytest.mark.parametrize(
    ("ending", "gz", "upper"), list(itertools.product(FORMATS, ("", ".gz"), (False, True)))
)
def test_ending_tells_the_format_with_gz_and_in_any_case(ending, gz, upper):
    name = f"some.folder/my.reviews.{ending}{gz}"
    spec = parse_spec(name.upper() if upper else name)
    assert spec.kind == ending
    assert str(spec.path) == spec.text


def test_nothing_is_the_bundled_data():
    assert parse_spec(None).kind == "bundled"
    assert parse_spec(None).text == "bundled"


@pytest.mark.parametrize(
    "name", ["imdb_reviews", "glue/sst2", "imdb_reviews:1.0.0", "a/b-c.d:2.*.*"]
)
def test_tfds_names(name):
    assert parse_spec(f"tfds:{name}").kind == "tfds"


@pytest.mark.parametrize("name", ["", "/", "a b", "kaggle:thing", "../x", "a/b/c"])
def test_malformed_tfds_name_is_refused(name):
    with pytest.raises(InputError, match=r"written tfds:NAME or tfds:NAME/CONFIG, got "):
        parse_spec(f"tfds:{name}")


@pytest.mark.parametrize(
    ("path", "got"),
    [
        ("x.xlsx", "the ending '.xlsx'"),
        ("x", "no ending"),
        ("x.gz", "no ending"),
        ("x.zip.xz", "the ending '.xz'"),
    ],
)
def test_unknown_ending_is_refused_and_the_known_ones_are_listed(path, got):
    with pytest.raises(InputError, match=rf"\.csv, \.tsv, .*a folder, or tfds:NAME, got {got}"):
        parse_spec(path)


@pytest.mark.parametrize("option", ["--data", "--test-data"])
@pytest.mark.parametrize(("text", "got"), [("", "''"), (" ", "' '"), ("-", r"'-' \(standard inp")])
def test_what_names_nothing_is_refused_by_the_name_of_its_option(option, text, got):
    with pytest.raises(InputError, match=f"^`{option}` must be .*, or tfds:NAME, got {got}"):
        parse_spec(text, option=option)


@pytest.mark.parametrize("url", ["https://example.org/x.csv", "ftp://a/b", "s3://a/b.tsv"])
def test_url_is_not_fetched(url):
    with pytest.raises(InputError, match=f"^{url}: .* is not fetched; download the file first"):
        parse_spec(url)


@pytest.mark.parametrize("name", ["reviews", "reviews.csv"])
def test_a_folder_is_one_whatever_its_name(tmp_path, name):
    (tmp_path / name).mkdir()
    assert parse_spec(tmp_path / name).kind == "folder"
