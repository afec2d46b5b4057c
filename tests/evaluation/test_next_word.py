import json

import numpy as np
import pytest

from nlpkit.errors import InputError
from nlpkit.evaluation.next_word import (
    NextWordMetrics,
    evenly,
    most_probable,
    perplexity,
    recall,
    recall_positions,
)

END, UNKNOWN = 0, 1


def test_guessing_evenly_among_so_many_words_is_that_perplexity():
    assert perplexity(np.full(7, -np.log(50), np.float32)) == pytest.approx(50)


@pytest.mark.parametrize("impossible", [-np.inf, -1e6])
def test_an_impossible_token_makes_it_infinite(impossible):
    assert perplexity([-1.0, impossible]) == np.inf


def test_the_mean_of_many_float32_does_not_drift():
    logarithms = np.full(3_000_000, -0.1, np.float32)
    assert perplexity(logarithms) == pytest.approx(np.exp(0.1), rel=1e-7)


def test_recall_is_asked_where_a_word_came_unknown_ones_included():
    assert recall_positions([2, END, UNKNOWN, END, END, 3]).tolist() == [0, 2, 5]


@pytest.mark.parametrize("size", [1, 20, 99, 100, 101, 12_345])
@pytest.mark.parametrize("most", [1, 100])
def test_positions_are_spread_evenly_from_the_first_and_never_too_many(size, most):
    chosen = evenly(np.arange(size), most)
    assert len(chosen) == min(size, most) and chosen[0] == 0
    gaps = np.diff(np.append(chosen, size))
    assert gaps.max() - gaps.min() <= 1


def test_the_most_probable_words_are_those_of_a_full_sort():
    scores = np.random.default_rng(0).integers(0, 9, (50, 30)).astype(np.float32)
    before = scores.copy()
    wanted = 2 + np.argsort(-scores[:, 2:], axis=1, kind="stable")[:, :3]
    np.testing.assert_array_equal(most_probable(scores), wanted)
    np.testing.assert_array_equal(scores, before)


@pytest.mark.parametrize(("vocabulary", "columns"), [(2, 0), (3, 1), (4, 2), (9, 3)])
def test_a_small_vocabulary_has_fewer_words_to_suggest(vocabulary, columns):
    top = most_probable(np.ones((4, vocabulary)))
    assert top.tolist() == [[*range(2, 2 + columns)]] * 4
    assert recall(top, np.full(4, 2)) == float(columns > 0)


def test_an_unknown_word_is_a_miss_even_if_it_was_said():
    assert recall([[UNKNOWN, 2], [UNKNOWN, 2]], [UNKNOWN, 2]) == 0.5


def test_recall_of_nothing_is_nothing():
    assert recall(np.zeros((0, 3), int), np.zeros(0, int)) == 0.0


def test_the_figures_of_words():
    metrics = NextWordMetrics.of(np.log([0.5, 0.5, 0.125]), [2, UNKNOWN, END], (0.25, 0.5))
    assert json.loads(json.dumps(metrics.as_dict())) == {
        "perplexity": pytest.approx(32 ** (1 / 3), abs=1e-6),
        "top1": 0.25,
        "top3": 0.5,
        "tokens": 3,
        "out_of_vocabulary": 0.5,
    }


def test_the_figures_of_pieces_say_the_perplexity_of_a_word():
    continues = [False, False, False, True]
    logarithms = np.log([0.5, 0.5, 0.5, 0.5])
    metrics = NextWordMetrics.of(logarithms, [2, 3, 2, END], (0, 0), continues=continues)
    assert metrics.perplexity == pytest.approx(2)
    assert metrics.as_dict()["word_perplexity"] == pytest.approx(2 ** (4 / 3), abs=1e-6)


def test_where_words_are_not_written_apart_characters_are_counted_instead():
    metrics = NextWordMetrics.of(
        np.log([0.5, 0.25, 0.5]),
        [2, 3, END],
        (0, 0),
        continues=[False, False, False, True],
        characters=[0, 1, 3, 1],
    ).as_dict()
    assert metrics["bits_per_character"] == 1.0 and "word_perplexity" not in metrics


def test_a_stream_of_ends_has_no_word_that_is_missing():
    assert NextWordMetrics.of([-1.0, -1.0], [END, END], (0, 0)).out_of_vocabulary == 0.0


def test_no_token_is_an_error():
    with pytest.raises(InputError, match=r"^Perplexity needs at least one token, got none\.$"):
        perplexity([])


def test_a_logarithm_too_few_is_an_error():
    message = r"one number for each target, shape \[2\], got \[1\]\.$"
    with pytest.raises(InputError, match=message):
        NextWordMetrics.of([-1.0], [2, 3], (0, 0))
