"""People pad with NaN: what a mask leaves out counts neither forward nor back, on every path."""

import numpy as np
import pytest
import tensorflow as tf

from nlpkit.layers import FAMILY, GRU, LSTM
from nlpkit.testing import GRADIENTS, assert_close, draw_mask
from tests.recurrence.cases import PATHS
from tests.toys import Toy

pytestmark = pytest.mark.usefixtures("small_windows", "cudnn_on_cpu")

BATCH, TIME, FEATURES, UNITS = 3, 6, 2, 3

CASES = [
    *((LSTM, {}, path) for path in PATHS if path != "scan"),
    (GRU, {}, "cudnn"),
    *((Toy, {"toy": "toy"}, path) for path in ("loop", "packed", "compiled")),
    *((Toy, {"toy": "toy-by-autodiff"}, path) for path in ("loop", "compiled")),
    (FAMILY["min-gru"].layer, {}, "scan"),
]


def there_and_back(layer, sequences, mask, weights):
    """Outputs, states and gradients."""
    with tf.GradientTape() as tape:
        tape.watch(sequences)
        results = layer(sequences, mask=mask)
        loss = tf.add_n([tf.reduce_sum(tf.sin(result)) for result in results])
    return [*results, *tape.gradient(loss, [sequences, *weights])]


@pytest.mark.parametrize(
    ("layer", "arguments", "path"),
    CASES,
    ids=[f"{layer.__name__}{''.join(a.values())}-{path}" for layer, a, path in CASES],
)
def test_nan_and_inf_in_padding_count_as_zeros_do(layer, arguments, path, on_cpu):
    on_cpu(PATHS[path])
    mask = tf.constant(draw_mask("holes", BATCH, TIME))
    options = {"return_sequences": True, "return_state": True, "dtype": "float32"}
    layer = layer(UNITS, **arguments, **options)
    layer.build((BATCH, TIME, FEATURES))
    sequences = tf.random.stateless_normal([BATCH, TIME, FEATURES], seed=[1, 2])

    def padded(value):
        filled = tf.where(mask[:, :, None], sequences, value)
        return there_and_back(layer, filled, mask, layer.trainable_variables)

    expected = padded(0.0)
    for value in (np.nan, np.inf):
        for got, want in zip(padded(value), expected, strict=True):
            assert np.isfinite(got).all()
            assert_close(got, want, GRADIENTS["float32"])
