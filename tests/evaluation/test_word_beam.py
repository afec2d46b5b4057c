import itertools

import numpy as np
import pytest

from nlpkit.errors import InputError
from nlpkit.evaluation.kneser_ney import KneserNey
from nlpkit.evaluation.next_word import most_probable, recall, recall_positions
from nlpkit.evaluation.word_beam import best_words, take, word_recall

END, UNKNOWN = 0, 1
# Ids 2, 3 and 4 begin a word, 5 and 6 continue one.
CONTINUES = np.array([False, False, False, False, False, True, True])


def pieces(seed, size=600):
    """A stream of pieces with passages and words of several lengths."""
    random = np.random.default_rng(seed)
    return random.choice(7, size=size, p=[0.1, 0.03, 0.27, 0.15, 0.05, 0.25, 0.15])


class Decided(KneserNey):
    """Likes a greater id a little better: rounding would choose between equally likely ones."""

    def distribution(self, contexts):
        shares = super().distribution(contexts) * (1 + 0.01 * np.arange(self.vocabulary))
        return shares / shares.sum(axis=1, keepdims=True)


class Nested:
    """A model whose state is a tuple with a list in it, read from an n-gram model's."""

    def __init__(self, model):
        self.model = model

    def start(self, n):
        return (self.model.start(n), [np.zeros(n)])

    def advance(self, states, ids):
        answers, state = self.model.advance(states[0], ids)
        return answers, (state, [states[1][0] + 1])


def every_word(model, history, longest):
    """All words of up to so many pieces after one history, with their probabilities."""
    scores = {}
    for length in range(longest):
        for more in itertools.product(np.flatnonzero(CONTINUES), repeat=length):
            for first in (2, 3, 4):
                states, score = model.start(1), 0.0
                for token in history:
                    answers, states = model.advance(states, np.array([token]))
                for token in (first, *more):
                    score += float(answers[0, token])
                    answers, states = model.advance(states, np.array([token]))
                score += np.log(np.exp(answers[0, ~CONTINUES], dtype=np.float64).sum())
                scores[tuple(int(token) for token in (first, *more))] = score
    return scores


@pytest.mark.parametrize("wrapped", [False, True], ids=["array", "nested"])
def test_a_wide_beam_finds_the_words_of_an_exhaustive_search(wrapped):
    ngrams = KneserNey(pieces(0), 7, order=3)
    model = Nested(ngrams) if wrapped else ngrams
    histories = [(END, 2, 5), (END, 3, 4), (END, END, END)]
    states = model.start(3)
    for tokens in zip(*histories, strict=True):
        answers, states = model.advance(states, np.array(tokens))
    words, scores = best_words(model, answers, states, CONTINUES, width=40)
    for row, history in enumerate(histories):
        wanted = sorted(every_word(ngrams, history, 5).items(), key=lambda item: -item[1])[:3]
        actual = [tuple(int(piece) for piece in word if piece) for word in words[row]]
        assert actual == [word for word, _ in wanted]
        np.testing.assert_allclose(scores[row], [score for _, score in wanted], rtol=1e-5)


def test_more_beginnings_never_find_a_worse_third_word():
    model = KneserNey(pieces(0), 7, order=3)
    answers, states = model.advance(model.start(1), np.array([END]))
    thirds = [
        best_words(model, answers, states, CONTINUES, width=width)[1][0, -1] for width in (3, 8, 40)
    ]
    np.testing.assert_array_less(-1e-6, np.diff(thirds))  # what it finds again may round anew


def test_stepping_through_histories_and_reading_them_at_once_are_the_same():
    model, test = Decided(pieces(0), 7, order=3), pieces(1)
    assert word_recall(model, test, CONTINUES) == word_recall(Nested(model), test, CONTINUES)


@pytest.mark.parametrize("block", [1, 7, 500])
def test_where_nothing_continues_a_word_it_is_plain_recall(block):
    train, test = pieces(0, size=6000), pieces(1, size=200)
    model, positions = Decided(train, 7, order=3), recall_positions(test)
    top = most_probable(model.distribution(model.contexts(test, positions)))
    wanted = [recall(top[:, :k], test[positions]) for k in (1, 3)]
    actual = word_recall(model, test, np.zeros(7, bool), block=block)
    assert [*actual] == pytest.approx(wanted)


class Certain:
    """Knows that each passage is 2 ##5 ##6, then 3, and waits for the end."""

    passage = (END, 2, 5, 6, 3, END)

    def start(self, n):
        return np.zeros(n, int)

    def advance(self, states, ids):
        following = np.array([*self.passage[1:], END])[np.minimum(states, 5)]
        return np.log(0.9 * np.eye(7)[following] + 0.1 / 7), states + 1


@pytest.mark.parametrize(
    ("passage", "wanted"),
    [
        ([2, 5, 6, 3], 1),
        ([2, 5, 3, 3], 1 / 3),  # the last word is right, and where it was waited for
        ([2, UNKNOWN, 6, 3], 1 / 3),
        ([2, 5, 6, UNKNOWN], 0),  # which may be the rest of the word
        ([2, 5, 6, 3, 5], 1 / 2),
        ([2, *[5] * 30], 0),
    ],
    ids=["right", "a piece short", "unknown", "unknown next", "a piece long", "very long"],
)
def test_a_word_is_hit_when_all_its_pieces_are(passage, wanted):
    ids = np.array([*passage, END] * 3)
    assert word_recall(Certain(), ids, CONTINUES, context=0, width=3)[0] == pytest.approx(wanted)


def test_the_stream_may_stop_inside_a_word():
    assert word_recall(Certain(), np.array([2, 5, 6]), CONTINUES, width=3)[0] == 1.0


@pytest.mark.parametrize("ids", [[], [END, END]])
def test_recall_where_there_is_no_word_is_zero(ids):
    assert word_recall(Certain(), np.array(ids, int), CONTINUES) == (0.0, 0.0)


def test_a_sample_of_words_is_evenly_spaced():
    ids = np.array([2, 5, 6, 3, END] * 50)
    assert word_recall(Certain(), ids, CONTINUES, context=0, positions=50) == (1.0, 1.0)


def test_rows_are_taken_from_every_part_of_the_states():
    states = (np.arange(3), [np.eye(3), (np.ones((3, 2, 2)),)])
    taken = take(states, np.array([2, 2, 0, 1]))
    assert taken[0].tolist() == [2, 2, 0, 1]
    assert isinstance(taken[1], list) and taken[1][0][0].tolist() == [0, 0, 1]
    assert taken[1][1][0].shape == (4, 2, 2)


@pytest.mark.parametrize("option", ["positions", "width", "block"])
def test_an_option_that_is_no_positive_integer_is_an_error(option):
    with pytest.raises(InputError, match=rf"^`{option}` must be a positive integer, got 0\.$"):
        word_recall(Certain(), np.array([2, END]), CONTINUES, **{option: 0})


class Remembers:
    """Says 3 after it has read a 4, however long ago, else 2."""

    def start(self, n):
        return np.zeros(n, bool)

    def advance(self, states, ids):
        states = states | (np.asarray(ids) == 4)
        answers = np.full((len(states), 7), -20.0)
        answers[np.arange(len(states)), np.where(states, 3, 2)] = 0.0
        return answers, states


@pytest.mark.parametrize(("context", "wanted"), [(0, 0), (1, 0), (2, 1), (128, 1)])
def test_the_stream_before_the_passage_is_read_as_far_as_is_asked(context, wanted):
    """Of the words 2, 4 and 3 the first is foreseen, and the last where the 4 was read."""
    top1, _ = word_recall(Remembers(), np.array([2, 4, END, 3, END]), CONTINUES, context=context)
    assert top1 == pytest.approx((1 + wanted) / 3)


def test_a_context_of_less_than_nothing_is_an_error():
    with pytest.raises(InputError, match=r"^`context` must be an integer of at least 0, got -1\.$"):
        word_recall(Certain(), np.array([2, END]), CONTINUES, context=-1)
