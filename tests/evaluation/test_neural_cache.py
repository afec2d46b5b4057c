import numpy as np
import pytest

from nlpkit.errors import InputError
from nlpkit.evaluation import neural_cache
from nlpkit.evaluation.neural_cache import CacheSettings, cache_log_probabilities, tune
from nlpkit.evaluation.next_word import perplexity


def stream(n=300, features=5, words=6, seed=0):
    """Features that say something of the word, the words, and what a dull model makes of them."""
    random = np.random.default_rng(seed)
    targets = random.integers(0, words, n)
    hidden = random.normal(size=(words, features))[targets] + random.normal(size=(n, features))
    return hidden, targets, np.full(n, -np.log(words))


def slow(hidden, targets, log_probabilities, size, theta, weight):
    """The paper's equations, a token at a time."""
    result = [log_probabilities[0]]
    for t in range(1, len(targets)):
        likeness = {}
        for i in range(max(0, t - size), t):
            likeness[i] = np.exp(theta * (hidden[t] @ hidden[i]))
        same = sum(each for i, each in likeness.items() if targets[i] == targets[t])
        cached = same / sum(likeness.values())
        result.append(np.log((1 - weight) * np.exp(log_probabilities[t]) + weight * cached))
    return result


@pytest.mark.parametrize("size", [1, 7, 299, 300, 5000])
@pytest.mark.parametrize("block", [1, 64, 1000])
@pytest.mark.parametrize("theta", [0.0, 0.3, 2.0])
def test_every_block_and_size_gives_the_equations(size, block, theta, monkeypatch):
    monkeypatch.setattr(neural_cache, "_BLOCK", block)
    data = stream()
    cached = cache_log_probabilities(*data, size=size, theta=theta, weight=0.2)
    np.testing.assert_allclose(cached, slow(*data, size, theta, 0.2), rtol=1e-9)


def test_no_weight_leaves_the_model_as_it_is():
    data = stream()
    cached = cache_log_probabilities(*data, theta=0.5, weight=0.0)
    np.testing.assert_allclose(cached, data[2], rtol=1e-12)


def test_probabilities_of_all_words_sum_to_one():
    hidden, targets, _ = stream(n=50)
    model = np.full(50, np.log(1 / 6))
    total = 0
    for word in range(6):
        last = np.append(targets[:-1], word)
        total += np.exp(cache_log_probabilities(hidden, last, model, theta=0.3, weight=0.4)[-1])
    assert total == pytest.approx(1)


@pytest.mark.parametrize("dtype", [np.float32, np.float16])
def test_great_features_do_not_overflow(dtype):
    hidden, targets, model = stream()
    cached = cache_log_probabilities(
        (100 * hidden).astype(dtype), targets, model, theta=1, weight=0.2
    )
    assert np.isfinite(cached).all()


def test_tuning_finds_the_best_of_its_grid_and_says_its_perplexity():
    data = stream()
    grid = [(theta, weight) for theta in (0.1, 0.5) for weight in (0.0, 0.1, 0.3)]
    wanted = min(
        (perplexity(cache_log_probabilities(*data, theta=theta, weight=weight)), theta, weight)
        for theta, weight in grid
    )
    settings = tune(*data, thetas=(0.1, 0.5), weights=(0.0, 0.1, 0.3))
    assert (settings.perplexity, settings.theta, settings.weight) == pytest.approx(wanted)
    assert settings.perplexity < 6


def test_a_cache_that_hurts_gets_no_weight():
    hidden, targets, model = np.ones((40, 2)), np.arange(40), np.full(40, -1.0)
    assert tune(hidden, targets, model) == CacheSettings(2000, 0.05, 0.0, pytest.approx(np.e))


@pytest.mark.parametrize("length", [0, 1])
def test_a_stream_too_short_to_remember_is_the_models(length):
    hidden, targets, model = stream(n=length)
    cached = cache_log_probabilities(hidden, targets, model, theta=1.0, weight=0.5)
    np.testing.assert_allclose(cached, model)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"weight": 1.5}, r"^`weight` must be a number from 0 to 1, got 1\.5\.$"),
        ({"theta": -1}, r"^`theta` must be a number of at least 0, got -1\.$"),
        ({"theta": float("nan")}, r"^`theta` must be a number of at least 0, got nan\.$"),
        ({"size": 0}, r"^`size` must be a positive integer, got 0\.$"),
        ({"targets": [1, 2]}, r"shapes \[2, D\] and \[2\], .+, got \[300, 5\] and \[300\]\.$"),
    ],
)
def test_what_is_wrong_with_an_argument_is_said(options, message):
    hidden, targets, model = stream()
    arguments = {"targets": targets, "theta": 0.5, "weight": 0.1, **options}
    with pytest.raises(InputError, match=message):
        cache_log_probabilities(hidden, log_probabilities=model, **arguments)


@pytest.mark.parametrize("nothing", [{"thetas": ()}, {"weights": ()}])
def test_nothing_to_try_is_an_error(nothing):
    with pytest.raises(InputError, match=r"must hold at least one number each\.$"):
        tune(*stream(), **nothing)
