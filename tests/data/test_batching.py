"""Batches hold every example once, in like lengths, and in an order that the seed alone decides."""

import numpy as np
import pytest
import tensorflow as tf

from nlpkit.data import batches
from nlpkit.data.shards import ShardWriter

PIECES = 3
LONGEST = 90


def encode(texts):
    """Ids of texts of the form "number length": as many tokens, the first piece is the number."""
    number, length = tf.unstack(
        tf.strings.to_number(tf.strings.split(texts).to_tensor(), tf.int32), num=2, axis=1
    )
    tokens = tf.sequence_mask(length, tf.maximum(tf.reduce_max(length), 1), tf.int32)
    return tf.tile((tokens * (number + 1)[:, None])[..., None], [1, 1, PIECES])


def write(directory, size):
    """A split of texts of lengths from 0 to LONGEST, most of them short."""
    lengths = np.minimum(np.random.default_rng(0).geometric(0.08, size) - 1, LONGEST)
    with ShardWriter(directory, "train", classes=3, shard_bytes=1500) as writer:
        for number, length in enumerate(lengths.tolist()):
            writer.write(f"{number} {length}".encode(), number % 3)
        return writer.finish(), lengths


def examples(dataset):
    """Numbers, in the order of the batches; a text of no tokens is number −1."""
    actual = []
    for ids, classes in dataset:
        numbers = ids[:, 0, 0].numpy() - 1
        seen = numbers >= 0
        np.testing.assert_array_equal(numbers[seen] % 3, classes.numpy()[seen])
        actual.append(numbers.tolist())
    return actual


@pytest.fixture
def split(tmp_path):
    return write(tmp_path, 1000)


@pytest.mark.parametrize("seed", [None, 0, 5])
@pytest.mark.parametrize("size", [1, 7, 128, 129])
@pytest.mark.parametrize("batch_size", [1, 4, 64])
def test_each_example_comes_once_in_the_batches_announced(tmp_path, seed, size, batch_size):
    split, lengths = write(tmp_path, size)
    dataset = batches(split, encode, batch_size=batch_size, shuffle_seed=seed)
    count = -(-size // batch_size)
    for _ in range(2):
        actual = examples(dataset)
        assert len(actual) == count == dataset.cardinality()
        assert sorted(map(len, actual))[1:] == [batch_size] * (count - 1)
        numbers = [number for batch in actual for number in batch if number >= 0]
        assert sorted(numbers) == np.flatnonzero(lengths).tolist()
        assert sum(map(len, actual)) == size


@pytest.mark.parametrize("size", [1, 1000])
def test_numbers_put_the_examples_back_into_the_order_of_the_split(tmp_path, size):
    split, lengths = write(tmp_path, size)
    dataset = batches(split, encode, batch_size=16, numbered=True)
    ids, classes, numbers = zip(*dataset, strict=True)
    first = np.concatenate([each[:, 0, 0] for each in ids]) - 1  # −1 where there is no token
    order = np.argsort(np.concatenate(numbers))
    assert sorted(np.concatenate(numbers)) == list(range(size))
    assert size == 1 or (order != range(size)).any(), "the case says nothing unless they are sorted"
    expected = np.where(lengths > 0, np.arange(size), -1)
    np.testing.assert_array_equal(first[order], expected)
    np.testing.assert_array_equal(np.concatenate(classes)[order], np.arange(size) % 3)


@pytest.mark.parametrize("seed", [None, 3])
def test_little_is_padding(split, seed):
    split, lengths = split
    dataset = batches(split, encode, batch_size=16, shuffle_seed=seed)
    shapes = [tuple(ids.shape) for ids, _ in dataset]
    computed = sum(rows * time for rows, time, _ in shapes)
    assert computed < 2 * lengths.sum()
    assert 16 * 63 * LONGEST > 5 * computed, "without sorting it would be much more"


@pytest.mark.parametrize("seed", [None, 3])
def test_lengths_are_multiples_of_eight_that_just_hold_the_longest(split, seed):
    for ids, _ in batches(split[0], encode, batch_size=16, shuffle_seed=seed):
        longest = int(tf.reduce_max(tf.math.count_nonzero(ids[:, :, 0], axis=1)))
        assert ids.shape[1] == max(1, -(-longest // 8)) * 8


def test_shapes_are_static_where_they_can_be(split):
    ids, classes = batches(split[0], encode, batch_size=16).element_spec
    assert (ids.dtype, classes.dtype) == (tf.int32, tf.int32)
    assert ids.shape.as_list() == [None, None, PIECES] and classes.shape.as_list() == [None]


def test_without_a_seed_there_is_one_order_for_ever_sorted_in_each_pool(split):
    dataset = batches(split[0], encode, batch_size=4)
    assert examples(dataset) == examples(dataset)
    longest = [ids.shape[1] for ids, _ in dataset]
    pools = [longest[at : at + 32] for at in range(0, len(longest), 32)]
    assert all(pool == sorted(pool) for pool in pools)


def test_a_seed_shuffles_anew_in_each_pass_and_the_same_way_again(split):
    passes = []
    for _ in range(2):
        dataset = batches(split[0], encode, batch_size=4, shuffle_seed=7)
        passes.append([examples(dataset), examples(dataset)])
    assert passes[0] == passes[1]
    assert passes[0][0] != passes[0][1]
    repeated = examples(batches(split[0], encode, batch_size=4, shuffle_seed=7).repeat(2))
    assert repeated == passes[0][0] + passes[0][1]  # as in one iterator
    other = batches(split[0], encode, batch_size=4, shuffle_seed=8)
    assert examples(other) != passes[0][0]


def test_a_seed_mixes_lengths(split):
    longest = [ids.shape[1] for ids, _ in batches(split[0], encode, batch_size=4, shuffle_seed=1)]
    assert longest[:32] != sorted(longest[:32])
