"""A vocabulary depends on what the stream holds, not on how it comes."""

from collections import Counter

import numpy as np
import pytest
import tensorflow as tf

from nlpkit.errors import InputError
from nlpkit.text import NgramVocabulary
from nlpkit.text.ngrams import vocabulary
from tests.text import drawing
from tests.text.ngrams.test_ngrams import named, phrases

TEXTS = drawing.texts(400)


def batched(texts, size):
    """The texts as string tensors of a given size."""
    return [tf.constant(texts[at : at + size]) for at in range(0, len(texts), size)]


def counted(texts):
    """How often each fingerprint occurs, counted in Python."""
    counts = {}
    for _, value in named(texts):
        counts[value] = counts.get(value, 0) + 1
    return counts


@pytest.mark.parametrize("size", [1, 7, 400])
@pytest.mark.parametrize("step", [1, -1])
def test_neither_order_nor_batching_counts(size, step):
    learnt = NgramVocabulary.learn(batched(TEXTS[::step], size))
    expected = NgramVocabulary.learn(batched(TEXTS, 64))
    np.testing.assert_array_equal(learnt.fingerprints, expected.fingerprints)


@pytest.mark.parametrize("min_count", [1, 2, 5])
def test_rare_pieces_are_left_out(min_count):
    learnt = NgramVocabulary.learn(batched(TEXTS, 100), min_count=min_count)
    frequent = {value for value, count in counted(TEXTS).items() if count >= min_count}
    assert learnt.fingerprints.tolist() == sorted(frequent)
    assert len(learnt) == len(frequent) + 2


@pytest.mark.parametrize("size", [1, 10, 333, 100_000])
def test_the_most_frequent_stay_and_ties_go_to_the_smaller_fingerprint(size):
    learnt = NgramVocabulary.learn(batched(TEXTS, 100), size=size)
    frequent = [(-count, value) for value, count in counted(TEXTS).items() if count >= 2]
    assert learnt.fingerprints.tolist() == sorted(value for _, value in sorted(frequent)[:size])


@pytest.mark.parametrize(("size", "min_count"), [(1, 1), (20, 1), (10_000, 1), (10_000, 2), (0, 1)])
def test_phrases_are_chosen_as_ngrams_are_and_follow_them(size, min_count):
    texts = TEXTS + TEXTS[:50]
    learnt = NgramVocabulary.learn(batched(texts, 64), phrases=size, min_count=min_count)
    counts = Counter(value for _, value in phrases(texts))
    frequent = sorted((-count, value) for value, count in counts.items() if count >= min_count)
    assert learnt.phrases.tolist() == sorted(value for _, value in frequent[:size])
    alone = NgramVocabulary.learn(batched(texts, 64), min_count=min_count)
    assert learnt.fingerprints.tolist() == alone.fingerprints.tolist()
    assert learnt.ngrams == len(alone) == len(learnt) - len(learnt.phrases)


@pytest.mark.parametrize("stream", [[], [tf.constant([], tf.string)], [tf.constant(["", " "])]])
def test_an_empty_stream_gives_an_empty_vocabulary(stream):
    learnt = NgramVocabulary.learn(stream)
    assert len(learnt) == 2 and learnt.fingerprints.dtype == np.int64


def test_counting_in_small_portions_changes_nothing(monkeypatch):
    expected = NgramVocabulary.learn(batched(TEXTS, 10))
    monkeypatch.setattr(vocabulary, "_NGRAMS_AT_ONCE", 50)
    np.testing.assert_array_equal(
        NgramVocabulary.learn(batched(TEXTS, 10)).fingerprints, expected.fingerprints
    )


def test_a_long_stream_forgets_what_came_once_and_keeps_the_frequent(monkeypatch):
    monkeypatch.setattr(vocabulary, "_NGRAMS_AT_ONCE", 50)
    monkeypatch.setattr(vocabulary, "_MAX_COUNTED", 200)
    stream = [tf.constant(["영화 film", f"once{number}"]) for number in range(100)]
    learnt = set(NgramVocabulary.learn(stream, min_count=50).fingerprints.tolist())
    assert {value for _, value in named(["영화 film"])} <= learnt
    once = {value for _, value in named(["once77"])} - {value for _, value in named(["once"])}
    assert once & learnt < once


@pytest.mark.parametrize("option", ["size", "min_count"])
def test_limits_are_positive(option):
    with pytest.raises(InputError, match=rf"^`{option}` must be a positive integer, got 0\.$"):
        NgramVocabulary.learn([], **{option: 0})
    with pytest.raises(InputError, match=r"^`phrases` must be a positive integer, got -1\.$"):
        NgramVocabulary.learn([], phrases=-1)
