"""What nothing compiles is traced for the devices of this process, and answers as before."""

import keras
import numpy as np
import tensorflow as tf

from nlpkit.layers import LSTM
from nlpkit.testing import GRADIENTS, VALUES, assert_close
from nlpkit.training.uncompiled import uncompiled

X = tf.constant(np.random.default_rng(0).normal(size=(2, 5, 3)).astype("float32"))


def test_there_is_no_branch_for_other_devices_and_the_answers_are_the_same():
    keras.utils.set_random_seed(0)
    layer = LSTM(4)
    layer.build((None, None, 3))
    spec = [tf.TensorSpec([None, None, 3])]
    plain = tf.function(layer, input_signature=spec)
    alone = uncompiled(layer.call, input_signature=spec)
    assert_close(alone(X), plain(X), VALUES["float32"])
    accelerators = {device.device_type for device in tf.config.list_logical_devices()} - {"CPU"}
    for function, branches in ((plain, True), (alone, bool(accelerators))):
        kinds = {op.type for op in function.get_concrete_function().graph.get_operations()}
        assert any("Case" in kind for kind in kinds) == branches


def test_what_is_traced_next_may_be_compiled_again():
    layer = LSTM(4)
    uncompiled(layer.__call__)(X)

    def gradient(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = layer(x)
        return tape.gradient(y, x)

    spec = [tf.TensorSpec([None, None, 3])]
    compiled = tf.function(gradient, input_signature=spec, jit_compile=True)
    assert_close(compiled(X), gradient(X), GRADIENTS["float32"])
