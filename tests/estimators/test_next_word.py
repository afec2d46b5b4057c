"""The language model: suggestions, scores and continuations of raw texts."""

import math

import pytest

from nlpkit import data, training
from nlpkit.errors import InputError
from tests.estimators.cases import CASES, LINES

NEXT_WORD = CASES["next-word"]


@pytest.mark.parametrize("k", [1, 3, 5])
def test_suggestions_are_known_words_the_likeliest_first(fitted, k):
    model = fitted("next-word")
    words = model.predict(["the cat", "", "the"], k=k)
    assert words.shape == (3, k)
    assert set(words.ravel()) <= set(model.vocabulary_.words)
    assert words.tolist() == model.predict(["the cat", "", "the"], k=5)[:, :k].tolist()
    assert model.predict([], k=k).shape == (0, k)


@pytest.mark.parametrize("k", [0, 6, 2.0, 2.5, True, "3", None])
def test_a_number_of_suggestions_that_is_not_served_is_refused(fitted, k):
    with pytest.raises(InputError, match="`k` must be an integer from 1 to 5, got"):
        fitted("next-word").predict(["the"], k=k)


def test_a_score_is_the_negative_logarithm_of_the_perplexity_that_the_recipe_measures(
    fitted, tmp_path
):
    model = fitted("next-word")
    stream = data.stream_of_texts(LINES, model._module.encoder, directory=tmp_path)
    measured = training.evaluate_language_model(
        model.model_, stream, continues=model.vocabulary_.continues
    )
    assert model.perplexity(LINES) == pytest.approx(measured.perplexity, rel=1e-5)
    assert model.score(LINES) == pytest.approx(-math.log(model.perplexity(LINES)))


def test_likely_texts_score_higher_than_others(fitted):
    model = fitted("next-word")
    assert model.score(LINES[:5]) > model.score(["away away saw the the the saw saw"])


@pytest.mark.parametrize("texts", [[], ["", " "]], ids=["none", "empty"])
def test_nothing_has_no_score(fitted, texts):
    with pytest.raises(InputError, match="`X` must hold text"):
        fitted("next-word").score(texts)


def test_it_writes_on_as_an_artefact_does(fitted):
    model = fitted("next-word")
    texts = ["the cat", "the"]
    (first, second) = model.generate(texts, length=4, seed=3)
    assert first.startswith("the cat ") and second.startswith("the ")
    assert [first, second] == model.generate(texts, length=4, seed=3)
    assert model.generate(texts, length=2, beam=2) != texts
    assert model.generate(texts, length=0) == texts
    with pytest.raises(InputError, match="`top_p` must be"):
        model.generate(texts, top_p=0)


TOO_LITTLE = {
    "nothing": ([], "at least 300 characters in all its texts to learn from, got 0"),
    "too short": (["a short text"], "got 12; add text."),
    "spaces": ([" " * 400], "`X` must hold text, got 1"),
    "one text": (LINES[:1] * 80, "must have texts to learn from and a twentieth to choose by"),
}


@pytest.mark.parametrize(("texts", "message"), TOO_LITTLE.values(), ids=TOO_LITTLE)
def test_too_little_text_is_refused_in_a_sentence(texts, message):
    with pytest.raises(InputError) as error:
        NEXT_WORD.make().fit(texts)
    assert message in str(error.value) and "--" not in str(error.value)


def test_a_kind_of_tokens_that_does_not_exist_is_refused():
    with pytest.raises(InputError, match="`tokens` must be one of"):
        NEXT_WORD.make(tokens="letters").fit(LINES)


def test_what_a_budget_chose_is_told(monkeypatch):
    """A pass of about 800 tokens is said to take 16 seconds, of a minute."""
    monkeypatch.setattr("nlpkit.training.seconds_per_token", lambda *_, **__: 0.02)
    model = NEXT_WORD.make(budget=1, epochs=None, layers=None).fit(LINES)
    sizes = {"units": 16, "layers": 1, "embedding": 16, "dropout": 0.0}
    assert sizes.items() <= model.settled_.items()
    assert 1 <= model.n_iter_ == model.settled_["epochs"] < 15


def test_the_size_is_told_without_a_budget_too(fitted):
    sizes = {"units": 16, "layers": 1, "embedding": 16, "dropout": 0.0}
    assert sizes.items() <= fitted("next-word").settled_.items()


def test_it_learns(fitted):
    model = fitted("next-word")
    assert model.perplexity(LINES) < 6
    assert model.predict(["the cat saw 3 birds and ran"], k=1).tolist() == [["away"]]
