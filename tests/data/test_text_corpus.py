"""Plain text of every source: its form, its split, its order; every fault as one sentence."""

import csv
import json
import random

import pytest

from nlpkit.data import encodings, prepare_text
from nlpkit.errors import InputError

LINES = [f"line {number} 영화 of some length" for number in range(600)]
SPLITS = ("train", "validation", "test")
BOOK = "".join(f"Paragraph {number} has\n two lines.\n\n" for number in range(400))
TREEBANK = [f" the <unk> of N {number} " if number % 7 else "" for number in range(400)]


def _write(path, texts, column="text"):
    with path.open("w", encoding="utf-8", newline="") as stream:
        if path.suffix == ".txt":
            stream.write("".join(text + "\n" for text in texts))
        elif path.suffix == ".jsonl":
            stream.write("".join(json.dumps({column: text}) + "\n" for text in texts))
        else:
            delimiter = "," if path.suffix == ".csv" else "\t"
            csv.writer(stream, delimiter=delimiter).writerows([[column], *([t] for t in texts)])
    return path


def _prepare(tmp_path, texts, name="x.txt", **options):
    path = _write(tmp_path / name, texts)
    return prepare_text(path, directory=tmp_path / "passages", **options)


def _splits(corpus):
    return {split: list(getattr(corpus, split)) for split in SPLITS}


@pytest.mark.parametrize("name", ["x.txt", "x.csv", "x.tsv", "x.jsonl"])
def test_lines_are_each_in_one_split_in_order(tmp_path, name):
    corpus = _prepare(tmp_path, LINES, name)
    splits = _splits(corpus)
    assert corpus.form == "lines"
    assert corpus.name == str(tmp_path / name)
    assert corpus.text_column == (None if name == "x.txt" else "text")
    for split in splits.values():
        assert split == sorted(split, key=LINES.index)
    assert sorted(sum(splits.values(), [])) == sorted(LINES)
    assert 30 < len(splits["test"]) < 90
    assert 10 < len(splits["validation"]) < 50


@pytest.mark.parametrize("given", [None, "document"])
def test_a_txt_with_tabs_gives_its_text_column_alone(tmp_path, given):
    rows = [f"{number}\t{line}\t{number % 2}" for number, line in enumerate(LINES)]
    path = _write(tmp_path / "ratings.txt", ["id\tdocument\tlabel", *rows])
    corpus = prepare_text(path, text_column=given, directory=tmp_path)
    assert (corpus.form, corpus.text_column) == ("lines", "document")
    assert sorted(sum(_splits(corpus).values(), [])) == sorted(LINES)


def test_a_book_that_begins_with_a_tab_is_text(tmp_path):
    (tmp_path / "x.txt").write_text(f"\tI\n\n{BOOK}")
    corpus = prepare_text(tmp_path / "x.txt", directory=tmp_path)
    assert (corpus.form, corpus.text_column) == ("running text", None)


@pytest.mark.parametrize("name", ["x.csv", "x.tsv", "x.jsonl"])
def test_the_source_makes_no_difference_to_the_split(tmp_path, name):
    assert _splits(_prepare(tmp_path, LINES, name)) == _splits(_prepare(tmp_path, LINES))


def test_copies_of_a_line_are_in_one_split_in_any_order(tmp_path):
    texts = [*LINES, *(f" {line}  " for line in LINES)]
    random.Random(0).shuffle(texts)
    splits = {split: set(kept) for split, kept in _splits(_prepare(tmp_path, texts)).items()}
    assert splits == {
        split: set(kept) for split, kept in _splits(_prepare(tmp_path, LINES)).items()
    }
    assert not splits["train"] & splits["test"]


def test_running_text_holds_out_its_end(tmp_path):
    (tmp_path / "x.txt").write_text(BOOK)
    corpus = prepare_text(tmp_path / "x.txt", directory=tmp_path)
    splits = _splits(corpus)
    assert corpus.form == "running text"
    assert sum(splits.values(), []) == [f"Paragraph {n} has two lines." for n in range(400)]
    total = sum(getattr(corpus, split).characters for split in SPLITS)
    assert corpus.test.characters / total == pytest.approx(0.1, abs=0.005)
    assert corpus.validation.characters / total == pytest.approx(0.05, abs=0.005)


def test_running_text_of_one_line_has_all_its_splits(tmp_path):
    corpus = _prepare(tmp_path, [" ".join(LINES)])
    splits = _splits(corpus)
    assert corpus.form == "running text"
    assert " ".join(sum(splits.values(), [])) == " ".join(LINES)
    assert all(splits.values())


def test_pre_tokenised_lines_are_unchanged_and_the_last_held_out(tmp_path):
    corpus = _prepare(tmp_path, TREEBANK)
    assert corpus.form == "pre-tokenised"
    assert sum(_splits(corpus).values(), []) == TREEBANK
    assert corpus.test.size == pytest.approx(40, abs=4)


@pytest.mark.parametrize("texts", [LINES, TREEBANK])
def test_given_files_are_read_as_they_come(tmp_path, texts):
    valid, test = texts[:50][::-1], texts[30:]
    corpus = _prepare(
        tmp_path,
        texts,
        valid_data=_write(tmp_path / "valid.txt", valid),
        test_data=_write(tmp_path / "test.txt", test),
    )
    assert _splits(corpus) == {"train": texts, "validation": valid, "test": test}


def test_test_data_are_read_in_the_form_of_the_training_data(tmp_path):
    known = [line for line in TREEBANK if "<unk>" not in line] + [" the market "]
    corpus = _prepare(tmp_path, TREEBANK, test_data=_write(tmp_path / "test.txt", known))
    assert list(corpus.test) == known
    assert corpus.validation.size == pytest.approx(20, abs=3)


def test_other_splits_have_the_column_of_the_training_data(tmp_path):
    train = _write(tmp_path / "x.csv", LINES, "Satz")
    (tmp_path / "test.tsv").write_text("text\tSatz\n" + "".join(f"no\t{t}\n" for t in LINES[:9]))
    corpus = prepare_text(train, test_data=tmp_path / "test.tsv", directory=tmp_path)
    assert list(corpus.test) == LINES[:9]


def test_a_book_tested_on_lines_of_a_table(tmp_path):
    (tmp_path / "x.txt").write_text(BOOK)
    test = _write(tmp_path / "test.csv", LINES)
    corpus = prepare_text(tmp_path / "x.txt", test_data=test, directory=tmp_path)
    assert list(corpus.test) == LINES


def test_the_bundled_topics_are_the_default(tmp_path):
    corpus = prepare_text(directory=tmp_path)
    assert (corpus.name, corpus.form, corpus.text_column) == ("bundled", "topics", None)
    assert corpus.train.characters > 100_000
    assert not set(corpus.train) & (set(corpus.test) | set(corpus.validation))


def test_the_bundled_topics_tested_on_a_text_of_the_users(tmp_path):
    (tmp_path / "x.txt").write_text(BOOK)
    corpus = prepare_text(test_data=tmp_path / "x.txt", directory=tmp_path)
    assert corpus.test.size == 400


def test_a_corpus_is_not_overwritten_by_its_passages(tmp_path):
    path = _write(tmp_path / "train.txt", LINES)
    corpus = prepare_text(path, directory=tmp_path)
    assert corpus.train.size + corpus.validation.size + corpus.test.size == len(LINES)
    assert path.read_text(encoding="utf-8") == "".join(line + "\n" for line in LINES)


def test_cells_of_many_lines_become_one_and_long_ones_several(tmp_path):
    long = "\n\n".join(["many words " * 100] * 8)
    corpus = _prepare(tmp_path, [*LINES, "two\nlines", "", None, long], "x.jsonl")
    passages = sum(_splits(corpus).values(), [])
    assert len(passages) == len(LINES) + 1 + 8
    assert "two lines" in passages
    assert sum(("many words " * 100).strip() in kept for kept in _splits(corpus).values()) == 1


@pytest.mark.parametrize("given", [None, "body"])
def test_the_text_column_is_told(tmp_path, given):
    path = _write(tmp_path / "x.csv", LINES, column=given or "Review")
    corpus = prepare_text(path, text_column=given, directory=tmp_path)
    assert corpus.text_column == given or "Review"


BROKEN = {
    "too short": (
        ["short"] * 3,
        "x.txt",
        "the text must have at least 300 characters, got 15; add text",
    ),
    "one line again and again": (
        ["same"] * 500,
        "x.txt",
        "too few different passages for each of .*; add",
    ),
    "empty": ([], "x.txt", "the file is empty"),
    "white space": ([" ", "\t"], "x.txt", "nothing but white space"),
    "no rows": ([], "x.csv", "a header and no rows"),
    "empty cells": (["", " "] * 50, "x.csv", "every text in column 'text' is empty; .*`--text-col"),
    "zeros": (["\0" * 500], "x.txt", "NUL character"),
    "no such column": (LINES, "x.csv", "no column 'body' for `--text-column`"),
    "a list": ([["a"]], "x.jsonl", "line 1: the text must be a single value, got a list"),
}


@pytest.mark.parametrize("fault", BROKEN)
def test_what_cannot_be_learnt_from_is_refused(tmp_path, fault):
    texts, name, complaint = BROKEN[fault]
    options = {"text_column": "body"} if fault == "no such column" else {}
    with pytest.raises(InputError, match=rf"x\.\w+[:,] .*{complaint}"):
        _prepare(tmp_path, texts, name, **options)


@pytest.mark.parametrize("split", ["test_data", "valid_data"])
@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"", "the file is empty"),
        (b"\n \n", "nothing but white space"),
        (b"\0" * 100, "NUL character"),
        (b"\xff\xd8\xff\xe0", "this is not text but a picture"),
        (b"fine \xff\n", "the bytes are not valid utf-8"),
    ],
)
def test_no_split_is_without_text(tmp_path, split, content, complaint):
    (tmp_path / "other.txt").write_bytes(content)
    with pytest.raises(InputError, match=rf"other\.txt.*: .*{complaint}"):
        _prepare(tmp_path, LINES, **{split: tmp_path / "other.txt"})


@pytest.mark.parametrize("split", ["test_data", "valid_data"])
def test_one_file_is_not_taken_for_two_splits(tmp_path, split):
    (tmp_path / "link.txt").symlink_to(tmp_path / "x.txt")
    with pytest.raises(InputError, match=r"must be different files, got '.*x\.txt' twice"):
        _prepare(tmp_path, LINES, **{split: tmp_path / "link.txt"})


@pytest.mark.parametrize("split", ["test_data", "valid_data"])
@pytest.mark.parametrize("name", ["no.txt", "no.csv", "no.parquet", "no.zip"])
def test_missing_data_are_noticed_before_the_training_data_are_read(tmp_path, split, name):
    with pytest.raises(InputError, match=f"{name}: there is no such file"):
        _prepare(tmp_path, ["\0"], **{split: tmp_path / name})


def test_all_data_are_opened_once(tmp_path, monkeypatch):
    actual = []

    def find_encoding(files):
        files = tuple(files)
        actual.extend(file.name for file in files)
        return encodings.find_encoding(files)

    monkeypatch.setattr("nlpkit.data.opening.find_encoding", find_encoding)
    names = ("test", "valid")
    others = {f"{name}_data": _write(tmp_path / f"{name}.txt", LINES) for name in names}
    _prepare(tmp_path, LINES, **others)
    assert sorted(actual) == [str(tmp_path / f"{name}.txt") for name in (*names, "x")]


def test_a_line_that_lacks_the_column_is_named(tmp_path):
    path = _write(tmp_path / "x.jsonl", LINES)
    path.write_text(path.read_text() + '{"body": "text"}\n')
    with pytest.raises(InputError, match="line 601: the column 'text' is missing here"):
        prepare_text(path, directory=tmp_path)


@pytest.mark.parametrize("columns", ["title,abstract", "A film to see again"])
def test_a_table_without_a_text_column_is_refused(tmp_path, columns):
    row = ",".join("a" for _ in columns.split(","))
    (tmp_path / "x.csv").write_text(f"{columns}\n" + f"{row}\n" * 100)
    message = r"x\.csv: no column looks like the text; name it with `--text-column`"
    with pytest.raises(InputError, match=message):
        prepare_text(tmp_path / "x.csv", directory=tmp_path)


@pytest.mark.parametrize("data", ["x.txt", None])
def test_plain_text_has_no_column_to_name(tmp_path, data):
    path = data and _write(tmp_path / data, LINES)
    with pytest.raises(InputError, match="`--text-column` must name a column .* got 'document' .*"):
        prepare_text(path, text_column="document", directory=tmp_path)
