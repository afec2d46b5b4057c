"""Doubtful labels: which values nobody means as classes of their own, and which are classes."""

import pytest

from nlpkit.data.label_checks import refuse_doubtful_labels
from nlpkit.errors import InputError


@pytest.mark.parametrize(
    ("values", "pair"),
    [
        (["neg", "Neg", "pos"], "'Neg', 'neg'"),
        (["FALSE", "False", "true"], "'FALSE', 'False'"),
        (["Straße", "STRASSE"], "'STRASSE', 'Straße'"),
        (["É", "é"], "'É', 'é'"),
        (["１", "1"], "'1', '１'"),
        (["notgood", "Not good", "good"], "'Not good', 'notgood'"),
    ],
)
@pytest.mark.parametrize(("column", "where"), [("label", " in column 'label'"), (None, "")])
def test_labels_that_differ_only_in_case_or_width_are_named(values, pair, column, where):
    message = f"^x: the labels {pair}{where} differ only in case .*; write each label in one way"
    with pytest.raises(InputError, match=message):
        refuse_doubtful_labels(values, name="x", column=column)


@pytest.mark.parametrize(
    ("values", "example"),
    [
        (["neg|price", "pos|price", "neg", "pos"], "neg|price"),
        (["food; neg", "food; pos", "neg; pos"], "food; neg"),
        (["a,b,c", "a,b", "c"], "a,b"),
        (["['neg', 'price']", "['pos', 'price']", "['neg', 'pos']"],
         "['neg', 'pos']"),
        (["1,2,3", "1,2", "3", "1", "2"], "1,2,3"),
    ],
)  # fmt: skip
def test_a_value_that_holds_several_labels_is_named(values, example):
    with pytest.raises(InputError) as caught:
        refuse_doubtful_labels(values, name="x", column="tags")
    assert f"the value {example!r} in column 'tags' holds several labels" in str(caught.value)
    assert "keep one of them, or make a column" in str(caught.value)


@pytest.mark.parametrize(
    "values",
    [
        ["neg", "pos"],
        ["0", "1", "2"],
        ["Arts, Crafts", "Sports, Leisure"],
        ["yes|no", "maybe"],
        ["1,0", "1,5", "5,0"],
        ["très négatif", "tout à fait positif", "NA"],
        ["★★☆", "★☆☆"],
        [],
    ],
)
def test_labels_that_can_be_told_apart_are_classes(values):
    refuse_doubtful_labels(values, name="x", column="label")
