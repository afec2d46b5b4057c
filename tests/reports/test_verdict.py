"""The verdict knows its margin, and what a classifier has to beat at least."""

from types import SimpleNamespace

import numpy as np
import pytest

from nlpkit.evaluation.comparison import Comparison
from nlpkit.reports.verdict import majority_sentence, majority_warning, verdict

BETTER = {"difference": 0.3, "margin": 0.05, "p_value": 1e-9}


def said(*, baseline=BETTER, majority=BETTER, size=5000, accuracy=0.98):
    """The sentences about a model."""
    return verdict(
        {
            "examples": {"test": size},
            "test": {"accuracy": accuracy, "macro_f1": 0.495},
            "majority_class": {"name": "good|bad", "accuracy": 0.98, "macro_f1": 0.495},
            "comparison": {"baseline": baseline, "majority_class": majority},
        }
    )


@pytest.mark.parametrize(
    ("difference", "margin", "p_value", "sentence"),
    [
        (
            0.012, 0.004, 0.0031,
            "This model beats the baseline by 1.20 ± 0.40 percentage points of accuracy "
            "(95% interval; McNemar's test, p = 0.0031).",
        ),
        (
            -0.25, 0.05, 1e-12,
            "This model loses to the baseline by 25.00 ± 5.00 percentage points of accuracy "
            "(95% interval; McNemar's test, p < 0.001).",
        ),
        (
            0.0008, 0.004, 0.7,
            "The accuracy of this model and the baseline does not differ significantly: "
            "+0.08 ± 0.40 percentage points (95% interval; McNemar's test, p = 0.7).",
        ),
        (
            -0.5, 0.6, 0.25,
            "The accuracy of this model and the baseline does not differ significantly: "
            "-50.00 ± 60.00 percentage points (95% interval; McNemar's test, p = 0.25).",
        ),
    ],
)  # fmt: skip
def test_a_difference_is_claimed_only_where_the_test_finds_it(
    difference, margin, p_value, sentence
):
    comparison = {"difference": difference, "margin": margin, "p_value": p_value}
    assert said(baseline=comparison) == [sentence]


@pytest.mark.parametrize(
    ("comparison", "how"),
    [
        ({"difference": 0.0, "margin": 0.01, "p_value": 1.0}, "not measurably more accurate"),
        ({"difference": 0.2, "margin": 0.3, "p_value": 0.125}, "not measurably more accurate"),
        ({"difference": -0.1, "margin": 0.01, "p_value": 0.001}, "less accurate"),
    ],
)
def test_a_model_no_better_than_the_most_frequent_class_is_said_to_be_so(comparison, how):
    sentence = (
        f"On the test split this model is {how} than always predicting good\\|bad, the most "
        "frequent class: 98.00% against 98.00% (macro F1 0.4950 against 0.4950)."
    )
    assert said(majority=comparison)[1:] == [sentence]


def test_the_split_is_named():
    metrics = {"accuracy": 0.5, "macro_f1": 0.4}
    (sentence,) = majority_sentence(Comparison(0, 1, 1), "no", metrics, metrics, split="validation")
    assert sentence.startswith("On the validation split this model is not")


@pytest.mark.parametrize(
    ("validation", "test", "split"),
    [(40, 40, None), (40, 3, "test"), (3, 40, "validation"), (3, 3, "validation")],
)
def test_a_run_warns_of_the_first_split_on_which_the_model_proves_nothing(validation, test, split):
    corpus = SimpleNamespace(
        train=SimpleNamespace(class_counts=(9, 10)), labels=SimpleNamespace(names=("no", "yes"))
    )
    flawless = {
        name: (np.repeat(np.eye(2), count, axis=0), np.repeat([0, 1], count))
        for name, count in {"validation": validation, "test": test}.items()
    }
    warning = majority_warning(corpus, flawless)
    if split is None:
        assert warning is None
    else:
        assert warning.startswith(f"On the {split} split this model is not measurably more")
        assert "always predicting 'yes', the most frequent class: 100.00% against 50.00%" in warning
        assert warning.endswith("; more examples are the likeliest cure.")


@pytest.mark.parametrize(
    ("size", "accuracy", "points"), [(520, 0.575, "2.2"), (999, 0.9, "1.0"), (4, 1.0, "15.3")]
)
def test_a_small_test_split_is_told_with_its_standard_error(size, accuracy, points):
    assert said(size=size, accuracy=accuracy)[-1] == (
        f"With only {size} texts in the test split, the standard error of the accuracy is "
        f"{points} percentage points."
    )


def test_a_large_test_split_is_told_without_it():
    assert len(said(size=1000)) == 1
