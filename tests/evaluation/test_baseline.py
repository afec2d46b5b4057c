import numpy as np
import pytest

from nlpkit.errors import InputError
from nlpkit.evaluation.baseline import tfidf_logistic_regression
from nlpkit.evaluation.linear_model import CANDIDATES, Candidate
from nlpkit.evaluation.metrics import classification

GOOD, BAD = ("정말 좋은 영화", "a fine film", "좋았다"), ("돈이 아깝다", "a dull film", "별로였다")
FILMS = [(text, 1) for text in GOOD] * 4 + [(text, 0) for text in BAD] * 4


def test_it_learns_and_gives_the_figures_of_its_probabilities():
    test = [("좋은 영화였다", 1), ("정말 아깝다", 0), ("so dull", 0)]
    baseline = tfidf_logistic_regression(FILMS, [], test, classes=2)
    assert baseline.name == "tfidf-logistic-regression"
    assert baseline.metrics["accuracy"] == 1.0
    assert baseline.metrics == pytest.approx(classification(baseline.probabilities, [1, 0, 0]))
    assert baseline.probabilities.dtype == np.float32
    assert baseline.examples_used == baseline.examples_given == len(FILMS)
    assert baseline.seconds > 0


WORDS = "fine good lovely great warm bad dull poor weak cold".split()


def _reviews(numbers, *, glued):
    """Reviews whose words of praise or blame stand alone, or are glued to others."""
    for n in numbers:
        word, label = WORDS[n % 10], int(n % 10 < 5)
        yield (f"x{n % 7}{word}{n % 11}y" if glued else f"it is {word} {n}"), label


@pytest.mark.parametrize(("glued", "features"), [(False, "words"), (True, "characters")])
def test_validation_chooses_the_features(glued, features):
    train, validation, test = (
        list(_reviews(numbers, glued=glued))
        for numbers in (range(200), range(200, 260), range(260, 320))
    )
    baseline = tfidf_logistic_regression(train, validation, test, classes=2)
    assert baseline.chosen in CANDIDATES and baseline.chosen.features == features
    assert baseline.metrics["accuracy"] == 1.0
    assert baseline.examples_used == baseline.examples_given == 260


def test_validation_chooses_how_much_regularisation():
    noise = np.random.default_rng(0).integers(0, 2, 400)
    noisy = [(f"w{n % 40} w{n % 37}", int(label)) for n, label in enumerate(noise)]
    clear = list(_reviews(range(400), glued=False))
    chosen = [
        tfidf_logistic_regression(examples[:300], examples[300:], examples, classes=2).chosen
        for examples in (noisy, clear)
    ]
    assert chosen[0].inverse_regularisation < chosen[1].inverse_regularisation


def test_without_validation_nothing_is_chosen():
    assert tfidf_logistic_regression(FILMS, [], FILMS, classes=2).chosen == Candidate("words", 1.0)


def test_the_same_data_give_the_same_answers():
    first, second = (tfidf_logistic_regression(FILMS, [], FILMS, classes=2) for _ in range(2))
    np.testing.assert_allclose(first.probabilities, second.probabilities, atol=1e-6)


def test_three_classes_are_one_softmax():
    train = [("red rose", 0), ("green leaf", 1), ("blue sky", 2)] * 3
    baseline = tfidf_logistic_regression(train, [], train, classes=3)
    assert baseline.metrics["accuracy"] == 1.0
    np.testing.assert_allclose(baseline.probabilities.sum(axis=1), 1.0, rtol=1e-5)


def test_a_class_that_training_never_saw_is_impossible():
    baseline = tfidf_logistic_regression(FILMS, [], [("a fine film", 2)], classes=3)
    assert baseline.probabilities.shape == (1, 3)
    assert baseline.probabilities[0, 2] == 0.0


def test_balancing_helps_the_rare_class():
    train = [("so so", 0)] * 18 + [("so so", 1)] * 2
    plain, balanced = (
        tfidf_logistic_regression(train, [], [("so so", 1)], classes=2, balanced=choice)
        for choice in (False, True)
    )
    np.testing.assert_allclose(plain.probabilities, [[0.9, 0.1]], atol=1e-2)
    np.testing.assert_allclose(balanced.probabilities, [[0.5, 0.5]], atol=1e-2)


@pytest.mark.parametrize("blank", ["", " \t\n", "\u3000"])
def test_empty_texts_are_answered_with_the_shares_of_the_classes(blank):
    train = [(blank, 0)] * 3 + [(blank, 1)]
    baseline = tfidf_logistic_regression(train, [], [("anything", 0), ("", 1)], classes=2)
    np.testing.assert_allclose(baseline.probabilities, [[0.75, 0.25]] * 2)


def test_one_class_is_answered_with_certainty():
    baseline = tfidf_logistic_regression([("a", 1), ("b", 1)], [], [("a", 1)], classes=2)
    np.testing.assert_array_equal(baseline.probabilities, [[0.0, 1.0]])


@pytest.mark.parametrize("train", [[("가", 0)], [("ab", 0), ("", 1)]], ids=["one", "one_not_empty"])
def test_a_vocabulary_of_one_text_is_learnt_all_the_same(train):
    baseline = tfidf_logistic_regression(train, [], train, classes=2)
    assert baseline.metrics["accuracy"] == 1.0


@pytest.mark.parametrize("odd", ["\0", "👍🏽", "שלום", "\ud800", "x" * 100_000, "e\u0301"])
def test_odd_texts_are_legal(odd):
    train = [*FILMS, (odd, 1)]
    assert tfidf_logistic_regression(train, [], train, classes=2).examples_used == len(train)


def test_too_much_text_is_thinned_to_the_cap_the_same_way_each_time():
    train = [(f"{'good' if n % 2 else 'bad'} {n:04d}", n % 2) for n in range(1000)]
    characters = sum(len(text) for text, _ in train)

    def run(**options):
        return tfidf_logistic_regression(train, [], train[:50], classes=2, **options)

    first = run(max_characters=characters // 4)
    assert 150 < first.examples_used <= 300
    assert first.examples_given == 1000
    again = run(max_characters=characters // 4, seed=0)
    np.testing.assert_allclose(first.probabilities, again.probabilities, atol=1e-6)
    other = run(max_characters=characters // 4, seed=1)
    assert not np.allclose(first.probabilities, other.probabilities)


def test_a_text_longer_than_the_cap_is_passed_over():
    train = [("x" * 1000, 0), ("y" * 1000, 1), ("y" * 1000, 1)]
    baseline = tfidf_logistic_regression(train, [], train, classes=2, max_characters=10)
    assert baseline.examples_used == 0
    np.testing.assert_allclose(baseline.probabilities[0], [1 / 3, 2 / 3], rtol=1e-6)


def test_test_texts_are_read_once():
    baseline = tfidf_logistic_regression(FILMS, [], iter(FILMS), classes=2)
    assert len(baseline.probabilities) == len(FILMS)


@pytest.mark.parametrize(
    ("train", "test", "options", "message"),
    [
        ([], FILMS, {}, r"needs at least one training example, got none\.$"),
        (FILMS, [], {}, r"needs at least one test example, got none\.$"),
        ([("a", 2)], FILMS, {}, r"training labels must be class indices from 0 to 1, got 2\.$"),
        (FILMS, [("a", 2)], {}, r"^`labels` must be class indices from 0 to 1, got 2\.$"),
        (FILMS, FILMS, {"classes": 0}, r"^`classes` must be a positive integer, got 0\.$"),
        (FILMS, FILMS, {"max_characters": 0}, r"^`max_characters` must be a positive integer"),
    ],
)
def test_what_is_wrong_with_the_splits_is_said(train, test, options, message):
    with pytest.raises(InputError, match=message):
        tfidf_logistic_regression(train, [], test, **{"classes": 2, **options})
