import numpy as np
import pytest

from nlpkit.testing import FEW_MASKS, MASKS, draw_mask

BATCH, TIME = 40, 9


@pytest.mark.parametrize("kind", MASKS)
def test_equal_seeds_draw_equal_masks_of_the_size_asked_for(kind):
    first, second = (draw_mask(kind, BATCH, TIME, seed=3) for _ in range(2))
    if kind == "none":
        assert first is second is None
    else:
        assert first.shape == (BATCH, TIME) and first.dtype == bool
        np.testing.assert_array_equal(first, second)


def test_each_kind_is_what_it_is_called():
    drawn = {kind: draw_mask(kind, BATCH, TIME) for kind in MASKS if kind != "none"}
    assert drawn["full"].all() and not drawn["all empty"].any()
    rises = {kind: (np.diff(mask.astype(int), axis=1) > 0).any() for kind, mask in drawn.items()}
    falls = {kind: (np.diff(mask.astype(int), axis=1) < 0).any() for kind, mask in drawn.items()}
    assert [kind for kind in drawn if falls[kind]] == ["right", "holes", "first row empty"]
    assert [kind for kind in drawn if rises[kind]] == ["left", "holes"]
    assert [kind for kind in drawn if not drawn[kind][0].any()] == ["first row empty", "all empty"]


def test_the_few_are_among_all():
    assert set(FEW_MASKS) < set(MASKS)
