"""Labels: order, canonical spelling, names, and the words of each refusal."""

import pytest

from nlpkit.data.labels import Labels, canonical, parse_label_names
from nlpkit.errors import InputError


@pytest.mark.parametrize(
    ("values", "ordered"),
    [
        ({"1", "0"}, ("0", "1")),
        ({"10", "9", "-1"}, ("-1", "9", "10")),
        ({"4.5", "10", "2"}, ("2", "4.5", "10")),
        ({"positive", "negative", "mixed"}, ("mixed", "negative", "positive")),
        ({"10", "9", "a"}, ("10", "9", "a")),
        ({"긍정", "부정"}, ("긍정", "부정")),
    ],
)
def test_numbers_sort_as_numbers_and_words_as_words(values, ordered):
    labels = Labels.of(values)
    assert labels.values == labels.names == ordered
    assert [labels.index(value) for value in ordered] == list(range(len(labels)))


@pytest.mark.parametrize(
    ("raw", "spelled"), [("1.0", "1"), (" 1 ", "1"), ("-2.00", "-2"), ("1.5", "1.5"), ("01", "01"),
                         ("none", "none"), ("v1.0", "v1.0"), ("a\ud83d", "a\ufffd"),
                         ("ne\u0301", "n\u00e9"), ("\u1100\u1161", "\uac00"),
                         ("\u200bpos\ufeff", "pos"), ("p\u00ados", "pos"), ("p\u200dos", "pos"),
                         ("pos\u200d", "pos"), ("not\u00a0 good", "not good"), ("1.0\u200b", "1"),
                         ("\u2764\ufe0f", "\u2764")],
)  # fmt: skip
def test_canonical_spelling(raw, spelled):
    assert canonical(raw) == spelled


@pytest.mark.parametrize(
    "seen",
    ["👩‍💻", "می‌شود", "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f"],
)
def test_joiners_and_tags_that_can_be_seen_are_kept(seen):
    assert canonical(seen) == seen


@pytest.mark.parametrize(
    ("raw", "word"), [("", "empty"), (" \t", "empty"), ("\u200b", "empty"), ("NaN", "NaN")]
)
def test_no_label_is_refused(raw, word):
    with pytest.raises(ValueError, match=word):
        canonical(raw)


def test_names_show_where_they_are_given():
    labels = Labels.of({"0", "1", "2"}, names={"2": "good", "0.0": "bad"})
    assert labels.names == ("bad", "1", "good")


@pytest.mark.parametrize(
    ("names", "said"),
    [
        ({}, None),
        ({"0": "a", "1": "b", "2": "c"}, None),
        ({"0": "a", "1": "b"}, "leaves '2' without a name, which is shown as it is"),
        ({"0": "a"}, "leaves '1', '2' without a name, which are shown as they are"),
    ],
)
def test_classes_without_a_name_among_named_ones_are_told(names, said):
    message = Labels.of({"0", "1", "2"}, names=names).half_named()
    assert message == said if said is None else message.endswith(said)


STARS = "1=negative,2=negative,3=,4=positive,5=positive"


def test_values_of_one_name_are_one_class_and_those_of_an_empty_name_in_none():
    labels = Labels.of(map(str, range(1, 6)), names=parse_label_names(STARS))
    assert labels.names == ("negative", "positive")
    assert labels.indices() == {"1": 0, "2": 0, "4": 1, "5": 1}
    assert labels.left_out == ("3",)
    assert labels.half_named() is None
    with pytest.raises(ValueError, match="'3' is in no class"):
        labels.index("3")


def test_a_value_may_be_named_as_another_one_is_called():
    labels = Labels.of({"bad", "good", "poor"}, names={"poor": "bad"})
    assert labels.names == ("bad", "good")
    assert labels.indices() == {"bad": 0, "good": 1, "poor": 0}


@pytest.mark.parametrize("text", [None, "", "  "])
def test_no_label_names(text):
    assert parse_label_names(text) == {}


def test_label_names_may_hold_spaces_and_any_script():
    assert parse_label_names(" 0 = not good ,1.0=좋음") == {"0": "not good", "1": "좋음"}


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("0", r"must look like 0=negative,1=positive, got '0'"),
        ("0=a,", "must look like"),
        ("=a", "must look like"),
        ("0=a,0.0=b", "name a label once, got '0' twice"),
        ("nan=a", "cannot name the label 'nan'"),
    ],
)
def test_malformed_label_names_are_refused(text, complaint):
    with pytest.raises(InputError, match=f"`--label-names` .*{complaint}"):
        parse_label_names(text)


@pytest.mark.parametrize(
    ("values", "names", "complaint"),
    [
        (set(), {}, "at least two classes"),
        ({"1"}, {}, "at least two classes, got '1' only"),
        ({"0", "1"}, {"2": "x"}, "names '2', which does not occur .* the labels are '0', '1'"),
        ({"0", "1"}, {"0": "1"}, "at least two classes, got '1' only"),
        ({"0", "1"}, {"0": ""}, "at least two classes, got '1' only"),
        ({"0", "1"}, {"": "x"}, "`--label-names` cannot name the label ''"),
        ({"0", "1"}, {"nan": "x"}, "`--label-names` cannot name the label 'nan'"),
        ({"0", "1"}, {"0": "x", "0.0": "y"}, "name a label once, got '0' twice"),
    ],
)
def test_labels_that_cannot_be_told_apart_are_refused(values, names, complaint):
    with pytest.raises(InputError, match=complaint):
        Labels.of(values, names=names)
