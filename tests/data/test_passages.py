"""Passages on disk: written, read back whole, and read in pieces of bounded size."""

import pytest
import tensorflow as tf

from nlpkit.data import passages as passages_module
from nlpkit.data.passages import PassageWriter

PASSAGES = [
    "It was a day.",
    "",
    " <unk> as it is ",
    "영화 👍🏽",
    "nul \0 and \0",
    "a\rb\x85c\u2028d",
    "فيلم",
]


def _written(tmp_path, passages):
    with PassageWriter(tmp_path / "passages") as writer:
        for passage in passages:
            writer.write(passage)
        return writer.finish()


def test_passages_are_read_as_they_were_written(tmp_path):
    passages = _written(tmp_path, PASSAGES)
    assert list(passages) == PASSAGES
    assert passages.size == len(PASSAGES)
    assert passages.characters == sum(map(len, PASSAGES))


@pytest.mark.parametrize("batch", [1, 2, 7, 1024])
def test_texts_are_the_same_in_batches(tmp_path, batch):
    texts = list(_written(tmp_path, PASSAGES).texts(batch))
    assert tf.concat(texts, 0).numpy().tolist() == [passage.encode() for passage in PASSAGES]
    assert all(len(text) == batch for text in texts[:-1])
    assert all(text.dtype == tf.string and text.shape.rank == 1 for text in texts)


def test_what_ends_lines_or_is_no_character_is_replaced(tmp_path):
    assert list(_written(tmp_path, ["two\nlines", "half \ud83d"])) == ["two lines", "half \ufffd"]


def test_no_passages_are_no_texts(tmp_path):
    passages = _written(tmp_path, [])
    assert (list(passages), list(passages.texts()), passages.size) == ([], [], 0)


def test_fewer_long_passages_are_taken_at_once(tmp_path, monkeypatch):
    monkeypatch.setattr(passages_module, "_BYTES_AT_ONCE", 1000)
    texts = list(_written(tmp_path, ["x" * 99] * 50).texts())
    assert [len(text) for text in texts] == [10] * 5
