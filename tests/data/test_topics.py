"""The bundled topics: how they are split, and that the splits share nothing."""

from pydoc_data.topics import topics as TOPICS

import pytest

from nlpkit.data import topics
from nlpkit.data.paragraphs import paragraphs


@pytest.fixture(scope="module")
def splits():
    return topics.read_topics()


def test_every_paragraph_is_kept_exactly_once(splits):
    kept = [paragraph for split in splits.values() for paragraph in split]
    wanted = {p for text in TOPICS.values() for p in paragraphs(text.split("\n"))}
    assert len(kept) == len(set(kept)) == len(wanted)
    assert set(kept) == wanted


def test_topics_are_held_out_as_a_whole(monkeypatch):
    toy = {str(number): f"{number} first\n\n{number} second\nline" for number in range(60)}
    monkeypatch.setattr(topics, "topics", toy)
    for split in topics.read_topics().values():
        assert split
        for first, second in zip(split[::2], split[1::2], strict=True):
            assert first.removesuffix("first") == second.removesuffix("second line")


def test_the_shares_are_near_a_tenth_and_a_twentieth(splits):
    sizes = {split: sum(map(len, kept)) for split, kept in splits.items()}
    total = sum(sizes.values())
    assert 0.07 < sizes["test"] / total < 0.15
    assert 0.03 < sizes["validation"] / total < 0.08


def test_the_split_depends_on_no_order(monkeypatch, splits):
    monkeypatch.setattr(topics, "topics", dict(reversed(TOPICS.items())))
    again = topics.read_topics()
    assert {split: set(kept) for split, kept in again.items()} == {
        split: set(kept) for split, kept in splits.items()
    }


def test_a_shared_paragraph_goes_where_it_is_reported_on(monkeypatch):
    toy = {str(number): f"{'x' * 50} {number}\n\nshared" for number in range(60)}
    monkeypatch.setattr(topics, "topics", toy)
    splits = topics.read_topics()
    assert "shared" in splits["test"]
    assert "shared" not in splits["validation"] + splits["train"]
