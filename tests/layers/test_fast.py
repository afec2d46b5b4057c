"""The layers on their fast path, on TensorFlow: like Keras's, in whatever way they are called."""

import keras
import numpy as np
import pytest

from nlpkit.layers import FAMILY, LSTM
from nlpkit.testing import GRADIENTS, VALUES, assert_close, draw_mask

tf = pytest.importorskip("tensorflow")

on_tensorflow = pytest.mark.skipif(
    keras.backend.backend() != "tensorflow", reason="on other backends Keras runs the loop"
)

FEATURES, UNITS = 3, 6
# The second use of a layer brings another length and batch.
SIZES = [(9, 20), (4, 35)]


TWINS = {name: member for name, member in FAMILY.items() if member.keras_layer}


def twins(name="lstm", **arguments):
    """Keras's layer and ours, with the same weights."""
    member = TWINS[name]
    arguments = {"return_sequences": True, "return_state": True, **arguments}
    # Keras's vanilla RNN has never heard of cuDNN.
    without = {} if name == "simple-rnn" else {"use_cudnn": False}
    theirs = member.keras_layer(UNITS, **member.arguments, **without, **arguments)
    ours = member.make(UNITS, **arguments)
    for layer in (theirs, ours):
        layer.build((SIZES[0][0], None, FEATURES))
    ours.set_weights(theirs.get_weights())
    return theirs, ours


def batch(size, kind="none"):
    rng = np.random.default_rng(0)
    mask = draw_mask(kind, *size)
    sequences = rng.normal(size=(*size, FEATURES)).astype("float32")
    return tf.constant(sequences), None if mask is None else tf.constant(mask)


def loss_of(layer, sequences, mask, training):
    """A number that weighs every entry of outputs and states its own way, and all of them."""
    results = layer(sequences, mask=mask, training=training)
    return tf.add_n([weighed(result) for result in results]), results


def weighed(result):
    """The sum of all entries, each with a weight of its own."""
    weights = tf.sin(tf.range(tf.size(result), dtype="float32"))
    return tf.reduce_sum(tf.reshape(tf.cast(result, "float32"), [-1]) * weights)


def gradients(call, layer, sequences, mask, training=False):
    """Outputs, states and gradients by a tape around the call."""
    with tf.GradientTape() as tape:
        tape.watch(sequences)
        loss, results = call(layer, sequences, mask, training)
    return [*results, *tape.gradient(loss, [sequences, *layer.trainable_variables])]


def eager(layer):
    return lambda *batch: gradients(loss_of, layer, *batch)


def in_a_graph(layer):
    return tf.function(lambda *batch: gradients(loss_of, layer, *batch), reduce_retracing=True)


def in_a_jitted_graph(layer):
    return tf.function(lambda *batch: gradients(loss_of, layer, *batch), jit_compile=True)


def around_a_graph(layer):
    graph = tf.function(loss_of)
    return lambda *batch: gradients(graph, layer, *batch)


def around_a_jitted_graph(layer):
    graph = tf.function(loss_of, jit_compile=True)
    return lambda *batch: gradients(graph, layer, *batch)


def persistent_around_a_graph(layer):
    graph = tf.function(loss_of)

    def run(sequences, mask, training=False):
        with tf.GradientTape(persistent=True) as tape:
            tape.watch(sequences)
            loss, results = graph(layer, sequences, mask, training)
        return [*results, *tape.gradient(loss, [sequences, *layer.trainable_variables])]

    return run


def by_graph_gradients(layer):
    def run(sequences, mask):
        loss, results = loss_of(layer, sequences, mask, False)
        sources = [sequences, *[weight.value for weight in layer.trainable_variables]]
        return [*results, *tf.gradients(loss, sources)]

    return tf.function(run)


WAYS = {
    way.__name__: way
    for way in (
        eager,
        in_a_graph,
        in_a_jitted_graph,
        around_a_graph,
        around_a_jitted_graph,
        persistent_around_a_graph,
        by_graph_gradients,
    )
}

NAMES = ("outputs", "h", "c", "d inputs", "d kernel", "d recurrent kernel", "d bias")
OF_ONE_STATE = tuple(name for name in NAMES if name != "c")

ARGUMENTS = {
    "backwards": {"go_backwards": True},
    "stateful": {"stateful": True},
    "dropout": {"dropout": 0.5, "seed": 1},
    "dropout by gate": {"dropout": 0.5, "implementation": 1, "seed": 1},
    "recurrent dropout": {"recurrent_dropout": 0.5, "seed": 1},
    "both dropouts": {"dropout": 0.3, "recurrent_dropout": 0.5, "seed": 1},
    "no bias": {"use_bias": False},
    "zero output": {"zero_output_for_mask": True},
}


def assert_same(got, expected, names=NAMES):
    for name, mine, other in zip(names, got, expected, strict=True):
        tolerance = (GRADIENTS if name.startswith("d ") else VALUES)["float32"]
        assert_close(mine, other, tolerance, name)


@on_tensorflow
@pytest.mark.parametrize(
    ("way", "kind"), [*((way, "holes") for way in WAYS), ("eager", "none"), ("in_a_graph", "none")]
)
def test_every_way_to_call_gives_the_numbers_of_keras(way, kind):
    assert_every_way("lstm", way, kind, NAMES)


@on_tensorflow
@pytest.mark.parametrize("way", ["in_a_graph", "in_a_jitted_graph"])
@pytest.mark.parametrize("name", [name for name in TWINS if name != "lstm"])
def test_every_member_gives_the_numbers_of_keras(name, way):
    assert_every_way(name, way, "holes", OF_ONE_STATE)


def assert_every_way(name, way, kind, names):
    theirs, ours = twins(name)
    call = WAYS[way](ours)
    for size in SIZES:
        sequences, mask = batch(size, kind)
        expected = eager(theirs)(sequences, mask)
        assert_same(call(sequences, mask), expected, names)


@on_tensorflow
@pytest.mark.parametrize("arguments", ARGUMENTS.values(), ids=ARGUMENTS)
def test_every_argument_means_what_it_means_to_keras(arguments):
    theirs, ours = twins(**arguments)
    sequences, mask = batch(SIZES[0], "right")
    expected, got = eager(theirs), in_a_graph(ours)
    names = [name for name in NAMES if ours.use_bias or name != "d bias"]
    for _ in range(2):  # the second call goes on from other states, or draws other masks
        assert_same(got(sequences, mask, True), expected(sequences, mask, True), names)


# As far as it is other code than the LSTM's.
OTHERS = {
    "gru, no bias": ("gru", {"use_bias": False}),
    "gru, relu": ("gru", {"activation": "relu", "recurrent_activation": "hard_sigmoid"}),
    "gru, both dropouts": ("gru", {"dropout": 0.3, "recurrent_dropout": 0.5, "seed": 1}),
    "gru-reset-before, dropout": ("gru-reset-before", {"recurrent_dropout": 0.5, "seed": 1}),
    "simple-rnn, both dropouts": (
        "simple-rnn",
        {"dropout": 0.3, "recurrent_dropout": 0.5, "seed": 1},
    ),
    "simple-rnn, relu": ("simple-rnn", {"activation": "relu"}),
}


@on_tensorflow
@pytest.mark.parametrize(("name", "arguments"), OTHERS.values(), ids=OTHERS)
def test_arguments_mean_what_they_mean_to_keras_for_other_members(name, arguments):
    theirs, ours = twins(name, **arguments)
    sequences, mask = batch(SIZES[0], "right")
    names = [name for name in OF_ONE_STATE if ours.use_bias or name != "d bias"]
    for _ in range(2):
        got, expected = (eager(layer)(sequences, mask, True) for layer in (ours, theirs))
        assert_same(got, expected, names)


@on_tensorflow
@pytest.mark.parametrize("jit_compile", [False, True])
def test_fitting_moves_the_weights_as_with_keras(jit_compile):
    layers = twins(return_sequences=False, return_state=False)
    weights = []
    for layer in layers:
        model = keras.Sequential([keras.Input((None, FEATURES)), keras.layers.Masking(), layer])
        model.compile(keras.optimizers.SGD(0.1), "mse", jit_compile=jit_compile)
        for size in SIZES:
            inputs = np.where(draw_mask("left", *size)[..., None], batch(size)[0], 0)
            model.fit(inputs, np.ones((size[0], UNITS)), batch_size=size[0], verbose=0, epochs=2)
        weights.append(layer.get_weights())
    for got, expected in zip(weights[1], weights[0], strict=True):
        assert_close(got, expected, GRADIENTS["float32"])


@on_tensorflow
@pytest.mark.parametrize("policy", ["mixed_float16", "mixed_bfloat16"])
def test_mixed_precision_differentiates_low_and_hands_out_gradients_high(policy):
    theirs, ours = twins()
    low = LSTM(UNITS, return_sequences=True, return_state=True, dtype=policy)
    low.build((SIZES[0][0], None, FEATURES))
    low.set_weights(theirs.get_weights())
    sequences, mask = batch(SIZES[0], "right")
    got, expected = eager(low)(sequences, mask), eager(theirs)(sequences, mask)
    computed = policy.removeprefix("mixed_")
    assert [t.dtype.name for t in got] == [computed] * 3 + ["float32"] * 4
    for name, mine, other in zip(NAMES, got, expected, strict=True):
        assert_close(tf.cast(mine, "float32"), other, VALUES[policy], name)


@on_tensorflow
def test_a_gradient_comes_back_through_rows_that_were_gathered_in_a_graph():
    layer = LSTM(UNITS)

    def gradient(inputs):
        with tf.GradientTape() as tape:
            tape.watch(inputs)
            rows = tf.gather(layer(inputs), [0, 1, 1])
        return tape.gradient(rows, inputs)

    inputs = tf.random.stateless_normal([2, 3, 4], seed=[1, 2])
    assert_close(tf.function(gradient)(inputs), gradient(inputs), VALUES["float32"])


@on_tensorflow
@pytest.mark.parametrize("name", ["lstm", "min-gru"])
@pytest.mark.parametrize(("units", "rows"), [(1, None), (1, 1), (UNITS, 1)])
def test_a_size_of_1_that_the_graph_knows_is_a_size_like_others(name, units, rows):
    layer = FAMILY[name].make(units, return_sequences=True)
    graph = tf.function(layer, input_signature=[tf.TensorSpec([rows, None, FEATURES])])
    sequences = tf.random.stateless_normal([1, 20, FEATURES], seed=[1, 2])
    assert_close(graph(sequences), layer(sequences), VALUES["float32"])


@on_tensorflow
@pytest.mark.parametrize("name", ["lstm", "gru", "min-gru"])
def test_an_exported_layer_takes_a_masked_batch_without_rows(name, tmp_path):
    layers = [keras.Input((None, 2)), keras.layers.Masking(), FAMILY[name].make(UNITS)]
    keras.Sequential(layers).export(tmp_path, verbose=False)
    loaded = tf.saved_model.load(tmp_path)
    assert loaded.serve(tf.zeros([0, 5, 2])).shape == (0, UNITS)
