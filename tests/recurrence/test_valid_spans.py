"""Valid spans of a mask, against NumPy and by hand."""

import numpy as np
import pytest
import tensorflow as tf

from nlpkit.recurrence.valid_spans import ValidSpans
from nlpkit.testing import MASKS, draw_mask
from tests.recurrence.cases import numpy

TIME, FEATURES = 6, 2


def contiguous(mask):
    """Whether every row's steps are one run, or none."""
    return not any("0" in "".join(map(str, row.astype(int))).strip("0") for row in mask)


def mask_of(kind):
    return draw_mask(kind, 5, TIME)


@pytest.mark.parametrize("kind", [kind for kind in MASKS if kind != "none"])
def test_rows_know_their_first_step_their_length_and_their_gaps(kind):
    mask = mask_of(kind)
    spans = ValidSpans.of(tf.constant(mask))
    np.testing.assert_array_equal(spans.length, mask.sum(axis=1))
    first = [row.tolist().index(True) if row.any() else TIME for row in mask]
    np.testing.assert_array_equal(spans.first, first)
    assert bool(spans.contiguous) == contiguous(mask)
    ahead = [[t < f for t in range(TIME)] for f in first]
    np.testing.assert_array_equal(numpy(spans.ahead)[:, :, 0], ahead)


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ("111111", True),
        ("110000", True),
        ("000011", True),
        ("001100", True),
        ("000001", True),
        ("101111", False),
        ("100001", False),
        ("000000", True),
    ],
)
def test_a_gap_is_not_contiguous_and_padding_on_any_side_is(row, expected):
    mask = np.array([[True] * TIME, [step == "1" for step in row]])
    assert bool(ValidSpans.of(tf.constant(mask)).contiguous) == contiguous(mask) == expected


@pytest.mark.parametrize("kind", [kind for kind in MASKS if kind != "none"])
def test_aligned_rows_begin_with_their_first_valid_step_and_come_back(kind):
    mask = mask_of(kind)
    spans = ValidSpans.of(tf.constant(mask))
    sequence = np.random.default_rng(0).normal(size=(*mask.shape, FEATURES))
    aligned = numpy(spans.align_left(tf.constant(sequence)))
    for got, row, counts in zip(aligned, sequence, mask, strict=True):
        first = counts.tolist().index(True) if counts.any() else 0
        np.testing.assert_array_equal(got, np.concatenate([row[first:], row[:first]]))
    np.testing.assert_array_equal(spans.align_left(tf.constant(aligned), undo=True), sequence)
