import numpy as np
import pytest

from nlpkit.errors import InputError
from nlpkit.evaluation.confidence import reliability
from nlpkit.evaluation.metrics import classification, confusion, per_class, standard_error

# Confidences 0.62, 0.64 (bin 10), 0.78 (bin 12), 0.95, 0.96, 1.0 (bin 15); right: y n y y y n.
SIX = np.array([[0.62, 0.38], [0.36, 0.64], [0.78, 0.22], [0.05, 0.95], [0.04, 0.96], [1.0, 0.0]])
SIX_LABELS = np.array([0, 0, 0, 1, 1, 1])


def test_the_calibration_error_of_six_examples_is_the_one_computed_by_hand():
    gaps = [2 * abs(1 / 2 - 0.63), 1 * abs(1 - 0.78), 3 * abs(2 / 3 - 0.97)]
    assert classification(SIX, SIX_LABELS)["ece"] == pytest.approx(sum(gaps) / 6)


def test_macro_f1_of_six_examples_is_the_one_computed_by_hand():
    # Each class: two true positives, one false positive, one false negative; then a lopsided set.
    assert classification(SIX, SIX_LABELS)["macro_f1"] == pytest.approx(4 / 6)
    lopsided = classification(SIX, [0, 0, 0, 1, 1, 0])
    assert lopsided["macro_f1"] == pytest.approx((6 / 7 + 4 / 5) / 2)


def test_accuracy_and_log_loss_are_the_ones_computed_by_hand():
    metrics = classification(SIX[:5], SIX_LABELS[:5])
    assert metrics["accuracy"] == pytest.approx(4 / 5)
    assert metrics["log_loss"] == pytest.approx(-np.log([0.62, 0.36, 0.78, 0.95, 0.96]).mean())


def test_the_figures_come_in_the_order_of_the_table():
    assert list(classification(SIX, SIX_LABELS)) == ["accuracy", "macro_f1", "log_loss", "ece"]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_certain_and_wrong_costs_a_finite_loss_that_precision_does_not_change(dtype):
    metrics = classification(np.array([[1, 0], [0, 1]], dtype), [1, 1])
    assert metrics["log_loss"] == pytest.approx(23 * np.log(2) / 2, rel=1e-5)
    assert metrics["ece"] == pytest.approx(0.5)


def test_a_class_that_occurs_nowhere_is_left_out_of_macro_f1():
    metrics = classification([[0.8, 0.1, 0.1], [0.1, 0.8, 0.1]], [0, 1])
    assert metrics["macro_f1"] == 1.0


def test_a_class_that_is_only_predicted_scores_nothing():
    metrics = classification([[0.8, 0.1, 0.1], [0.1, 0.1, 0.8]], [0, 0])
    assert metrics["macro_f1"] == pytest.approx((2 / 3 + 0) / 2)


@pytest.mark.parametrize("classes", [2, 3, 7])
def test_one_example_is_enough(classes):
    probabilities = np.full((1, classes), 1 / classes, np.float32)
    metrics = classification(probabilities, [0])
    assert metrics["accuracy"] == 1.0
    assert metrics["log_loss"] == pytest.approx(np.log(classes), rel=1e-5)


def test_perfect_answers_have_perfect_figures():
    metrics = classification(np.eye(3, dtype=np.float32), [0, 1, 2])
    assert metrics == pytest.approx(
        {"accuracy": 1, "macro_f1": 1, "log_loss": 0, "ece": 0}, abs=1e-6
    )


def test_confusion_has_true_classes_down_and_predicted_ones_across():
    matrix = confusion([[0.8, 0.1, 0.1], [0.1, 0.8, 0.1], [0.7, 0.2, 0.1]], [0, 0, 1])
    assert matrix.tolist() == [[1, 1, 0], [1, 0, 0], [0, 0, 0]]


WRONG = [
    ([0.5, 0.5], [0], r"^`probabilities` must have shape \[N, K\] .+, got \[2\]\.$"),
    (np.zeros((0, 2)), [], r"at least one example and two classes, got \[0, 2\]\.$"),
    ([[1.0]], [0], r"at least one example and two classes, got \[1, 1\]\.$"),
    ([[np.nan, 1.0]], [0], r"^`probabilities` must be numbers from 0 to 1, got others or NaN\.$"),
    ([[-0.5, 1.5]], [0], r"^`probabilities` must be numbers from 0 to 1"),
    ([[0.5, 0.5], [0.5, 0.8]], [0, 1], r"must sum to 1 in each row, got 1\.3 in row 1\.$"),
    ([[0.5, 0.5]], [0, 1], r"^`labels` must have shape \[1\], one for each example, got \[2\]\.$"),
    ([[0.5, 0.5]], [0.0], r"^`labels` must be integers, got float64\.$"),
    ([[0.5, 0.5]], [2], r"^`labels` must be class indices from 0 to 1, got 2\.$"),
    ([[0.5, 0.5]], [-1], r"^`labels` must be class indices from 0 to 1, got -1\.$"),
]


@pytest.mark.parametrize("function", [classification, confusion, per_class, reliability])
@pytest.mark.parametrize(("probabilities", "labels", "message"), WRONG)
def test_what_is_wrong_with_the_answers_is_said(function, probabilities, labels, message):
    with pytest.raises(InputError, match=message):
        function(probabilities, labels)


def test_each_class_has_the_metrics_computed_by_hand():
    # True 0 0 0 1 1 0, predicted 0 1 0 1 1 0; a third class occurs nowhere.
    probabilities = np.concatenate([SIX, np.zeros((6, 1))], axis=1)
    first, second, third = per_class(probabilities, [0, 0, 0, 1, 1, 0])
    assert first == {"precision": 1.0, "recall": 0.75, "f1": pytest.approx(6 / 7), "support": 4}
    assert second == {
        "precision": pytest.approx(2 / 3), "recall": 1.0, "f1": pytest.approx(0.8), "support": 2,
    }  # fmt: skip
    assert third == {"precision": 0.0, "recall": 0.0, "f1": 0.0, "support": 0}


@pytest.mark.parametrize(
    ("fraction", "size", "error"), [(0.575, 520, 0.0216), (0.9, 999, 0.0095), (1.0, 4, 0.153)]
)
def test_the_standard_error_is_never_nought(fraction, size, error):
    assert standard_error(fraction, size) == pytest.approx(error, abs=5e-4)
