"""The most frequent class as the answer to everything."""

import numpy as np
import pytest

from nlpkit.evaluation.majority import majority_class

LABELS = np.array([0] * 2 + [1] * 46 + [2] * 2)


def test_its_figures_are_those_computed_by_hand():
    majority = majority_class([5, 90, 5], LABELS, LABELS)
    assert majority.index == 1
    assert majority.metrics["accuracy"] == pytest.approx(0.92)
    assert majority.metrics["macro_f1"] == pytest.approx(2 * 0.92 / 1.92 / 3)


def test_the_training_data_say_which_class_it_is():
    assert majority_class([50, 1, 2], LABELS, LABELS).metrics["accuracy"] == pytest.approx(0.04)


@pytest.mark.parametrize(
    ("count", "better"), [(0, False), (3, False), (4, False)], ids=["none", "three", "all"]
)
def test_a_few_examples_of_rare_classes_prove_nothing(count, better):
    predicted = np.ones(50, int)
    rare = np.flatnonzero(LABELS != 1)[:count]
    predicted[rare] = LABELS[rare]
    assert majority_class([5, 90, 5], predicted, LABELS).comparison.better == better


def test_a_classifier_that_finds_many_is_better():
    labels = np.repeat([0, 1], [30, 70])
    assert majority_class([3, 7], labels, labels).comparison.better
