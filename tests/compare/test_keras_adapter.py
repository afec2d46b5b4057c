import keras
import pytest
import tensorflow as tf

from nlpkit.compare.keras_adapter import traits

INPUTS = tf.zeros([2, 3, 4])
FUNCTIONS = {
    "a while loop": tf.function(keras.layers.LSTM(2)),
    "plain operations": tf.function(keras.layers.LSTM(2, unroll=True)),
    "XLA": tf.function(lambda x: tf.function(lambda y: y + 1, jit_compile=True)(x)),
    "a branch by device": tf.function(lambda x: (tf.raw_ops.DeviceIndex(device_names=["CPU"]), x)),
}


@pytest.mark.parametrize("words", FUNCTIONS)
def test_what_is_in_the_graph_is_named_and_nothing_else(words):
    graph = FUNCTIONS[words].get_concrete_function(INPUTS).graph.as_graph_def()
    assert traits(graph).startswith(f"{words}; ")
