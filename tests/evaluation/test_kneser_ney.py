import collections
import math

import numpy as np
import pytest

from nlpkit.errors import InputError
from nlpkit.evaluation.kneser_ney import KneserNey

END, UNKNOWN = 0, 1
ORDERS = [1, 2, 3, 4, 5]


class Slow:
    """The same model from the paper's equations, with dictionaries of tuples."""

    def __init__(self, ids, vocabulary, order):
        self.vocabulary, self.order = vocabulary, order
        occurrences = collections.Counter()
        for history, word in self.predictions(ids):
            for n in range(1, order + 1):
                if n <= len(history) + 1:
                    occurrences[(*history[len(history) - n + 1 :], word)] += 1
        before = collections.Counter(gram[1:] for gram in occurrences)
        self.counts = {}
        for gram, count in occurrences.items():
            started = len(gram) > 1 and gram[0] == END
            self.counts[gram] = count if len(gram) == order or started else before[gram]
        self.followers = collections.defaultdict(dict)
        for gram, count in self.counts.items():
            self.followers[gram[:-1]][gram[-1]] = count
        self.discounts = {n: self.discounts_of(n) for n in range(1, order + 1)}

    @staticmethod
    def predictions(ids):
        """Each token with its history: END, then the passage so far."""
        history = (END,)
        for word in ids:
            yield history, word
            history = (END,) if word == END else (*history, word)

    def discounts_of(self, n):
        of = collections.Counter(c for gram, c in self.counts.items() if len(gram) == n)
        if of[1] and of[2] and of[3] and of[4]:
            y = of[1] / (of[1] + 2 * of[2])
            discounts = [0, 1 - 2 * y * of[2] / of[1], 2 - 3 * y * of[3] / of[2]]
            discounts.append(3 - 4 * y * of[4] / of[3])
            if min(discounts[1:]) > 0:
                return discounts
        return [0, 0.5, 1, 1.5]

    def probability(self, word, history):
        history = tuple(history)[max(0, len(history) - self.order + 1) :]
        return self.interpolated(word, history)

    def interpolated(self, word, history):
        lower = self.interpolated(word, history[1:]) if history else 1 / self.vocabulary
        followers = self.followers.get(history)
        if not followers:
            return lower
        discounts, total = self.discounts[len(history) + 1], sum(followers.values())
        count = followers.get(word, 0)
        spent = sum(discounts[min(c, 3)] for c in followers.values())
        return (count - discounts[min(count, 3)]) / total + spent / total * lower


def corpus(seed, vocabulary=9, size=400):
    """A skewed stream, with passages of all lengths from none up; id 8 never occurs."""
    random = np.random.default_rng(seed)
    weights = 1 / np.arange(1, vocabulary)
    return random.choice(vocabulary - 1, size=size, p=weights / weights.sum()).astype(np.int32)


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("size", [1, 2, 7, 60, 3000])
def test_probabilities_are_those_of_the_slow_model(order, size):
    train, test = corpus(order, size=size), corpus(order + 10, size=150)
    fast, slow = KneserNey(train, 9, order=order), Slow(train, 9, order)
    wanted = [math.log(slow.probability(word, history)) for history, word in slow.predictions(test)]
    np.testing.assert_allclose(fast.log_probabilities(test), wanted, rtol=0, atol=1e-10)


@pytest.mark.parametrize("order", ORDERS)
def test_distributions_are_those_of_the_slow_model(order):
    train, test = corpus(order, size=2000), corpus(order + 10, size=60)
    fast, slow = KneserNey(train, 9, order=order), Slow(train, 9, order)
    rows = fast.distribution(fast.contexts(test, np.arange(60)))
    wanted = [
        [slow.probability(word, history) for word in range(9)]
        for history, _ in slow.predictions(test)
    ]
    np.testing.assert_allclose(rows, wanted, rtol=1e-5)


@pytest.mark.parametrize(("size", "fallen_back"), [(3000, False), (7, True)])
def test_the_corpora_above_try_the_discounts_of_the_paper_and_the_fallback(size, fallen_back):
    slow = Slow(corpus(5, size=size), 9, 5)
    assert (slow.discounts[5] == [0, 0.5, 1, 1.5]) == fallen_back


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("size", [1, 50, 5000])
def test_every_id_has_a_probability_and_rows_sum_to_one(order, size):
    model = KneserNey(corpus(0, vocabulary=300, size=size), 300, order=order)
    test = corpus(1, vocabulary=300, size=200)
    rows = model.distribution(model.contexts(test, np.arange(200)))
    assert rows.dtype == np.float32 and rows.min() > 0
    np.testing.assert_allclose(rows.sum(axis=1, dtype=float), 1, rtol=1e-5)


@pytest.mark.parametrize("order", ORDERS)
def test_stepping_through_a_stream_gives_its_log_probabilities(order):
    test = corpus(1, size=50)
    model = KneserNey(corpus(0), 9, order=order)
    states, rows = model.start(2), np.array([0, 1])
    wanted = model.log_probabilities(test)
    for read, following, log_probability in zip([END, *test[:-1]], test, wanted, strict=True):
        answers, states = model.advance(states, np.array([read, 3]))
        assert answers[0, following] == pytest.approx(log_probability, abs=1e-5)
        states = states[rows]


@pytest.mark.parametrize("order", ORDERS)
def test_following_histories_is_stepping_through_each(order):
    model = KneserNey(corpus(0), 9, order=order)
    histories, lengths = np.array([[END, 2, 3, 4, 2, 3], [END, 5, 2, END, END, END]]), [6, 3]
    answers, followed = model.follow(histories, lengths)
    for row, length in enumerate(lengths):
        states = model.start(1)
        for token in histories[row, :length]:
            stepped, states = model.advance(states, [token])
        np.testing.assert_allclose(answers[row], stepped[0], rtol=1e-6, atol=1e-6)
        np.testing.assert_array_equal(followed[row], states[0])


def test_what_stands_before_the_end_of_a_passage_makes_no_difference():
    model = KneserNey(corpus(0), 9, order=4)
    histories = model.distribution([[2, END, 3], [END, END, 3], [5, END, 3]])
    np.testing.assert_allclose(histories[1:], histories[:-1], rtol=1e-6)
    streams = [model.log_probabilities([*before, END, 3, 2, 2])[-3:] for before in ([], [2], [5])]
    np.testing.assert_allclose(streams[1:], streams[:-1], rtol=1e-12)


def test_it_foresees_better_with_longer_histories_where_they_matter():
    random = np.random.default_rng(0)
    words = random.integers(2, 12, 12_000)
    for index in range(3, len(words)):
        words[index] = words[index - 3] if random.random() < 0.8 else words[index]
    train, test = words[:10_000], words[10_000:]
    losses = [-KneserNey(train, 12, order=order).log_probabilities(test).mean() for order in (3, 4)]
    assert losses[1] < 0.7 * losses[0]


@pytest.mark.parametrize("width", [0, 3])
def test_no_row_at_all_is_legal(width):
    model = KneserNey(corpus(0), 9, order=width + 1)
    assert model.distribution(np.zeros((0, width), int)).shape == (0, 9)
    assert model.log_probabilities([]).shape == (0,)


def test_a_stream_on_disk_is_read_as_one_in_memory(tmp_path):
    ids = corpus(0)
    ids.tofile(tmp_path / "ids")
    model = KneserNey(np.memmap(tmp_path / "ids", np.int32), 9)
    wanted = KneserNey(ids, 9).log_probabilities(ids)
    np.testing.assert_allclose(model.log_probabilities(ids), wanted, rtol=1e-12)


def test_a_long_stream_is_thinned_to_whole_passages_evenly():
    passages = [[2 + number % 50, 52, END] for number in range(1000)]
    model = KneserNey(np.concatenate(passages), 53, order=2, max_tokens=600)
    assert (model.tokens_given, model.tokens_used) == (3000, 600)
    kept = KneserNey(np.concatenate(passages[::5]), 53, order=2)
    np.testing.assert_allclose(model.distribution([[END]]), kept.distribution([[END]]), rtol=1e-6)


@pytest.mark.parametrize("tail", [[], [2, 3]], ids=["closed", "open"])
@pytest.mark.parametrize("most", [1, 10, 399, 400, 402])
def test_thinning_keeps_no_more_than_it_may_and_never_nothing(most, tail):
    model = KneserNey([*corpus(0), *tail], 9, order=2, max_tokens=most)
    assert 1 <= model.tokens_used <= most


WRONG = [
    (([], 9), {}, r"^The n-gram baseline needs at least one token, got none\.$"),
    (([[2]], 9), {}, r"^`ids` must be integers in 1 dimension, got int64 of shape \[1, 1\]\.$"),
    (([2.0], 9), {}, r"^`ids` must be integers in 1 dimension, got float64 of shape \[1\]\.$"),
    (([2, 9], 9), {}, r"^`ids` must be from 0 to 8, got 9\.$"),
    (([2, -1], 9), {}, r"^`ids` must be from 0 to 8, got -1\.$"),
    (([2], 0), {}, r"^`vocabulary` must be a positive integer, got 0\.$"),
    (([2], 9), {"order": 0}, r"^`order` must be a positive integer, got 0\.$"),
    (([2], 9), {"max_tokens": 0}, r"^`max_tokens` must be a positive integer, got 0\.$"),
]


@pytest.mark.parametrize(("arguments", "options", "message"), WRONG)
def test_what_is_wrong_with_the_stream_is_said(arguments, options, message):
    with pytest.raises(InputError, match=message):
        KneserNey(*arguments, **options)


def test_histories_of_another_length_are_an_error():
    with pytest.raises(InputError, match=r"^`contexts` must have shape \[N, 2\], got \[1, 3\]\.$"):
        KneserNey([2], 9, order=3).distribution([[2, 2, 2]])
