"""The corpus: every source ends as mixed, split, counted examples; every fault as one sentence."""

import itertools
import random

import pytest

from nlpkit.data import prepare
from nlpkit.errors import InputError
from tests.data.corpora import EXAMPLES, TEXTS, prepare_examples, splits, write


@pytest.mark.parametrize("name", ["x.csv", "x.tsv", "x.txt", "x.jsonl"])
def test_every_example_is_on_exactly_one_split(tmp_path, name):
    corpus = prepare_examples(tmp_path, EXAMPLES, name)
    assert sorted(itertools.chain(*splits(corpus))) == sorted(EXAMPLES)
    assert corpus.name == str(tmp_path / name)
    assert corpus.test.class_counts == (30, 30)
    assert corpus.validation.class_counts == (50, 50)
    assert corpus.train.class_counts == (220, 220)


def test_many_copies_of_a_text_leave_quotas_and_splits_as_they_should_be(tmp_path):
    rows = [("copy", 1)] * 300 + [(text, int(n < 100)) for n, text in enumerate(TEXTS[:500])]
    corpus = prepare_examples(tmp_path, rows)
    assert corpus.test.class_counts == (40, 40)
    assert corpus.validation.class_counts == (50, 50)
    assert corpus.train.class_counts == (310, 310)
    assert corpus.notices == ()


def test_texts_with_the_labels_of_several_classes_are_counted_for_each(tmp_path):
    rows = [(f"t {i}", "a") for i in range(8)] + [(f"t {i}", "b") for i in range(0, 8, 2)]
    corpus = prepare_examples(tmp_path, rows)
    counts = [split.class_counts for split in (corpus.train, corpus.validation, corpus.test)]
    assert counts == [(5, 2), (2, 1), (1, 1)]


def test_a_share_that_copies_do_not_allow_is_told(tmp_path):
    rows = [(text, 1) for text in TEXTS[:5] for _ in range(100)] + EXAMPLES[10::2]
    corpus = prepare_examples(tmp_path, rows)
    (notice,) = corpus.notices
    assert notice.startswith("copies of a text stay together, so there are 100 of class '1' for ")


@pytest.mark.parametrize("seed", range(3))
def test_splits_do_not_depend_on_the_order_of_the_rows(tmp_path, seed):
    noisy = EXAMPLES + EXAMPLES[::3] + [(text, 1 - label) for text, label in EXAMPLES[::7]]
    wanted = splits(prepare_examples(tmp_path, noisy))
    assert len({text for text, _ in wanted[0]} & {text for text, _ in wanted[2]}) == 0
    random.Random(seed).shuffle(noisy)
    assert splits(prepare_examples(tmp_path, noisy)) == wanted


def test_rows_sorted_by_label_are_mixed(tmp_path):
    corpus = prepare_examples(tmp_path, sorted(EXAMPLES, key=lambda row: row[1]))
    labels = [label for _, label in corpus.train]
    assert all(20 < sum(labels[start : start + 80]) < 60 for start in range(0, 400, 80))


def test_data_of_its_own_keep_a_split_in_order_and_the_rest_for_training(tmp_path):
    test = write(tmp_path / "test.csv", EXAMPLES[:50])
    valid = write(tmp_path / "valid.jsonl", EXAMPLES[50:80])
    corpus = prepare_examples(tmp_path, EXAMPLES, test_data=test, valid_data=valid)
    train, validation, held_out = splits(corpus)
    assert held_out == EXAMPLES[:50]
    assert validation == EXAMPLES[50:80]
    assert sorted(train) == sorted(EXAMPLES)


def test_other_splits_have_the_columns_of_the_training_data(tmp_path):
    train = write(tmp_path / "x.csv", EXAMPLES, ("Satz", "sentiment"))
    rows = [("no", text, label, 7) for text, label in EXAMPLES[:50]]
    test = write(tmp_path / "test.csv", rows, ("text", "satz", "Sentiment", "label"))
    corpus = prepare(train, test_data=test, directory=tmp_path / "shards")
    assert list(corpus.test) == EXAMPLES[:50]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "cp949"])
def test_texts_of_any_encoding_become_utf_8(tmp_path, encoding):
    content = "text\tlabel\n" + "".join(f"{text}\t{label}\n" for text, label in EXAMPLES)
    (tmp_path / "x.tsv").write_bytes(content.encode(encoding))
    corpus = prepare(tmp_path / "x.tsv", encoding=encoding, directory=tmp_path / "shards")
    assert sorted(itertools.chain(*splits(corpus))) == sorted(EXAMPLES)


def test_odd_texts_are_legal(tmp_path):
    odd = ["", "nul \0", "فيلم رائع", "👍🏽", "x" * (1 << 20), '"', "a\nb\tc"]
    rows = EXAMPLES + [(text, 0) for text in odd]
    corpus = prepare_examples(tmp_path, rows)
    assert sorted(itertools.chain(*splits(corpus))) == sorted(rows)


def test_tiny_data_have_each_class_on_each_split(tmp_path):
    corpus = prepare_examples(tmp_path, EXAMPLES[:6])
    for split in (corpus.train, corpus.validation, corpus.test):
        assert split.class_counts == (1, 1)


BROKEN = {
    "empty label": ([("a", "0"), ("b", "")], r"line 3: the label in column 'label' is empty"),
    "NaN": ([("a", "0"), ("b", "NaN")], r"line 3: the label in column 'label' is NaN"),
    "one class": ([("a", "0"), ("b", "0")], "at least two classes, got '0' only"),
    "tiny": ([("a", "0"), ("b", "1")], "Class '0' must have at least 3 different texts .* got 1"),
    "copies of one text": (
        [("same", "0")] * 100 + EXAMPLES[1::2],
        "Class '0' must have at least 3 different texts to be in each of training, .*, got 1 in "
        "100 rows; add examples .*200 texts .*, or give `--test-data`",
    ),
    "copies of two texts": (
        [("same", "0"), ("like", "0")] * 50 + EXAMPLES[1::2],
        "Class '0' must have at least 3 different texts .* got 2 in 100 rows",
    ),
    "empty texts": (
        [(" " * (number % 2), number % 2) for number in range(100)],
        "every text in column 'text' is empty; name the text column with `--text-column`",
    ),
    "a label for each row": (
        [(text, number) for number, text in enumerate(TEXTS)],
        "column 'label' holds 600 different values in 600 rows, too many .*`--label-column`",
    ),
    "labels in two cases": (
        [(text, ["neg", "pos", "Pos"][number % 3]) for number, text in enumerate(TEXTS)],
        r"x\.tsv: the labels 'Pos', 'pos' in column 'label' differ only in case",
    ),
    "several labels in one": (
        [(text, ["a|b", "b|c", "a|c"][number % 3]) for number, text in enumerate(TEXTS)],
        r"x\.tsv: the value 'a\|b' in column 'label' holds several labels",
    ),
    "labels without end": (
        [("a", number) for number in range(3000)],
        "column 'label' holds more than 1,000 different values, too many .*`--label-column`",
    ),
}


@pytest.mark.parametrize("fault", BROKEN)
def test_data_that_cannot_be_learnt_from_are_refused(tmp_path, fault):
    rows, complaint = BROKEN[fault]
    with pytest.raises(InputError, match=complaint):
        prepare_examples(tmp_path, rows)


@pytest.mark.parametrize("split", ["test_data", "valid_data"])
@pytest.mark.parametrize("name", ["x.tsv", "folder/../x.tsv", "link.tsv"])
def test_one_file_is_not_taken_for_two_splits(tmp_path, split, name):
    (tmp_path / "folder").mkdir()
    (tmp_path / "link.tsv").symlink_to(tmp_path / "x.tsv")
    with pytest.raises(InputError, match=r"must be different files, got '.*x\.tsv' twice"):
        prepare_examples(tmp_path, EXAMPLES, **{split: tmp_path / name})


def test_one_file_is_not_both_validation_and_test(tmp_path):
    other = write(tmp_path / "other.csv", EXAMPLES)
    with pytest.raises(InputError, match=r"must be different files, got '.*other\.csv' twice"):
        prepare_examples(tmp_path, EXAMPLES, test_data=other, valid_data=other)


@pytest.mark.parametrize("split", ["test_data", "valid_data"])
def test_an_empty_name_is_refused_by_the_name_of_its_option(tmp_path, split):
    message = f"`--{split.replace('_', '-')}` must be .*, got ''"
    with pytest.raises(InputError, match=message):
        prepare_examples(tmp_path, EXAMPLES, **{split: ""})


@pytest.mark.parametrize("given", [{}, {"text_column": "Satz", "label_column": "label"}])
def test_the_columns_learnt_from_are_told(tmp_path, given):
    path = write(tmp_path / "x.csv", EXAMPLES, ("Satz", "label"))
    corpus = prepare(path, directory=tmp_path / "shards", **given)
    assert (corpus.text_column, corpus.label_column) == ("Satz", "label")


def test_the_bundled_reviews_have_no_columns_to_tell(tmp_path):
    corpus = prepare(directory=tmp_path)
    assert corpus.text_column is corpus.label_column is None


@pytest.mark.parametrize("split", ["test_data", "valid_data"])
def test_a_label_that_training_never_had_is_refused_with_its_line(tmp_path, split):
    other = write(tmp_path / "other.csv", [("a", 0), ("b", 2)])
    with pytest.raises(
        InputError,
        match=r"other\.csv, line 3: the label '2' does not occur in the "
        r"training data, whose labels are '0', '1'",
    ):
        prepare_examples(tmp_path, EXAMPLES, **{split: other})


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ('{"text": "a"}', "line 601: the column 'label' is missing here"),
        ('{"text": ["a"], "label": 1}', "line 601: text and label must be single values, got a li"),
        ('{"text": "a", "label": null}', "line 601: the label in column 'label' is empty"),
        ('{"text": "a", "label": NaN}', "line 601: the label in column 'label' is NaN"),
    ],
)
def test_broken_objects_are_refused_with_their_line(tmp_path, line, complaint):
    path = write(tmp_path / "x.jsonl", EXAMPLES)
    path.write_text(path.read_text() + line + "\n")
    with pytest.raises(InputError, match=complaint):
        prepare(path, directory=tmp_path / "shards")


def test_half_a_surrogate_pair_becomes_the_replacement_character(tmp_path):
    rows = [(f"{text} \ud83d", "\ud83d" if label else "b") for text, label in EXAMPLES]
    corpus = prepare_examples(tmp_path, rows, "x.jsonl")
    assert corpus.labels.names == ("b", "\ufffd")
    wanted = [(f"{text} \ufffd", label) for text, label in EXAMPLES]
    assert sorted(itertools.chain(*splits(corpus))) == sorted(wanted)


def test_null_text_is_an_empty_text(tmp_path):
    corpus = prepare_examples(tmp_path, [*EXAMPLES, (None, 1)], "x.jsonl")
    assert ("", 1) in list(itertools.chain(*splits(corpus)))


def test_missing_test_data_are_noticed_before_the_training_data_are_read(tmp_path):
    with pytest.raises(InputError, match=r"no\.csv: there is no such file"):
        prepare_examples(tmp_path, [("broken", "nan")], test_data=tmp_path / "no.csv")


def test_only_the_shards_are_left_in_the_folder(tmp_path):
    corpus = prepare_examples(tmp_path, EXAMPLES)
    splits = (corpus.train, corpus.validation, corpus.test)
    paths = {path for split in splits for path in split.paths}
    assert {str(path) for path in (tmp_path / "shards").iterdir()} == paths
