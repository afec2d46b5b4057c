"""The bundled topics: how they are split, and that the sides share nothing."""

from pydoc_data.topics import topics as TOPICS

import pytest

from nlpkit.data import topics
from nlpkit.data.paragraphs import paragraphs


@pytest.fixture(scope="module")
def sides():
    return topics.read_topics()


def test_every_paragraph_is_kept_exactly_once(sides):
    kept = [paragraph for side in sides.values() for paragraph in side]
    wanted = {p for text in TOPICS.values() for p in paragraphs(text.split("\n"))}
    assert len(kept) == len(set(kept)) == len(wanted)
    assert set(kept) == wanted


def test_topics_are_held_out_as_a_whole(monkeypatch):
    toy = {str(number): f"{number} first\n\n{number} second\nline" for number in range(60)}
    monkeypatch.setattr(topics, "topics", toy)
    for side in topics.read_topics().values():
        assert side
        for first, second in zip(side[::2], side[1::2], strict=True):
            assert first.removesuffix("first") == second.removesuffix("second line")


def test_the_shares_are_near_a_tenth_and_a_twentieth(sides):
    sizes = {side: sum(map(len, kept)) for side, kept in sides.items()}
    total = sum(sizes.values())
    assert 0.07 < sizes["test"] / total < 0.15
    assert 0.03 < sizes["validation"] / total < 0.08


def test_the_split_depends_on_no_order(monkeypatch, sides):
    monkeypatch.setattr(topics, "topics", dict(reversed(TOPICS.items())))
    again = topics.read_topics()
    assert {side: set(kept) for side, kept in again.items()} == {
        side: set(kept) for side, kept in sides.items()
    }


def test_a_shared_paragraph_goes_where_it_is_reported_on(monkeypatch):
    toy = {str(number): f"{'x' * 50} {number}\n\nshared" for number in range(60)}
    monkeypatch.setattr(topics, "topics", toy)
    sides = topics.read_topics()
    assert "shared" in sides["test"]
    assert "shared" not in sides["validation"] + sides["train"]
