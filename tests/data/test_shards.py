"""Shards: what is written is streamed back, in order or shuffled, from any number of files."""

import itertools

import pytest

from nlpkit.data.shards import ShardWriter

EXAMPLES = [
    ("plain", 0),
    ("", 1),
    ("정말 최고의 영화 👍", 2),
    ("nul \0 inside", 999),
    ("line\nend\r", 0),
    ("x" * (1 << 20), 1),
    *((f"text {number}", number % 3) for number in range(600)),
]


def _split(directory, shard_bytes):
    with ShardWriter(directory, "train", classes=1000, shard_bytes=shard_bytes) as writer:
        for text, index in EXAMPLES:
            writer.write(text.encode(), index)
        return writer.finish()


def _pairs(dataset):
    return [(text.decode(), int(index)) for text, index in dataset.as_numpy_iterator()]


@pytest.fixture(params=[1 << 30, 1000], ids=["one shard", "many shards"])
def split(request, tmp_path):
    return _split(tmp_path, request.param)


def test_plain_iteration_and_unshuffled_dataset_keep_the_order(split):
    assert list(split) == EXAMPLES
    assert _pairs(split.dataset()) == EXAMPLES


def test_sizes_are_counted(split):
    assert split.size == len(EXAMPLES)
    assert sum(split.class_counts) == len(EXAMPLES)
    assert split.class_counts[999] == 1
    assert split.dataset(1).cardinality() == len(EXAMPLES)
    assert split.shard_size * len(split.paths) >= split.size


def test_shuffling_loses_nothing_and_differs_by_pass_and_seed_only(split):
    dataset = split.dataset(7)
    first, second = _pairs(dataset), _pairs(dataset)
    assert sorted(first) == sorted(second) == sorted(EXAMPLES)
    assert first != EXAMPLES and first != second
    assert _pairs(split.dataset(7)) == first
    assert _pairs(split.dataset(8)) != first


def test_element_spec_is_a_string_and_an_int32(split):
    text, label = split.dataset().element_spec
    assert (text.dtype, label.dtype) == ("string", "int32")
    assert text.shape == label.shape == ()


def test_many_shards_are_many(tmp_path):
    split = _split(tmp_path, 1000)
    assert len(split.paths) > 5
    assert len(set(split.paths)) == len(split.paths)


def test_nothing_written_is_an_empty_split(tmp_path):
    split = ShardWriter(tmp_path, "test", classes=2).finish()
    assert (split.size, split.class_counts, split.paths) == (0, (0, 0), ())
    assert list(itertools.chain(split)) == []
