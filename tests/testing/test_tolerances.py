import numpy as np
import pytest

from nlpkit.testing import FINITE_DIFFERENCES, GRADIENTS, VALUES, Tolerance, assert_close

LIMIT = Tolerance(1e-3, 1.0)


@pytest.mark.parametrize(
    ("got", "message"),
    [
        ([4.0041, 2.0], "^sums: off by 4.10e-03, 4.00e-03 allowed"),
        ([4.0, float("nan")], "^sums: off by nan"),
        ([4.0], r"^sums: shape \(1,\), expected \(2,\)"),
    ],
)
def test_what_is_too_far_off_is_named(got, message):
    with pytest.raises(AssertionError, match=message):
        assert_close(got, [4.0, 2.0], LIMIT, "sums")


def test_what_is_close_enough_passes():
    assert_close([4.0039, 2.0039], [4.0, 2.0], LIMIT)
    assert_close(np.zeros((0, 3)), np.zeros((0, 3)), LIMIT)


def test_gradients_are_allowed_more_than_values_and_float32_more_than_float64():
    for table in (VALUES, GRADIENTS):
        assert table["float64"].relative <= table["float32"].relative
    for dtype, tolerance in GRADIENTS.items():
        assert VALUES[dtype].relative < tolerance.relative
    assert FINITE_DIFFERENCES.relative < GRADIENTS["float32"].relative
