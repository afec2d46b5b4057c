"""The corpus: every source ends as mixed, split, counted examples; every fault as one sentence."""

import csv
import itertools
import json
import random

import pytest

from nlpkit.data import prepare
from nlpkit.errors import InputError

TEXTS = [f"text {number} 영화" for number in range(600)]
EXAMPLES = [(text, number % 2) for number, text in enumerate(TEXTS)]


def _write(path, examples, columns=("text", "label")):
    with path.open("w", encoding="utf-8", newline="") as stream:
        if path.suffix == ".jsonl":
            for row in examples:
                stream.write(json.dumps(dict(zip(columns, row, strict=True))) + "\n")
        else:
            delimiter = "," if path.suffix == ".csv" else "\t"
            csv.writer(stream, delimiter=delimiter).writerows([columns, *examples])
    return path


def _prepare(tmp_path, examples, name="x.tsv", **options):
    return prepare(_write(tmp_path / name, examples), directory=tmp_path / "shards", **options)


def _splits(corpus):
    return [list(split) for split in (corpus.train, corpus.validation, corpus.test)]


@pytest.mark.parametrize("name", ["x.csv", "x.tsv", "x.txt", "x.jsonl"])
def test_every_example_is_on_exactly_one_split(tmp_path, name):
    corpus = _prepare(tmp_path, EXAMPLES, name)
    assert sorted(itertools.chain(*_splits(corpus))) == sorted(EXAMPLES)
    assert corpus.name == str(tmp_path / name)
    assert corpus.test.class_counts == (30, 30)
    assert corpus.validation.class_counts == (50, 50)
    assert corpus.train.class_counts == (220, 220)


def test_many_copies_of_a_text_leave_quotas_and_splits_as_they_should_be(tmp_path):
    rows = [("copy", 1)] * 300 + [(text, int(n < 100)) for n, text in enumerate(TEXTS[:500])]
    corpus = _prepare(tmp_path, rows)
    assert corpus.test.class_counts == (40, 40)
    assert corpus.validation.class_counts == (50, 50)
    assert corpus.train.class_counts == (310, 310)
    assert corpus.notices == ()


def test_texts_with_the_labels_of_several_classes_are_counted_for_each(tmp_path):
    rows = [(f"t {i}", "a") for i in range(8)] + [(f"t {i}", "b") for i in range(0, 8, 2)]
    corpus = _prepare(tmp_path, rows)
    counts = [split.class_counts for split in (corpus.train, corpus.validation, corpus.test)]
    assert counts == [(5, 2), (2, 1), (1, 1)]


def test_a_share_that_copies_do_not_allow_is_told(tmp_path):
    rows = [(text, 1) for text in TEXTS[:5] for _ in range(100)] + EXAMPLES[10::2]
    corpus = _prepare(tmp_path, rows)
    (notice,) = corpus.notices
    assert notice.startswith("copies of a text stay together, so there are 100 of class '1' for ")


@pytest.mark.parametrize("seed", range(3))
def test_splits_do_not_depend_on_the_order_of_the_rows(tmp_path, seed):
    noisy = EXAMPLES + EXAMPLES[::3] + [(text, 1 - label) for text, label in EXAMPLES[::7]]
    wanted = _splits(_prepare(tmp_path, noisy))
    assert len({text for text, _ in wanted[0]} & {text for text, _ in wanted[2]}) == 0
    random.Random(seed).shuffle(noisy)
    assert _splits(_prepare(tmp_path, noisy)) == wanted


def test_rows_sorted_by_label_are_mixed(tmp_path):
    corpus = _prepare(tmp_path, sorted(EXAMPLES, key=lambda row: row[1]))
    labels = [label for _, label in corpus.train]
    assert all(20 < sum(labels[start : start + 80]) < 60 for start in range(0, 400, 80))


def test_data_of_its_own_keep_a_split_in_order_and_the_rest_for_training(tmp_path):
    test = _write(tmp_path / "test.csv", EXAMPLES[:50])
    valid = _write(tmp_path / "valid.jsonl", EXAMPLES[50:80])
    corpus = _prepare(tmp_path, EXAMPLES, test_data=test, valid_data=valid)
    train, validation, held_out = _splits(corpus)
    assert held_out == EXAMPLES[:50]
    assert validation == EXAMPLES[50:80]
    assert sorted(train) == sorted(EXAMPLES)


def test_other_splits_have_the_columns_of_the_training_data(tmp_path):
    train = _write(tmp_path / "x.csv", EXAMPLES, ("Satz", "sentiment"))
    rows = [("no", text, label, 7) for text, label in EXAMPLES[:50]]
    test = _write(tmp_path / "test.csv", rows, ("text", "satz", "Sentiment", "label"))
    corpus = prepare(train, test_data=test, directory=tmp_path / "shards")
    assert list(corpus.test) == EXAMPLES[:50]


@pytest.mark.parametrize(
    ("raw", "values"),
    [
        (["0", "1"], ("0", "1")),
        (["1.0", "0.0"], ("0", "1")),
        (["10", "9", "2"], ("2", "9", "10")),
        (["positive", "negative", "mixed"], ("mixed", "negative", "positive")),
    ],
)
def test_labels_of_any_kind_and_number(tmp_path, raw, values):
    rows = [(text, raw[number % len(raw)]) for number, text in enumerate(TEXTS)]
    corpus = _prepare(tmp_path, rows)
    assert corpus.labels.values == values
    wanted = {text: values.index(label.removesuffix(".0")) for text, label in rows}
    assert all(wanted[text] == index for text, index in corpus.train)


@pytest.mark.parametrize(
    "spellings", [("né", "ne\u0301"), ("pos", " pos"), ("pos", "pos\u200b"), ("가", "\u1100\u1161")]
)
def test_spellings_that_look_alike_are_one_class(tmp_path, spellings):
    rows = [(text, spellings[number % 4 // 2] if number % 2 else "x")
            for number, text in enumerate(TEXTS)]  # fmt: skip
    corpus = _prepare(tmp_path, rows)
    assert set(corpus.labels.values) == {"x", spellings[0]}
    assert corpus.test.class_counts == (30, 30)


@pytest.mark.parametrize("label", [1, 1.0, "1", True])
def test_json_labels_of_any_type(tmp_path, label):
    rows = [(text, label if number % 2 else 0) for number, text in enumerate(TEXTS)]
    corpus = _prepare(tmp_path, rows, "x.jsonl")
    assert corpus.labels.values == (("0", "true") if label is True else ("0", "1"))


@pytest.mark.parametrize("names", ["0=negative,1=positive", {"0": "negative", "1": "positive"}])
def test_label_names(tmp_path, names):
    corpus = _prepare(tmp_path, EXAMPLES, label_names=names)
    assert corpus.labels.names == ("negative", "positive")


@pytest.mark.parametrize(
    ("names", "said"),
    [(None, []), ("0=a,1=b", []), ("0=a", ["`--label-names` leaves '1' without a name"])],
)
def test_a_class_that_is_left_without_a_name_is_told(tmp_path, names, said):
    notices = _prepare(tmp_path, EXAMPLES, label_names=names).notices
    assert [notice.partition(",")[0] for notice in notices] == said


STARS = "1=negative,2=negative,3=,4=positive,5=positive"


@pytest.mark.parametrize("written", ["{}", "{}.0"])
def test_stars_become_two_classes_in_every_split(tmp_path, written):
    rows = [(text, written.format(number % 5 + 1)) for number, text in enumerate(TEXTS)]
    others = [(f"new {text}", label) for text, label in rows[:50]]
    test = _write(tmp_path / "test.csv", others)
    corpus = _prepare(tmp_path, rows, label_names=STARS, test_data=test)
    assert corpus.labels.names == ("negative", "positive")
    assert (corpus.labels.values, corpus.labels.left_out) == (("1", "4"), ("3",))
    classes = {1: 0, 2: 0, 4: 1, 5: 1}
    wanted = [
        (text, classes[stars]) for text, label in others if (stars := int(float(label))) in classes
    ]
    assert list(corpus.test) == wanted
    assert corpus.train.size + corpus.validation.size == 480
    assert corpus.notices == ("`--label-names` leaves out 120 training rows with '3'",)


def test_test_data_may_name_the_classes(tmp_path):
    test = _write(tmp_path / "test.csv", [(t, ("bad", "good")[v]) for t, v in EXAMPLES[:50]])
    corpus = _prepare(tmp_path, EXAMPLES, label_names="0=bad,1=good", test_data=test)
    assert list(corpus.test) == EXAMPLES[:50]


@pytest.mark.parametrize(
    ("names", "complaint"),
    [
        ("0=,1=a", "at least two classes, got 'a' only"),
        ("0=a,1=a", "at least two classes, got 'a' only"),
        ("0=a,1=b,2=", "names '2', which does not occur"),
    ],
)
def test_names_that_leave_too_little_are_refused(tmp_path, names, complaint):
    with pytest.raises(InputError, match=complaint):
        _prepare(tmp_path, EXAMPLES, label_names=names)


def test_spellings_in_two_cases_are_one_class_if_both_are_named(tmp_path):
    rows = [(text, ["neg", "pos", "Pos"][number % 3]) for number, text in enumerate(TEXTS)]
    corpus = _prepare(tmp_path, rows, label_names="neg=bad,pos=good,Pos=good")
    assert corpus.labels.names == ("good", "bad")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "cp949"])
def test_texts_of_any_encoding_become_utf_8(tmp_path, encoding):
    content = "text\tlabel\n" + "".join(f"{text}\t{label}\n" for text, label in EXAMPLES)
    (tmp_path / "x.tsv").write_bytes(content.encode(encoding))
    corpus = prepare(tmp_path / "x.tsv", encoding=encoding, directory=tmp_path / "shards")
    assert sorted(itertools.chain(*_splits(corpus))) == sorted(EXAMPLES)


def test_odd_texts_are_legal(tmp_path):
    odd = ["", "nul \0", "فيلم رائع", "👍🏽", "x" * (1 << 20), '"', "a\nb\tc"]
    rows = EXAMPLES + [(text, 0) for text in odd]
    corpus = _prepare(tmp_path, rows)
    assert sorted(itertools.chain(*_splits(corpus))) == sorted(rows)


def test_tiny_data_have_each_class_on_each_split(tmp_path):
    corpus = _prepare(tmp_path, EXAMPLES[:6])
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
        _prepare(tmp_path, rows)


@pytest.mark.parametrize("split", ["test_data", "valid_data"])
@pytest.mark.parametrize("place", ["x.tsv", "folder/../x.tsv", "link.tsv"])
def test_one_file_is_not_taken_for_two_splits(tmp_path, split, place):
    (tmp_path / "folder").mkdir()
    (tmp_path / "link.tsv").symlink_to(tmp_path / "x.tsv")
    with pytest.raises(InputError, match=r"must be different files, got '.*x\.tsv' twice"):
        _prepare(tmp_path, EXAMPLES, **{split: tmp_path / place})


def test_one_file_is_not_both_validation_and_test(tmp_path):
    other = _write(tmp_path / "other.csv", EXAMPLES)
    with pytest.raises(InputError, match=r"must be different files, got '.*other\.csv' twice"):
        _prepare(tmp_path, EXAMPLES, test_data=other, valid_data=other)


@pytest.mark.parametrize("split", ["test_data", "valid_data"])
def test_an_empty_name_is_refused_by_the_name_of_its_option(tmp_path, split):
    message = f"`--{split.replace('_', '-')}` must be .*, got ''"
    with pytest.raises(InputError, match=message):
        _prepare(tmp_path, EXAMPLES, **{split: ""})


@pytest.mark.parametrize("given", [{}, {"text_column": "Satz", "label_column": "label"}])
def test_the_columns_learnt_from_are_told(tmp_path, given):
    path = _write(tmp_path / "x.csv", EXAMPLES, ("Satz", "label"))
    corpus = prepare(path, directory=tmp_path / "shards", **given)
    assert (corpus.text_column, corpus.label_column) == ("Satz", "label")


def test_the_bundled_reviews_have_no_columns_to_tell(tmp_path):
    corpus = prepare(directory=tmp_path)
    assert corpus.text_column is corpus.label_column is None


@pytest.mark.parametrize("split", ["test_data", "valid_data"])
def test_a_label_that_training_never_had_is_refused_with_its_line(tmp_path, split):
    other = _write(tmp_path / "other.csv", [("a", 0), ("b", 2)])
    with pytest.raises(
        InputError,
        match=r"other\.csv, line 3: the label '2' does not occur in the "
        r"training data, whose labels are '0', '1'",
    ):
        _prepare(tmp_path, EXAMPLES, **{split: other})


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
    path = _write(tmp_path / "x.jsonl", EXAMPLES)
    path.write_text(path.read_text() + line + "\n")
    with pytest.raises(InputError, match=complaint):
        prepare(path, directory=tmp_path / "shards")


def test_half_a_surrogate_pair_becomes_the_replacement_character(tmp_path):
    rows = [(f"{text} \ud83d", "\ud83d" if label else "b") for text, label in EXAMPLES]
    corpus = _prepare(tmp_path, rows, "x.jsonl")
    assert corpus.labels.names == ("b", "\ufffd")
    wanted = [(f"{text} \ufffd", label) for text, label in EXAMPLES]
    assert sorted(itertools.chain(*_splits(corpus))) == sorted(wanted)


def test_null_text_is_an_empty_text(tmp_path):
    corpus = _prepare(tmp_path, [*EXAMPLES, (None, 1)], "x.jsonl")
    assert ("", 1) in list(itertools.chain(*_splits(corpus)))


def test_missing_test_data_are_noticed_before_the_training_data_are_read(tmp_path):
    with pytest.raises(InputError, match=r"no\.csv: there is no such file"):
        _prepare(tmp_path, [("broken", "nan")], test_data=tmp_path / "no.csv")


def test_only_the_shards_are_left_in_the_folder(tmp_path):
    corpus = _prepare(tmp_path, EXAMPLES)
    splits = (corpus.train, corpus.validation, corpus.test)
    paths = {path for split in splits for path in split.paths}
    assert {str(path) for path in (tmp_path / "shards").iterdir()} == paths
