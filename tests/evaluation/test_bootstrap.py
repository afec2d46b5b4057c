"""Two language models on the same passages: what was measured, how sure it is, what is refused."""

import numpy as np
import pytest

from nlpkit.errors import InputError
from nlpkit.evaluation.bootstrap import compare_losses, passage_losses

TOKENS = np.full(200, 20.0)


def losses(rng, gain=0.0, spread=1.0):
    """The losses of two models on 200 passages, of which the first gains so much a token."""
    theirs = 20 * rng.normal(4.0, 0.5, 200)
    ours = theirs - 20 * gain + rng.normal(0, spread * 20**0.5, 200)
    return np.stack([ours, TOKENS], axis=1), np.stack([theirs, TOKENS], axis=1)


def test_a_passage_ends_at_its_end():
    ends = [False, True, True, False, False]
    assert passage_losses([-1, -2, -3, -4, -5], ends).tolist() == [[3, 2], [3, 1], [9, 2]]


def test_the_difference_is_that_of_the_logarithms_of_the_perplexities():
    ours, theirs = losses(np.random.default_rng(0), gain=0.1)
    perplexities = [np.exp(each[:, 0].sum() / each[:, 1].sum()) for each in (ours, theirs)]
    comparison = compare_losses(ours, theirs)
    assert comparison.difference == pytest.approx(np.log(perplexities[1] / perplexities[0]))
    turned = compare_losses(theirs, ours)
    assert turned.difference == pytest.approx(-comparison.difference)
    assert turned.margin == pytest.approx(comparison.margin)
    assert comparison.better and turned.significant and not turned.better


def test_nearly_every_interval_holds_the_true_difference_and_equals_are_rarely_told_apart():
    rng, held, significant = np.random.default_rng(0), [], []
    for _ in range(100):
        comparison = compare_losses(*losses(rng))
        held.append(abs(comparison.difference) <= comparison.margin)
        significant.append(comparison.significant)
    assert np.mean(held) > 0.88 and np.mean(significant) < 0.12


def test_models_that_lose_the_same_do_not_differ():
    ours, _ = losses(np.random.default_rng(0))
    comparison = compare_losses(ours, ours)
    assert (comparison.difference, comparison.margin, comparison.p_value) == (0, 0, 1)


@pytest.mark.parametrize(("passages", "p_value"), [(1, 1.0), (2, 1.0), (5, 1 / 4)])
def test_a_few_passages_prove_nothing(passages, p_value):
    theirs = np.full((passages, 2), 10.0)
    comparison = compare_losses(theirs - [1.0, 0.0], theirs)
    assert comparison.p_value == p_value and not comparison.significant


def test_a_model_that_diverged_is_neither_better_nor_worse():
    theirs = np.full((50, 2), 10.0)
    assert not compare_losses(theirs * [np.nan, 1.0], theirs).significant


def test_many_passages_are_drawn_in_blocks_of_neighbours():
    ours = np.repeat(losses(np.random.default_rng(0), gain=0.05)[0], 50, axis=0)
    theirs = np.repeat(losses(np.random.default_rng(0), gain=0.0)[0], 50, axis=0)
    assert compare_losses(ours, theirs).better


@pytest.mark.parametrize(
    ("ours", "theirs", "message"),
    [
        (np.ones((0, 2)), np.ones((0, 2)), "at least one, got 0 and 0 passages"),
        (np.ones((2, 2)), np.ones((3, 2)), "got 2 and 3 passages of 2 and 3 tokens"),
        (np.ones((2, 2)), 2 * np.ones((2, 2)), "of 2 and 4 tokens"),
    ],
)
def test_models_that_read_other_passages_are_refused(ours, theirs, message):
    with pytest.raises(InputError, match=message):
        compare_losses(ours, theirs)
