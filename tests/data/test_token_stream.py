"""The stream of ids: what is in it, and windows that carry on one another."""

import itertools

import numpy as np
import pytest
import tensorflow as tf

from nlpkit.data import TokenStream, encode_passages
from nlpkit.data.passages import PassageWriter
from nlpkit.errors import InputError
from nlpkit.text import END


class Numbers:
    """An encoder of numbers between spaces."""

    def ragged(self, texts):
        words = tf.strings.split(texts)
        return words.with_flat_values(tf.strings.to_number(words.flat_values, tf.int32))


def _encoded(tmp_path, passages):
    with PassageWriter(tmp_path / "passages") as writer:
        for passage in passages:
            writer.write(passage)
    return encode_passages(writer.finish(), Numbers(), tmp_path / "ids")


def _stream(tmp_path, size):
    """The ids 1, 2, … in a stream."""
    stream = _encoded(tmp_path, [" ".join(map(str, range(1, size)))])
    assert stream.size == size
    return stream


@pytest.mark.parametrize(
    ("passages", "ids"),
    [
        ([], []),
        ([""], [0]),
        (["5"], [5, 0]),
        (["5 6 7", "", "", "8", ""], [5, 6, 7, 0, 0, 0, 8, 0, 0]),
        (["3 4"] * 3000, [3, 4, 0] * 3000),
    ],
)
def test_each_passage_is_followed_by_end(tmp_path, passages, ids):
    stream = _encoded(tmp_path, passages)
    assert stream.ids.tolist() == ids
    assert (stream.ids.dtype, stream.size) == (np.int32, len(ids))


def test_a_stream_is_opened_again_by_its_path_and_size(tmp_path):
    stream = _stream(tmp_path, 9)
    assert TokenStream(stream.path, stream.size).ids.tolist() == stream.ids.tolist()


@pytest.mark.parametrize("block", [1, 4, 100])
def test_ids_are_counted_block_after_block(tmp_path, monkeypatch, block):
    monkeypatch.setattr("nlpkit.data.token_stream._BLOCK", block)
    stream = _encoded(tmp_path, ["5 6 5", "", "2"])
    assert stream.counts(8).tolist() == [3, 0, 1, 0, 0, 2, 1, 0]


def test_the_ids_stay_on_the_disk(tmp_path):
    assert isinstance(_stream(tmp_path, 9).ids, np.memmap)


SHAPES = list(itertools.product((1, 2, 3, 7), (1, 4, 5, 35), (7, 20, 36, 71)))


@pytest.mark.parametrize(("batch_size", "steps", "size"), SHAPES)
def test_rows_joined_are_the_stream(tmp_path, batch_size, steps, size):
    stream = _stream(tmp_path, size)
    windows = [[ids.numpy() for ids in pair] for pair in stream.windows(batch_size, steps)]
    inputs, targets = (np.concatenate(part, axis=1) for part in zip(*windows, strict=True))
    kept = size // batch_size * batch_size
    assert targets.ravel().tolist() == stream.ids[:kept].tolist()
    assert inputs.ravel().tolist() == [END, *stream.ids[: kept - 1]]


@pytest.mark.parametrize(("batch_size", "steps", "size"), SHAPES)
def test_only_the_last_window_is_short(tmp_path, batch_size, steps, size):
    windows = _stream(tmp_path, size).windows(batch_size, steps)
    widths = [targets.shape for _, targets in windows]
    length = size // batch_size
    assert widths[:-1] == [(batch_size, steps)] * (len(widths) - 1)
    assert widths[-1] == (batch_size, length - steps * (len(widths) - 1))
    assert 0 < widths[-1][1] <= steps
    assert windows.cardinality() == len(widths)


@pytest.mark.parametrize("steps", [1, 6, 100])
def test_one_row_has_every_id_as_a_target_exactly_once(tmp_path, steps):
    stream = _encoded(tmp_path, ["5 6 7", "", "8"] * 9)
    targets = [targets.numpy()[0] for _, targets in stream.windows(1, steps)]
    assert np.concatenate(targets).tolist() == stream.ids.tolist()


def test_inputs_and_targets_know_their_rows_and_type(tmp_path):
    spec = tf.TensorSpec([3, None], tf.int32)
    assert _stream(tmp_path, 20).windows(3, 4).element_spec == (spec, spec)


def test_windows_are_the_same_in_each_pass(tmp_path):
    windows = _stream(tmp_path, 50).windows(4, 5)
    passes = [[targets.numpy().tolist() for _, targets in windows] for _ in range(2)]
    assert passes[0] == passes[1]


@pytest.mark.parametrize(("batch_size", "size"), [(8, 7), (1, 0)])
def test_more_rows_than_ids_are_refused(tmp_path, batch_size, size):
    stream = _stream(tmp_path, size) if size else _encoded(tmp_path, [])
    message = f"`batch_size` must be at most the number of tokens, {size}, got {batch_size}"
    with pytest.raises(InputError, match=message):
        stream.windows(batch_size, 5)


@pytest.mark.parametrize(
    ("sizes", "argument"), [((0, 5), "batch_size"), ((2, 0), "steps"), ((2, 1.5), "steps")]
)
def test_sizes_must_be_positive_integers(tmp_path, sizes, argument):
    with pytest.raises(InputError, match=f"`{argument}` must be a positive integer"):
        _stream(tmp_path, 9).windows(*sizes)
