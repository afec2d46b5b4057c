"""Examples to padded batches of similar length.

A pool of batches (32, fewer of long texts) is drawn, encoded at once, sorted by length and cut:

    shuffled texts  ──►  pool of 32 batches  ──►  sorted  │▏▏▎▎▍▍▌▌▋▋▊▊▉▉█│  ──►  batches, shuffled

so that little is computed on padding, the number of batches is known before the first, and T takes
few values.
"""

from collections.abc import Callable

import tensorflow as tf

from nlpkit.data.shards import Split

__all__ = ["batches"]

_POOL = 32
_POOL_BYTES = 1 << 21  # encoding takes some 150 bytes of memory for each byte of text
_ROUND = 8


def batches(
    split: Split,
    encode: Callable[[tf.Tensor], tf.Tensor],
    *,
    batch_size: int,
    shuffle_seed: int | None = None,
    numbered: bool = False,
) -> tf.data.Dataset:
    """Streams a split as batches of ids.

    Args:
        split: The examples.
        encode: Texts string [N] to ids int32 [N, T, F], padded on the right with 0.
        batch_size: Examples per batch, B; the last may hold fewer.
        shuffle_seed: None always keeps one order (by length, a pool at a time); a seed
            shuffles, anew in each pass.
        numbered: Whether to add the index of each example in the pass over the split, without a
            seed its index in the split, so that answers can be put back into that order.

    Returns:
        A dataset of `(ids: int32 [B, T, F], class: int32 [B])` of known cardinality; numbered, of
        `(ids, class, index: int64 [B])`. T is the length of the longest text of the batch, rounded
        up to a multiple of 8.
    """
    pool = max(1, min(_POOL, _POOL_BYTES // (batch_size * split.mean_bytes)))
    dataset = split.dataset(shuffle_seed)
    if numbered:
        dataset = dataset.enumerate().map(lambda index, example: (*example, index))
    dataset = dataset.batch(batch_size * pool)
    dataset = dataset.map(lambda texts, *known: (encode(texts), *known), num_parallel_calls=1)
    dataset = dataset.flat_map(lambda ids, *known: _cut(ids, known, batch_size))
    if shuffle_seed is not None:
        dataset = dataset.shuffle(pool, seed=shuffle_seed)
    count = -(-split.size // batch_size)
    return dataset.apply(tf.data.experimental.assert_cardinality(count)).prefetch(4)


def _cut(ids: tf.Tensor, known: tuple[tf.Tensor, ...], batch_size: int) -> tf.data.Dataset:
    """Cuts a pool [P, T, F], and what is known of its examples, into batches of like length."""
    lengths = tf.math.count_nonzero(ids[:, :, 0], axis=1, dtype=tf.int32)
    order = tf.argsort(lengths, stable=True)
    starts = tf.range(0, tf.size(order), batch_size)

    def batch(start: tf.Tensor) -> tuple[tf.Tensor, ...]:
        rows = order[start : start + batch_size]
        longest = tf.maximum(tf.gather(lengths, rows[-1]), 1)
        length = -(-longest // _ROUND) * _ROUND
        chosen = tf.gather(ids, rows)[:, :length]
        missing = length - tf.shape(chosen)[1]
        padded = tf.pad(chosen, [[0, 0], [0, missing], [0, 0]])
        return padded, *(tf.gather(each, rows) for each in known)

    return tf.data.Dataset.from_tensor_slices(starts).map(batch)
