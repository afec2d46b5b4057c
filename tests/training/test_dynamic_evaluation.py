"""Dynamic evaluation: the update is the paper's, texts that repeat help, and nothing is left."""

import numpy as np
import pytest
import tensorflow as tf

from nlpkit.data import TokenStream
from nlpkit.errors import InputError
from nlpkit.evaluation.next_word import perplexity
from nlpkit.models import LanguageModel
from nlpkit.training import (
    DynamicScorer,
    StreamScorer,
    dynamic_evaluation,
    perplexity_with_dynamic_evaluation,
)
from nlpkit.training.dynamic_evaluation import DynamicSettings, tune

V, SEGMENT = 20, 5


def stream(path, ids):
    """A stream of these words."""
    ids = np.asarray(ids)
    path.write_bytes(np.concatenate([[0], ids]).astype(np.int32).tobytes())
    return TokenStream(path, len(ids))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("streams")


@pytest.fixture(scope="module")
def model():
    return LanguageModel(V, units=4, layers=1, seed=1)


@pytest.fixture(scope="module")
def words(folder):
    return stream(folder / "words", np.random.default_rng(0).integers(0, V, 63))


@pytest.fixture(scope="module")
def train(folder):
    return stream(folder / "train", np.random.default_rng(1).integers(0, V, 200))


@pytest.fixture(scope="module")
def scorer(model, train):
    """One for all tests, since it leaves the model as it was."""
    return DynamicScorer(model, train, segment=SEGMENT)


def plain(model, words):
    return StreamScorer(model).score(words).log_probabilities


def gradients(model, inputs, targets, states):
    """Losses, gradients of their mean, and the states after them, in the shortest way."""
    with tf.GradientTape() as tape:
        h, states = model.read(inputs, states)
        losses = tf.keras.losses.sparse_categorical_crossentropy(
            targets, model.logits(h), from_logits=True
        )
        loss = tf.reduce_mean(losses)
    weights = [weight.value for weight in model.trainable_variables]
    actual = tape.gradient(loss, weights)
    return losses[0].numpy(), [tf.convert_to_tensor(g).numpy() for g in actual], states


def by_the_paper(model, train, words, segment, rate, decay):
    """Section 4 of the paper in NumPy, weight after weight."""
    trained = [weight.copy() for weight in model.get_weights()]
    states, squares = model.zero_states(20), []
    for inputs, targets in train.windows(20, segment):
        _, actual, states = gradients(model, inputs, targets, states)
        squares.append([g**2 for g in actual])
    roots = [np.sqrt(np.mean(each, axis=0)) for each in zip(*squares, strict=True)]
    mean = np.mean([root.mean() for root in roots])
    states, scores = model.zero_states(1), []
    for inputs, targets in words.windows(1, segment):
        losses, actual, states = gradients(model, inputs, targets, states)
        scores.extend(-losses)
        for variable, g, root, before in zip(
            model.trainable_variables, actual, roots, trained, strict=True
        ):
            weight = variable.numpy()
            back = np.minimum(1, decay * root / mean) * (before - weight)
            variable.assign(weight - rate * g / (root + 2e-5) + back)
    return np.array(scores)


@pytest.mark.parametrize(("rate", "decay"), [(2e-4, 0.0), (2e-4, 0.3), (2e-4, 1.0)])
def test_the_update_is_that_of_the_paper(model, scorer, words, train, rate, decay):
    scored = scorer.score(words, rate=rate, decay=decay)
    other = LanguageModel(V, units=4, layers=1, seed=1)
    np.testing.assert_allclose(
        scored, by_the_paper(other, train, words, SEGMENT, rate, decay), atol=2e-5
    )
    assert np.abs(scored - plain(model, words)).max() > 1e-3


@pytest.mark.parametrize("segment", [1, 500])
def test_without_a_rate_nothing_is_adapted(model, words, train, segment):
    scored = DynamicScorer(model, train, segment=segment).score(words, rate=0.0, decay=0.5)
    np.testing.assert_allclose(scored, plain(model, words), atol=1e-5)


def test_a_text_that_repeats_itself_gets_more_probable(model, scorer, folder):
    twice = stream(folder / "twice", np.tile(np.tile([3, 7, 11], 20), 2))
    scored = scorer.score(twice, rate=4e-4, decay=0.0)
    first, again = slice(60), slice(60, None)
    assert perplexity(scored[again]) < 0.8 * perplexity(plain(model, twice)[again])
    assert perplexity(scored[again]) < perplexity(scored[first])


def test_the_words_after_a_segment_do_not_change_its_scores(scorer, words, folder):
    ids = np.array(words.ids)
    ids[40:] = 3
    first, second = (
        scorer.score(each, rate=4e-4, decay=0.1) for each in (words, stream(folder / "o", ids))
    )
    np.testing.assert_array_equal(first[:40], second[:40])
    assert np.any(first[40:] != second[40:])


def test_the_weights_are_the_same_afterwards_to_the_last_bit(model, scorer, words):
    before = model.get_weights()
    first = scorer.score(words, rate=4e-4, decay=0.1)
    for weight, now in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(weight, now)
    np.testing.assert_array_equal(scorer.score(words, rate=4e-4, decay=0.1), first)


def test_the_weights_are_the_same_after_an_interrupt(model, scorer, words, monkeypatch):
    before = model.get_weights()
    scorer.score(words, rate=0.0, decay=0.0)  # measures what it measures once
    changed = []

    def interrupt():
        changed.extend(map(np.any, map(np.not_equal, before, model.get_weights())))
        raise KeyboardInterrupt

    monkeypatch.setattr(dynamic_evaluation, "step_done", interrupt)
    with pytest.raises(KeyboardInterrupt):
        scorer.score(words, rate=4e-4, decay=0.1)
    assert any(changed)
    for weight, now in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(weight, now)


def test_the_rate_and_the_decay_with_the_lowest_perplexity_are_chosen(scorer, words):
    rates, decays = (2e-4, 4e-4), (0.0, 0.1)
    every = [
        DynamicSettings(rate, decay, perplexity(scorer.score(words, rate=rate, decay=decay)))
        for rate in rates
        for decay in decays
    ]
    least = min(every, key=lambda settings: settings.perplexity)
    assert tune(scorer, words, plain=1e9, rates=rates, decays=decays) == least
    assert tune(scorer, words, plain=1.0, rates=rates, decays=decays) == (
        DynamicSettings(0.0, 0.0, 1.0)
    )


def test_one_call_tunes_on_the_beginning_and_measures(model, train, folder, monkeypatch):
    tuned = []

    def watched(scorer, validation, **options):
        tuned.append(validation.size)
        return tune(scorer, validation, **options, rates=[4e-4], decays=[0.004])

    monkeypatch.setattr(dynamic_evaluation, "_TUNED", 300)
    monkeypatch.setattr(dynamic_evaluation, "tune", watched)
    pattern = stream(folder / "pattern", np.tile([3, 7, 11], 200))
    adapted = perplexity_with_dynamic_evaluation(model, train, pattern, pattern)
    assert adapted < 0.9 * perplexity(plain(model, pattern))
    assert tuned == [300]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"segment": 0}, r"^`segment` must be a positive integer, got 0\.$"),
        ({"rate": -1.0}, r"^`rate` must be a number of at least 0, got -1\.0\.$"),
        ({"rate": float("nan")}, r"^`rate` must be a number of at least 0, got nan\.$"),
        ({"decay": 1.5}, r"^`decay` must be a number from 0 to 1, got 1\.5\.$"),
    ],
)
def test_a_wrong_value_is_named(model, words, train, arguments, message):
    given = {"segment": SEGMENT, "rate": 0.01, "decay": 0.1} | arguments
    with pytest.raises(InputError, match=message):
        scorer = DynamicScorer(model, train, segment=given.pop("segment"))
        scorer.score(words, **given)
