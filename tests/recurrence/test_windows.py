"""Windows against NumPy: what they cut, how they pad, and what comes of going through them."""

from itertools import product

import numpy as np
import pytest
import tensorflow as tf

from nlpkit.recurrence.windows import Windows

# T and steps: one window with padding, one without, several with, several without, many of one.
SIZES = [(1, 4), (3, 4), (4, 4), (10, 4), (8, 4), (5, 1)]
# Whether the graph knows T.
GIVEN = {"number": int, "tensor": tf.constant}
cut = pytest.mark.parametrize(
    ("size", "given"), [*product(SIZES, GIVEN)], ids=lambda value: str(value)
)


def sequence(time, width=2):
    """[T, 3, width], all entries different."""
    return np.arange(1.0, time * 3 * width + 1).reshape(time, 3, width)


def windows_of(size, given):
    """The windows, the sequence and its pieces, window by window."""
    time, steps = size
    whole = sequence(time)
    pieces = [whole[begin : begin + steps] for begin in range(0, time, steps)]
    return Windows(GIVEN[given](time), steps), whole, pieces


@cut
def test_the_pieces_are_consecutive_steps_and_padding_stands_in_front(size, given):
    windows, whole, pieces = windows_of(size, given)
    assert int(windows.count) == len(pieces)
    for k, piece in enumerate(pieces):
        padding = size[1] - len(piece)
        padded = np.concatenate([np.zeros((padding, *piece.shape[1:])), piece])
        assert int(windows.first(k)) == padding
        np.testing.assert_array_equal(windows.exact(tf.constant(whole), k), piece)
        np.testing.assert_array_equal(windows.padded(tf.constant(whole), k), padded)
        np.testing.assert_array_equal(windows.pad(tf.constant(piece), k), padded)
        np.testing.assert_array_equal(windows.trim(tf.constant(padded), k), piece)


@cut
def test_a_padded_window_has_a_length_that_is_known(size, given):
    windows, whole, _ = windows_of(size, given)
    specification = tf.TensorSpec([None, *whole.shape[1:]], whole.dtype)
    cut = tf.function(lambda s, k: windows.padded(s, k), autograph=False)
    traced = cut.get_concrete_function(specification, tf.TensorSpec([], tf.int32))
    assert traced.output_shapes == [size[1], *whole.shape[1:]]


@cut
@pytest.mark.parametrize("backwards", [False, True])
def test_scan_goes_through_all_windows_in_order_and_joins_what_they_keep(size, given, backwards):
    windows, whole, pieces = windows_of(size, given)

    def body(k, carry):
        piece = windows.exact(tf.constant(whole), k)
        total = carry[0] * 2 + tf.reduce_sum(piece)
        return (total,), (piece, piece[:, 0] * total)

    scan = tf.function(windows.scan, autograph=False)
    (carried,), kept = scan(
        body,
        (tf.constant(1.0, tf.float64),),
        kept=[[3, 2], [2]],
        dtype=tf.float64,
        backwards=backwards,
    )
    total, rows = 1.0, []
    for piece in pieces[::-1] if backwards else pieces:
        total = total * 2 + piece.sum()
        rows.append(piece[:, 0] * total)
    np.testing.assert_array_equal(carried, total)
    np.testing.assert_array_equal(kept[0], whole)
    np.testing.assert_array_equal(kept[1], np.concatenate(rows[::-1] if backwards else rows))


@pytest.mark.parametrize("given", GIVEN)
def test_one_window_of_all_steps_leaves_everything_as_it_is(given):
    windows, whole = Windows(GIVEN[given](5), None), tf.constant(sequence(5))
    assert (windows.count, windows.first(0)) == (1, 0)
    for cut in (windows.exact, windows.padded, windows.pad, windows.trim):
        assert cut(whole, 0) is whole
    assert windows.scan(lambda k, carry: (carry, k), 7, kept=[], dtype=tf.float64) == (7, 0)


@pytest.mark.parametrize("steps", [None, 4])
def test_what_is_not_there_has_no_windows(steps):
    assert Windows(5, steps).padded(None, 0) is None
