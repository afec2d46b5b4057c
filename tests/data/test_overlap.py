"""Every test example whose text occurs in training is counted, and no other."""

import pytest

from nlpkit.data import overlap
from nlpkit.data.shards import ShardWriter


def split(directory, name, texts):
    with ShardWriter(directory, name, classes=2, shard_bytes=16) as writer:
        for text in texts:
            writer.write(text.encode(), 0)
        return writer.finish()


@pytest.mark.parametrize(
    ("train", "test", "count"),
    [
        (["a", "b", ""], ["c", "A", "a "], 0),
        (["좋다", "b"] * 20, ["좋다", "좋다", "c"], 2),
        (["a", ""], ["", "nul\0"], 1),
        ([], ["a"], 0),
        (["a"], [], 0),
    ],
)
def test_overlap_counts_examples_letter_for_letter(tmp_path, train, test, count):
    assert overlap(split(tmp_path, "train", train), split(tmp_path, "test", test)) == count
