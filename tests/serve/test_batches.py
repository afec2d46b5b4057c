"""Streams are answered in order, in batches that bound memory."""

import itertools

import pytest

from nlpkit.serve import batches
from nlpkit.serve.batches import answer_in_batches

LENGTHS = [5, 0, 3, 900, 3, 1, 0, 77, 12, 5]


@pytest.mark.parametrize("batch_size", [1, 3, 64])
@pytest.mark.parametrize("window", [1, 4, 1024])
def test_answers_come_in_the_order_of_the_texts(batch_size, window):
    texts = [f"{index} " + "x" * length for index, length in enumerate(LENGTHS)]
    answers = answer_in_batches(texts, lambda b: b, batch_size=batch_size, window=window)
    assert list(answers) == texts


def sizes(texts, **options):
    """The batches that a stream is cut into, as lists of lengths."""
    seen = []
    answer = lambda batch: seen.append(list(map(len, batch))) or batch  # noqa: E731
    list(answer_in_batches(texts, answer, **options))
    return seen


def test_texts_of_like_length_share_a_batch():
    texts = ["x" * length for length in LENGTHS]
    assert sizes(texts, batch_size=4, window=10) == [[0, 0, 1, 3], [3, 5, 5, 12], [77, 900]]


def test_a_long_text_is_computed_alone(monkeypatch):
    monkeypatch.setattr(batches, "BATCH_CHARACTERS", 100)
    texts = ["x" * length for length in LENGTHS]
    seen = sizes(texts, batch_size=64, window=64)
    assert seen == [[0, 0, 1, 3, 3, 5, 5, 12], [77], [900]]


@pytest.mark.parametrize(("window", "read"), [(1, 1), (7, 7), (1000, 20)])
def test_no_more_is_read_than_a_window(monkeypatch, window, read):
    monkeypatch.setattr(batches, "WINDOW_CHARACTERS", 100)
    taken = []
    endless = (taken.append(n) or "12345" for n in itertools.count())
    next(answer_in_batches(endless, lambda b: b, batch_size=4, window=window))
    assert len(taken) == read


def test_no_text_gives_no_answer():
    assert sizes([], batch_size=1, window=1) == []
