"""The largest and the mean value over time, whatever the mask."""

import keras
import numpy as np
import pytest
from keras import ops

from nlpkit.models import MaxMeanPooling
from nlpkit.testing import MASKS, VALUES, assert_close, draw_mask

BATCH, TIME, FEATURES = 6, 7, 3


def draw_inputs():
    """Vectors of both signs; those of the first row all negative."""
    inputs = np.random.default_rng(0).normal(size=(BATCH, TIME, FEATURES)).astype("float32")
    inputs[0] = -1 - np.abs(inputs[0])
    return inputs


def expected(inputs, mask):
    """Row by row; zeros where no step is left."""
    rows = []
    for row, live in zip(inputs, mask, strict=True):
        steps = row[live] if live.any() else np.zeros((1, FEATURES))
        rows.append(np.concatenate([steps.max(axis=0), steps.mean(axis=0)]))
    return np.stack(rows)


@pytest.mark.parametrize("kind", MASKS)
def test_values_are_those_of_numpy(kind):
    inputs, mask = draw_inputs(), draw_mask(kind, BATCH, TIME)
    live = np.ones((BATCH, TIME), bool) if mask is None else np.asarray(mask)
    got = ops.convert_to_numpy(MaxMeanPooling()(inputs, mask=mask))
    assert_close(got, expected(inputs, live), VALUES["float32"])


def test_a_fully_masked_row_gives_zeros_and_disturbs_no_other():
    inputs, mask = draw_inputs(), np.ones((BATCH, TIME), bool)
    mask[2] = False
    got = ops.convert_to_numpy(MaxMeanPooling()(inputs, mask=mask))
    assert not got[2].any()
    assert_close(got, expected(inputs, mask), VALUES["float32"])


@pytest.mark.parametrize("value", [1e6, -1e6])
def test_what_the_mask_hides_does_not_matter(value):
    inputs, mask = draw_inputs(), draw_mask("right", BATCH, TIME)
    hidden = np.where(mask[..., None], inputs, np.float32(value))
    got, expected = (MaxMeanPooling()(x, mask=mask) for x in (hidden, inputs * mask[..., None]))
    assert_close(got, expected, VALUES["float32"])


def test_the_mask_ends_here_and_shapes_are_known():
    masked = keras.layers.Masking()(keras.Input([None, FEATURES]))
    output = MaxMeanPooling()(masked)
    assert output.shape == (None, 2 * FEATURES)
    assert getattr(output, "_keras_mask", None) is None


def test_configuration_round_trip():
    layer = MaxMeanPooling(name="pool")
    assert MaxMeanPooling.from_config(layer.get_config()).get_config() == layer.get_config()
