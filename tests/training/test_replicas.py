"""Replicas learn as one does, whatever their shares of the rows, each with masks of its own."""

import subprocess
import sys

import numpy as np
import pytest

pytestmark = pytest.mark.slow

ROWS = (1, 2, 5)  # of a batch, for two replicas: one gets none, both one, one gets more
PROGRAM = """
import tensorflow as tf

parts = [tf.config.LogicalDeviceConfiguration()] * 2
tf.config.set_logical_device_configuration(tf.config.list_physical_devices("CPU")[0], parts)

from tests.training import test_replicas

test_replicas.{}()
"""


@pytest.mark.parametrize("check", ["check_the_language_model", "check_the_masks"])
def test_in_a_process_whose_cpu_is_two_devices(check):
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(check)], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr


def check_the_language_model():
    """Losses and states are those of one replica."""
    import tensorflow as tf

    from nlpkit.models import LanguageModel
    from nlpkit.training import Distribution, LazyAdam
    from nlpkit.training.language import training_step

    draw = np.random.default_rng(0)
    for rows in ROWS:
        words = [tf.constant(draw.integers(0, 30, [rows, 6]), tf.int32) for _ in range(2)]
        seen = []
        for distribution in (Distribution(), _two_devices()):
            model = distribution.copy(LanguageModel(30, units=4, layers=2, seed=1))
            with distribution.scope():
                step = training_step(model, LazyAdam(0.05), 1.0, 1.0, distribution=distribution)
            states, losses = model.zero_states(rows), []
            for number in range(5):
                loss, states = step(*words, states, tf.constant([0, number]))
                losses.append(float(loss))
            seen.append([np.array(losses), *(state.numpy() for state in states)])
        for one, two in zip(*seen, strict=True):
            np.testing.assert_allclose(two, one, rtol=1e-4, atol=1e-6)


def check_the_masks():
    """Two replicas drop different features, and the next step others."""
    import keras
    import tensorflow as tf

    from nlpkit.training.replicas import own_draws, own_rows, summed, whole_rows

    distribution = _two_devices()
    inputs = keras.Input([64])
    plain = keras.Model(inputs, keras.layers.Dropout(0.5, seed=3)(inputs))
    model = distribution.copy(plain)

    def drop(ones):
        (own,) = own_rows(ones)
        with own_draws(model):
            dropped = model(own, training=True)
        return summed(whole_rows([dropped], ones.shape[0]))

    @tf.function(autograph=False)
    def step(ones):
        return distribution.run(drop, ones)

    masks = [step(tf.ones([4, 64]))[0].numpy() > 0 for _ in range(2)]
    first, second, *_ = masks
    assert (first[:2] != first[2:]).any() and (first != second).any()
    alone = plain(np.ones([2, 64], np.float32), training=True).numpy() > 0
    np.testing.assert_array_equal(first[:2], alone)


def _two_devices():
    """Two replicas in this process."""
    from nlpkit.training import distribute

    return distribute("mirrored")
