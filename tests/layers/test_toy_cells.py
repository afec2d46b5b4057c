"""Cells that no kernel was written for, as layers: under every mask, live and exported."""

import keras
import numpy as np
import pytest

from nlpkit.layers import Member
from nlpkit.testing import MASKS, VALUES, assert_close, draw_mask
from tests.toys import TOYS, Toy

tf = pytest.importorskip("tensorflow")

pytestmark = pytest.mark.skipif(
    keras.backend.backend() != "tensorflow", reason="on other backends Keras runs the loop"
)

BATCH, TIME, FEATURES, UNITS = 6, 19, 3, 4  # steps enough for chunks, and for a parallel scan

toys = pytest.mark.parametrize("toy", TOYS)


def layer_of(toy, **arguments):
    """A built layer whose weights are all random, yet too small to make rounding errors grow."""
    layer = Member(name=toy, layer=Toy, arguments={"toy": toy}).make(
        UNITS, return_sequences=True, **arguments
    )
    layer.build((BATCH, TIME, FEATURES))
    rng = np.random.default_rng(2)
    layer.set_weights([rng.normal(size=w.shape, scale=0.4) for w in layer.weights])
    return layer


def sequences():
    return np.random.default_rng(0).normal(size=(BATCH, TIME, FEATURES)).astype("float32")


def mask_of(kind):
    """A mask, all true for "none"."""
    mask = draw_mask(kind, BATCH, TIME)
    return np.ones((BATCH, TIME), bool) if mask is None else mask


def by_autodiff_s_path(layer, mask):
    """The outputs and last states by the loop that has nothing by hand; zero ahead of all steps."""
    from nlpkit.recurrence import Operands, autodiff

    weights = layer.cell.weights_by_name("float32")
    state = tuple(layer.get_initial_state(BATCH))
    operands = Operands(tf.constant(sequences()), weights, state, mask=tf.constant(mask))
    (outputs,), state = autodiff.recur(layer.declaration, operands)
    started = np.cumsum(mask, axis=1) > 0
    return np.where(started[:, :, None], outputs, 0), state


@toys
@pytest.mark.parametrize("kind", MASKS)
def test_a_layer_follows_autodiff_s_path_whatever_the_mask(toy, kind):
    layer = layer_of(toy, return_state=True)
    outputs, *state = layer(sequences(), mask=draw_mask(kind, BATCH, TIME))
    expected, last = by_autodiff_s_path(layer, mask_of(kind))
    assert_close(outputs, expected, VALUES["float32"], "outputs")
    for name, got, want in zip(layer.state_names, state, last, strict=True):
        assert_close(got, want, VALUES["float32"], name)


@toys
def test_an_exported_layer_answers_as_the_live_one_whatever_the_mask(toy, tmp_path):
    inputs = [keras.Input((None, FEATURES)), keras.Input((None,), dtype="bool")]
    layer = layer_of(toy)
    keras.Model(inputs, layer(inputs[0], mask=inputs[1])).export(tmp_path, verbose=False)
    loaded = tf.saved_model.load(tmp_path)
    for kind in MASKS:
        got = loaded.serve([tf.constant(sequences()), tf.constant(mask_of(kind))])
        expected, _ = by_autodiff_s_path(layer, mask_of(kind))
        assert_close(got, expected, VALUES["float32"], kind)
