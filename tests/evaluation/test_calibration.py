import numpy as np
import pytest
from scipy.special import log_softmax, softmax

from nlpkit.errors import InputError
from nlpkit.evaluation.calibration import (
    HIGHEST,
    LOWEST,
    calibrate_mixture,
    log_loss,
    temperature,
)
from nlpkit.evaluation.metrics import classification


def drawn(classes, examples=4000):
    """Logits, and labels drawn from the distribution that they describe."""
    random = np.random.default_rng(classes)
    logits = random.normal(scale=2.0, size=(examples, classes))
    labels = (softmax(logits, axis=1).cumsum(axis=1) < random.random((examples, 1))).sum(axis=1)
    return logits, labels


@pytest.mark.parametrize("classes", [2, 3, 5])
@pytest.mark.parametrize("factor", [0.5, 3.0])
def test_scaling_the_logits_is_undone(classes, factor):
    logits, labels = drawn(classes)
    assert temperature(factor * logits, labels) == pytest.approx(
        factor * temperature(logits, labels), rel=1e-4
    )
    assert temperature(logits, labels) == pytest.approx(1.0, abs=0.1)


def test_calibration_lowers_the_error_and_keeps_the_classes():
    logits, labels = drawn(3)
    before = classification(softmax(3 * logits, axis=1), labels)
    after = classification(softmax(3 * logits / temperature(3 * logits, labels), axis=1), labels)
    assert after["ece"] < before["ece"] / 3
    assert after["log_loss"] < before["log_loss"]
    assert after["accuracy"] == before["accuracy"]


def test_log_probabilities_serve_as_logits():
    logits, labels = drawn(3)
    assert temperature(log_softmax(logits, axis=1), labels) == pytest.approx(
        temperature(logits, labels), rel=1e-4
    )


def test_three_of_four_right_means_three_quarters():
    assert temperature([[4.0, 0.0]] * 4, [0, 0, 0, 1]) == pytest.approx(4 / np.log(3), rel=1e-4)


@pytest.mark.parametrize("seed", range(20))
def test_a_few_examples_never_make_their_own_loss_worse(seed):
    random = np.random.default_rng(seed)
    logits, labels = random.normal(size=(3, 2)), random.integers(2, size=3)
    best = temperature(logits, labels)
    before = classification(softmax(logits, axis=1), labels)["log_loss"]
    after = classification(softmax(logits / best, axis=1), labels)["log_loss"]
    assert after <= before
    assert LOWEST <= best <= HIGHEST


@pytest.mark.parametrize(("labels", "bound"), [([0, 1], LOWEST), ([1, 0], HIGHEST)])
def test_separable_examples_reach_the_bound_and_stop(labels, bound):
    assert temperature([[1.0, 0.0], [0.0, 1.0]], labels) == pytest.approx(bound, rel=1e-4)


def test_logits_that_say_nothing_stay():
    assert temperature(np.zeros((5, 3)), [0, 1, 2, 0, 0]) == 1.0


def test_a_probability_of_zero_is_legal():
    best = temperature([[0.0, -np.inf]] * 4, [0, 0, 0, 1])
    assert best == pytest.approx(HIGHEST, rel=1e-4)


@pytest.mark.parametrize(
    ("logits", "labels", "message"),
    [
        ([0.0, 1.0], [0], r"^`logits` must have shape \[N, K\] .+, got \[2\]\.$"),
        (np.zeros((0, 2)), [], r"at least one example and two classes, got \[0, 2\]\.$"),
        ([[np.nan, 0.0]], [0], r"^`logits` must be finite, or −inf in part of a row, got NaN"),
        ([[-np.inf, -np.inf]], [0], r"^`logits` must be finite"),
        ([[0.0, 1.0]], [2], r"^`labels` must be class indices from 0 to 1, got 2\.$"),
    ],
)
def test_what_is_wrong_with_the_logits_is_said(logits, labels, message):
    with pytest.raises(InputError, match=message):
        temperature(logits, labels)


def test_the_log_loss_is_that_of_the_metrics():
    logits, labels = drawn(3)
    expected = classification(softmax(logits / 2, axis=1), labels)["log_loss"]
    assert log_loss(logits, labels, 2.0) == pytest.approx(expected)


@pytest.mark.parametrize("classes", [2, 4])
def test_two_halves_of_what_is_known_are_mixed_evenly(classes):
    logits, labels = drawn(classes, examples=8000)
    noise = np.random.default_rng(0).normal(scale=2.0, size=logits.shape)
    assert calibrate_mixture(logits + noise, logits - noise, labels).fraction == pytest.approx(
        0.5, abs=0.05
    )


def test_who_knows_nothing_gets_no_part():
    logits, labels = drawn(3)
    noise = np.random.default_rng(0).normal(size=logits.shape)
    assert calibrate_mixture(logits, noise, labels).fraction <= 0.05
    assert calibrate_mixture(noise, logits, labels).fraction >= 0.95
    assert calibrate_mixture(logits, logits, labels).fraction == 0.0


def test_a_mixture_is_of_logits_for_the_same_examples():
    with pytest.raises(InputError, match="`logits` must be finite"):
        calibrate_mixture([[0.0, 1.0]], [[np.nan, 0.0]], [0])
    with pytest.raises(
        InputError, match=r"`others` must have the shape of `logits`, \[1, 2\], got"
    ):
        calibrate_mixture([[0.0, 1.0]], [[0.0, 1.0, 2.0]], [0])
