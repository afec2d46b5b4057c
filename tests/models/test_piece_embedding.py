"""A token's vector against NumPy, its mask, and what dropout does to it."""

import keras
import numpy as np
import pytest
from keras import ops

from nlpkit.errors import InputError
from nlpkit.models import PieceEmbedding
from nlpkit.testing import VALUES, assert_close

VOCABULARY, UNITS = 20, 6


def draw_ids(texts=3, tokens=5, pieces=4):
    """Ids with padding on the right of pieces and of tokens; the last text is empty."""
    rng = np.random.default_rng(0)
    ids = rng.integers(1, VOCABULARY, size=(texts, tokens, pieces))
    ids *= np.arange(pieces) < rng.integers(1, pieces + 1, size=(texts, tokens, 1))
    ids *= np.arange(tokens)[:, None] < rng.integers(1, tokens + 1, size=(texts, 1, 1))
    ids[-1] = 0
    return ids.astype("int32")


def expected(table, ids):
    """Sum over the pieces, divided by the root of their number."""
    vectors = np.zeros((*ids.shape[:2], table.shape[1]))
    for index in np.ndindex(ids.shape[:2]):
        known = [piece for piece in ids[index] if piece > 0]
        if known:
            vectors[index] = sum(table[piece] for piece in known) / np.sqrt(len(known))
    return vectors


@pytest.mark.parametrize("dtype", list(VALUES))
def test_vectors_are_those_of_numpy(dtype):
    layer, ids = PieceEmbedding(VOCABULARY, UNITS, dtype=dtype), draw_ids()
    got = layer(ids)
    assert got.dtype == layer.compute_dtype
    table = ops.convert_to_numpy(layer.embeddings).astype("float64")
    vectors = ops.convert_to_numpy(ops.cast(got, "float64"))
    assert_close(vectors, expected(table, ids), VALUES[dtype])


def test_the_mask_marks_the_tokens():
    layer, ids = PieceEmbedding(VOCABULARY, UNITS), draw_ids()
    np.testing.assert_array_equal(layer.compute_mask(ids), ids[:, :, 0] > 0)
    np.testing.assert_array_equal(layer(ids)._keras_mask, ids[:, :, 0] > 0)


def test_shapes_are_known_before_the_call():
    output = PieceEmbedding(VOCABULARY, UNITS)(keras.Input([None, 4], dtype="int32"))
    assert output.shape == (None, None, UNITS)


def test_pieces_are_dropped_in_training_only():
    layer, ids = PieceEmbedding(VOCABULARY, UNITS, piece_dropout=0.5, seed=1), draw_ids()
    quiet = ops.convert_to_numpy(layer(ids))
    assert_close(layer(ids, training=False), quiet, VALUES["float32"])
    first, second = (ops.convert_to_numpy(layer(ids, training=True)) for _ in range(2))
    assert not np.array_equal(first, quiet) and not np.array_equal(first, second)


@pytest.mark.parametrize("rate", [0.0, 0.3, 0.9, 1.0])
def test_pieces_are_dropped_at_the_rate(rate):
    """With one-hot vectors of one piece each, what is left can be counted."""
    layer = PieceEmbedding(2, 1, piece_dropout=rate, seed=1)
    layer.build((None, None, 1))
    layer.embeddings.assign([[5.0], [1.0]])
    kept = ops.convert_to_numpy(layer(np.ones((100, 100, 1), "int32"), training=True))
    assert_close(kept, kept > 0.5, VALUES["float32"])
    assert abs((kept > 0.5).mean() - (1 - rate)) < 0.02


def test_the_root_counts_the_pieces_that_are_left():
    layer = PieceEmbedding(2, 1, piece_dropout=0.5, seed=1)
    layer.build((None, None, 4))
    layer.embeddings.assign([[5.0], [1.0]])
    sums = ops.convert_to_numpy(layer(np.ones((50, 50, 4), "int32"), training=True))
    roots = np.sqrt(range(5))
    nearest = np.abs(sums - roots).argmin(axis=2)
    assert set(nearest.flat) == {0, 1, 2, 3, 4}
    assert_close(sums[..., 0], roots[nearest], VALUES["float32"])


def test_a_dropped_token_is_still_in_the_mask():
    layer, ids = PieceEmbedding(VOCABULARY, UNITS, piece_dropout=1.0), draw_ids()
    np.testing.assert_array_equal(layer(ids, training=True)._keras_mask, ids[:, :, 0] > 0)


def test_a_seed_gives_the_same_table_and_the_same_dropout():
    ids = draw_ids()
    one, other = (PieceEmbedding(VOCABULARY, UNITS, piece_dropout=0.5, seed=3) for _ in range(2))
    assert_close(one(ids, training=True), other(ids, training=True), VALUES["float32"])


def test_configuration_round_trip():
    layer = PieceEmbedding(VOCABULARY, UNITS, piece_dropout=0.25, seed=3, name="pieces")
    twin = PieceEmbedding.from_config(layer.get_config())
    assert twin.get_config() == layer.get_config()
    assert (twin.vocabulary, twin.units, twin.piece_dropout, twin.seed) == (20, 6, 0.25, 3)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"vocabulary": 0}, r"^`vocabulary` must be a positive integer, got 0\.$"),
        ({"units": 2.5}, r"^`units` must be a positive integer, got 2\.5\.$"),
        ({"piece_dropout": 1.5}, r"^`piece_dropout` must be a number from 0 to 1, got 1\.5\.$"),
    ],
)
def test_arguments_are_checked(arguments, message):
    with pytest.raises(InputError, match=message):
        PieceEmbedding(**{"vocabulary": 10, "units": 4, **arguments})
