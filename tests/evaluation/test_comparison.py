"""Two classifiers on the same examples: what was measured, how sure it is, and what is refused."""

import numpy as np
import pytest
import scipy.stats

from nlpkit.errors import InputError
from nlpkit.evaluation.comparison import compare_accuracy


def pair(both, only_ours, only_theirs, neither):
    """Predictions of two classifiers that are right on so many examples, and the labels."""
    ours = [1] * both + [1] * only_ours + [0] * only_theirs + [0] * neither
    theirs = [1] * both + [0] * only_ours + [1] * only_theirs + [0] * neither
    return ours, theirs, [1] * len(ours)


@pytest.mark.parametrize(
    ("only_ours", "only_theirs", "p_value"),
    # Exact McNemar p less the probability of the outcome itself: 2 (1 + 10) / 2^10 − 10 / 2^10 …
    [(9, 1, 12 / 1024), (1, 9, 12 / 1024), (5, 5, 1.0), (0, 0, 1.0), (1, 0, 0.5), (6, 0, 1 / 64)],
)
@pytest.mark.parametrize("both", [0, 500])
def test_the_p_value_is_the_mid_p_computed_by_hand(both, only_ours, only_theirs, p_value):
    if both + only_ours + only_theirs:
        comparison = compare_accuracy(*pair(both, only_ours, only_theirs, 3))
        assert comparison.p_value == pytest.approx(p_value)


@pytest.mark.parametrize(("one", "other"), [(3, 12), (40, 25), (300, 351), (0, 9)])
def test_mid_p_is_the_exact_p_less_the_probability_of_the_outcome(one, other):
    exact = scipy.stats.binomtest(one, one + other).pvalue
    outcome = scipy.stats.binom.pmf(one, one + other, 0.5)
    assert compare_accuracy(*pair(50, one, other, 50)).p_value == pytest.approx(exact - outcome)


def test_the_difference_is_that_of_the_accuracies_whatever_both_get_right():
    ours, theirs, labels = pair(60, 25, 10, 5)
    comparison = compare_accuracy(ours, theirs, labels)
    assert comparison.difference == pytest.approx(np.mean(ours) - np.mean(theirs)) == 0.15
    assert (comparison.significant, comparison.better) == (True, True)
    turned = compare_accuracy(theirs, ours, labels)
    assert (turned.difference, turned.margin) == pytest.approx((-0.15, comparison.margin))
    assert (turned.significant, turned.better) == (True, False)


@pytest.mark.parametrize(("size", "one", "other"), [(30, 0.2, 0.1), (300, 0.1, 0.1), (60, 0.02, 0)])
def test_nearly_every_interval_holds_the_true_difference(size, one, other):
    rng = np.random.default_rng(0)
    held = []
    for _ in range(1000):
        kinds = rng.multinomial(size, [0.5, one, other, 0.5 - one - other])
        comparison = compare_accuracy(*pair(*kinds))
        held.append(abs(comparison.difference - (one - other)) <= comparison.margin)
    assert np.mean(held) > 0.93


def test_the_margin_grows_with_what_tells_the_two_apart_and_shrinks_with_the_examples():
    margins = [
        compare_accuracy(*pair(*kinds)).margin
        for kinds in [(9000, 100, 100, 800), (900, 10, 10, 80), (800, 60, 60, 80), (5, 0, 0, 0)]
    ]
    assert margins == sorted(margins)


def test_one_class_may_be_predicted_for_all():
    assert compare_accuracy([0, 1, 1], 1, [0, 1, 0]) == compare_accuracy(
        [0, 1, 1], [1, 1, 1], [0, 1, 0]
    )


@pytest.mark.parametrize(
    ("ours", "theirs", "labels", "message"),
    [
        ([], [], [], r"at least one, got \[0\] for \[0\]\.$"),
        ([0, 1], [0, 1], [0], r"got \[2\] for \[1\]\.$"),
        ([0, 1], [0], [0, 1], r"the same examples, got \[2\] and \[1\] predictions\.$"),
    ],
)
def test_what_cannot_be_paired_is_refused(ours, theirs, labels, message):
    with pytest.raises(InputError, match=message):
        compare_accuracy(ours, theirs, labels)
