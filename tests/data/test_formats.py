"""Each format in which a small corpus is written gives the same examples."""

import itertools

import pyarrow
import pytest

from nlpkit.data import prepare, prepare_text
from nlpkit.errors import InputError
from nlpkit.serve import read_texts
from tests.data.formats import (
    COMMAS,
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


@pytest.fixture(params=FORMATS)
def written(request, tmp_path):
    """The corpus in one of the formats."""
    return write(tmp_path, *FORMATS[request.param])


def test_sentiment_reads_the_same_from_every_format(written, tmp_path):
    corpus = prepare(written, directory=tmp_path / "shards")
    assert examples(corpus) == sorted(ROWS)
    assert corpus.train.size == 28


def test_every_format_serves_as_test_data(written, tmp_path):
    train = write(tmp_path, "train.csv", COMMAS)
    corpus = prepare(train, test_data=written, directory=tmp_path / "shards")
    actual = sorted((text, corpus.labels.names[label]) for text, label in corpus.test)
    assert actual == sorted(ROWS)


def test_next_word_learns_the_texts_of_every_format(written, tmp_path):
    corpus = prepare_text(written, directory=tmp_path / "passages")
    passages = [*corpus.train, *corpus.validation, *corpus.test]
    assert sorted(passages) == sorted(text for text, _ in ROWS) or corpus.form == "running text"
    assert set("".join(passages)) >= set("".join(text for text, _ in ROWS))


def test_predict_takes_the_texts_of_every_format(written):
    said = []
    assert sorted(read_texts(written, tell=said.append)) == sorted(text for text, _ in ROWS)
    assert "split" not in "".join(said)


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
        f"{split}.csv": delimited(",", rows=rows).encode() for split, rows in SPLIT.items()
    },
    "tables among others": {
        f"ratings_{split}.txt": delimited("\t", rows=rows).encode()
        for split, rows in SPLIT.items()
    } | {"LICENSE.txt": b"free", "unlabelled.tsv": b"text\na\n"},
    "parts of tables": {
        f"data/{split}-{part}-of-2.csv": delimited(",", rows=rows[part::2]).encode()
        for split, rows in SPLIT.items()
        for part in range(2)
    },
}  # fmt: skip


@pytest.mark.parametrize("case", SPLITS)
@pytest.mark.parametrize("packed", [False, True])
def test_splits_of_a_folder_stay_apart(tmp_path, case, packed):
    files = SPLITS[case]
    path = write(tmp_path, *(("x.zip", zipped(files)) if packed else ("x", files)))
    corpus = prepare(path, directory=tmp_path / "shards")
    sizes = (corpus.train.size, corpus.validation.size, corpus.test.size)
    assert sizes == (30, 4, 6)
    assert {text for text, _ in corpus.test} == {text for text, _ in SPLIT["test"]}
    said = []
    assert sorted(read_texts(path, tell=said.append)) == sorted(text for text, _ in SPLIT["test"])
    assert "guessed only the test split" in said[0]


def test_a_test_table_without_labels_is_left_out_and_that_is_said(tmp_path):
    files = {"train.csv": COMMAS, "test.csv": b"id,text\n1,a\n", "sample_submission.csv": b"id\n"}
    said = []
    corpus = prepare(write(tmp_path, "x", files), directory=tmp_path / "shards", tell=said.append)
    assert examples(corpus) == sorted(ROWS)
    assert "'sample_submission.csv' left out, " in said[0]
    assert "test left out: it has no column 'label'" in said[0]


def _of_classes(numbers):
    """A dataset of Hugging Face whose rows are of these classes."""
    labels = pyarrow.array([numbers[n % len(numbers)] for n in range(len(ROWS))])
    rows = table(NAMES)
    return stream(rows.set_column(rows.column_names.index("label"), "label", labels))


NO_LABEL = -1


def test_a_test_split_without_labels_is_left_out_as_hugging_face_marks_it(tmp_path):
    files = {"train.arrow": _of_classes([0, 1]), "test.arrow": _of_classes([NO_LABEL])}
    said = []
    corpus = prepare(write(tmp_path, "x", files), directory=tmp_path / "shards", tell=said.append)
    assert (corpus.labels.names, sum(corpus.train.class_counts)) == (NAMES, 28)
    assert "test left out: the label of its first row is -1, which stands for none" in said[0]


def test_rows_without_labels_among_others_are_refused_until_they_are_left_out(tmp_path):
    path = write(tmp_path, "x.arrow", _of_classes([0, 1, 0, 1, NO_LABEL]))
    with pytest.raises(InputError, match="the label of 8 rows is -1, .* `--label-names=-1=`"):
        prepare(path, directory=tmp_path / "shards")
    corpus = prepare(path, label_names="-1=", directory=tmp_path / "again")
    assert len(examples(corpus)) == 32
    assert corpus.labels.names == NAMES


def test_a_row_without_a_label_in_a_later_row_of_the_test_split_is_told(tmp_path):
    files = {"train.arrow": _of_classes([0, 1]), "test.arrow": _of_classes([0, NO_LABEL])}
    with pytest.raises(InputError, match="test.arrow, row 2: the label '-1' stands for none; give"):
        prepare(write(tmp_path, "x", files), directory=tmp_path / "shards")


def test_folders_of_plain_text_are_one_running_text(tmp_path):
    texts = {f"book/{n}.txt": f"제{n}장\n\n{'영화를 보았다. ' * 20}\n" for n in range(30)}
    path = write(tmp_path, "x", {name: text.encode() for name, text in texts.items()})
    corpus = prepare_text(path, directory=tmp_path / "passages")
    assert (corpus.form, corpus.text_column, corpus.encoding) == ("running text", None, "utf-8")
    chapters = [p for part in (corpus.train, corpus.validation, corpus.test) for p in part]
    assert [p for p in chapters if p.startswith("제")] == [f"제{n}장" for n in range(30)]


CLASSES = {
    f"{split}/{label}/{n}.txt": f"{label} film {n}".encode()
    for split, label in itertools.product(("train", "test"), ("pos", "neg"))
    for n in range(20)
}
BESIDE = {
    "a list of addresses": ({"train/urls_pos.txt": b"http://x"}, "'urls_pos.txt' left out"),
    "texts without labels": ({"train/unsup/1.txt": b"?"}, "'unsup/' left out"),
    "a file beside the splits": ({"readme.txt": b"read me"}, "'readme.txt' left out"),
}  # fmt: skip


@pytest.mark.parametrize("case", BESIDE)
def test_what_lies_beside_the_classes_is_left_out_and_that_is_said(tmp_path, case):
    files, told = BESIDE[case]
    path, said = write(tmp_path, "x", CLASSES | files), []
    corpus = prepare(path, directory=tmp_path / "shards", tell=said.append)
    assert corpus.labels.names == ("neg", "pos") and corpus.test.size == 40
    assert told in said[0]


def test_lists_beside_texts_are_no_running_text(tmp_path):
    path = write(tmp_path, "x", CLASSES | {"train/urls_pos.txt": b"http://address " * 30})
    corpus = prepare_text(path, directory=tmp_path / "passages")
    passages = [p for part in (corpus.train, corpus.validation, corpus.test) for p in part]
    assert not [passage for passage in passages if "http" in passage]


UNCLEAR = {
    "classes and a table": ({"train/labels.csv": COMMAS}, "hold folders of classes or a table"),
    "classes at two depths": ({"train/new/pos/1.txt": b"x"}, "must lie at one depth, got"),
}  # fmt: skip


@pytest.mark.parametrize("case", UNCLEAR)
def test_folders_that_may_be_several_things_are_refused(tmp_path, case):
    files, complaint = UNCLEAR[case]
    with pytest.raises(InputError, match=complaint):
        prepare(write(tmp_path, "x", CLASSES | files), directory=tmp_path / "shards")


def test_the_parts_of_a_table_have_one_encoding(tmp_path):
    files = {"a-0.csv": COMMAS, "a-1.csv": COMMAS.decode().encode("cp949")}
    with pytest.raises(InputError, match=r"a-1\.csv.* the bytes are not valid utf-8"):
        prepare(write(tmp_path, "x", files), directory=tmp_path / "shards")


GUESSED = {
    "Kaggle's index": "text in column '리뷰' (`--text-column`), label in column '감성' (`--label",
    "pandas' index": "text in column 'review' (`--text-column`), label in column 'y'",
    "semicolons": "columns separated by ';'",
    "cp949": "encoding cp949 (`--encoding`)",
    "UTF-16 without a mark": "encoding utf-16-le (`--encoding`)",
    "no header": "no header (`--header`), text in column '1' (`--text-column`), label in column",
    "tabs in a .txt": "a table with tabs",
    "JSON lines called .json": "one object per line",
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


@pytest.mark.parametrize(
    ("case", "unused"),
    [
        ("Parquet", "no use for `--encoding`, no use for `--no-header`"),
        ("JSON lines called .json", "one object per line, no use for `--no-header`"),
    ],
)
def test_an_option_that_means_nothing_for_the_format_is_told(tmp_path, case, unused):
    path, said = write(tmp_path, *FORMATS[case]), []
    given = {"encoding": "utf-8", "header": False}
    prepare(path, **given, directory=tmp_path / "shards", tell=said.append)
    assert said == [f"{path}: guessed {unused}"]


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
