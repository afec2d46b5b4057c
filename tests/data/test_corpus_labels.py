"""The labels of a corpus: of any kind and spelling, named, merged or left out."""

import pytest

from nlpkit.errors import InputError
from tests.data.corpora import EXAMPLES, TEXTS, prepare_examples, write


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
    corpus = prepare_examples(tmp_path, rows)
    assert corpus.labels.values == values
    wanted = {text: values.index(label.removesuffix(".0")) for text, label in rows}
    assert all(wanted[text] == index for text, index in corpus.train)


@pytest.mark.parametrize(
    "spellings", [("né", "ne\u0301"), ("pos", " pos"), ("pos", "pos\u200b"), ("가", "\u1100\u1161")]
)
def test_spellings_that_look_alike_are_one_class(tmp_path, spellings):
    rows = [(text, spellings[number % 4 // 2] if number % 2 else "x")
            for number, text in enumerate(TEXTS)]  # fmt: skip
    corpus = prepare_examples(tmp_path, rows)
    assert set(corpus.labels.values) == {"x", spellings[0]}
    assert corpus.test.class_counts == (30, 30)


def test_other_data_without_a_label_that_is_kept_are_refused(tmp_path):
    rows = [(text, "3") for text in TEXTS[:50]]
    test = write(tmp_path / "test.tsv", rows)
    stars = [(text, str(1 + number % 5)) for number, text in enumerate(TEXTS)]
    with pytest.raises(InputError, match=r"test\.tsv: `--label-names` leaves out every label"):
        prepare_examples(tmp_path, stars, label_names=STARS, test_data=test)


def test_names_must_keep_two_classes(tmp_path):
    with pytest.raises(InputError, match="must keep at least two classes, but leaves all out"):
        prepare_examples(tmp_path, EXAMPLES, label_names="0=,1=")


@pytest.mark.parametrize("label", [1, 1.0, "1", True])
def test_json_labels_of_any_type(tmp_path, label):
    rows = [(text, label if number % 2 else 0) for number, text in enumerate(TEXTS)]
    corpus = prepare_examples(tmp_path, rows, "x.jsonl")
    assert corpus.labels.values == (("0", "true") if label is True else ("0", "1"))


@pytest.mark.parametrize("names", ["0=negative,1=positive", {"0": "negative", "1": "positive"}])
def test_label_names(tmp_path, names):
    corpus = prepare_examples(tmp_path, EXAMPLES, label_names=names)
    assert corpus.labels.names == ("negative", "positive")


@pytest.mark.parametrize(
    ("names", "said"),
    [(None, []), ("0=a,1=b", []), ("0=a", ["`--label-names` leaves '1' without a name"])],
)
def test_a_class_that_is_left_without_a_name_is_told(tmp_path, names, said):
    notices = prepare_examples(tmp_path, EXAMPLES, label_names=names).notices
    assert [notice.partition(",")[0] for notice in notices] == said


STARS = "1=negative,2=negative,3=,4=positive,5=positive"


@pytest.mark.parametrize("written", ["{}", "{}.0"])
def test_stars_become_two_classes_in_every_split(tmp_path, written):
    rows = [(text, written.format(number % 5 + 1)) for number, text in enumerate(TEXTS)]
    others = [(f"new {text}", label) for text, label in rows[:50]]
    test = write(tmp_path / "test.csv", others)
    corpus = prepare_examples(tmp_path, rows, label_names=STARS, test_data=test)
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
    test = write(tmp_path / "test.csv", [(t, ("bad", "good")[v]) for t, v in EXAMPLES[:50]])
    corpus = prepare_examples(tmp_path, EXAMPLES, label_names="0=bad,1=good", test_data=test)
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
        prepare_examples(tmp_path, EXAMPLES, label_names=names)


def test_spellings_in_two_cases_are_one_class_if_both_are_named(tmp_path):
    rows = [(text, ["neg", "pos", "Pos"][number % 3]) for number, text in enumerate(TEXTS)]
    corpus = prepare_examples(tmp_path, rows, label_names="neg=bad,pos=good,Pos=good")
    assert corpus.labels.names == ("good", "bad")
