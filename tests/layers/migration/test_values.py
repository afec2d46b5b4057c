"""What a layer keeps besides its configuration is its copy's: vocabularies, statistics, flags."""

import keras
import numpy as np
import pytest
from keras import layers
from keras.layers import LSTM, Bidirectional

from nlpkit.errors import InputError
from nlpkit.layers import from_keras, to_keras
from nlpkit.testing import VALUES, assert_close

STEPS = 5
WORDS = ["a", "b", "c", "d", "e", "f"]


def numbers(*shape):
    return np.random.default_rng(0).normal(3.0, 2.0, shape).astype("float32")


def tokens(kind, *shape):
    return np.random.default_rng(0).choice(np.array(WORDS, kind), shape)


def on_numbers(preprocessing):
    """An LSTM on what a layer makes of numbers."""
    preprocessing.adapt(numbers(20, STEPS, 3))
    return keras.Sequential([keras.Input((STEPS, 3)), preprocessing, LSTM(2)])


def on_words(preprocessing, shape=(STEPS,), dtype="string"):
    """An LSTM on embeddings of what a layer makes of words."""
    words = keras.Input(shape, dtype=dtype)
    return keras.Model(words, LSTM(2)(layers.Embedding(20, 3)(preprocessing(words))))


def normalization():
    return on_numbers(layers.Normalization()), numbers(2, STEPS, 3)


def within_time_distributed():
    inner = layers.Normalization()
    inner.adapt(numbers(20, 3))
    stack = [keras.Input((STEPS, 3)), layers.TimeDistributed(inner), LSTM(2)]
    return keras.Sequential(stack), numbers(2, STEPS, 3)


def discretization():
    layer = layers.Discretization(num_bins=4)
    layer.adapt(numbers(20))
    return on_words(layer, dtype="float32"), numbers(2, STEPS)


def text_vectorization():
    layer = layers.TextVectorization(output_sequence_length=STEPS)
    layer.adapt(["a b c d", "d e f f"])
    return on_words(layer, (1,)), np.array([["f a b"], ["x d"]])


def text_by_frequency():
    layer = layers.TextVectorization(output_mode="tf_idf")
    layer.adapt(["a b c d", "d e f f"])
    words = keras.Input((1,), dtype="string")
    values = layers.Reshape((-1, 1))(layer(words))
    return keras.Model(words, LSTM(2)(values)), np.array([["f a b"], ["x d"]])


def string_lookup():
    layer = layers.StringLookup()
    layer.adapt(tokens("str", 30))
    return on_words(layer), tokens("str", 2, STEPS)


def integer_lookup():
    layer = layers.IntegerLookup()
    layer.adapt(np.array([7, 7, 9, 12]))
    return on_words(layer, dtype="int64"), np.array([[7, 9, 12, 5, 7]] * 2)


def a_vocabulary_that_was_given():
    return on_words(layers.StringLookup(vocabulary=WORDS)), tokens("str", 2, STEPS)


ADAPTED = [
    normalization,
    within_time_distributed,
    discretization,
    text_vectorization,
    text_by_frequency,
    string_lookup,
    integer_lookup,
    a_vocabulary_that_was_given,
]
ON_TENSORFLOW = pytest.mark.skipif(
    keras.backend.backend() != "tensorflow", reason="strings are TensorFlow's"
)


@pytest.mark.parametrize(
    "make",
    [pytest.param(make, marks=ON_TENSORFLOW) if make in ADAPTED[3:] else make for make in ADAPTED],
)
def test_what_was_adapted_stays_adapted(make):
    model, batch = make()
    batch = keras.ops.convert_to_tensor(batch)
    expected = model(batch)
    ours = from_keras(model)
    assert_close(ours(batch), expected, VALUES["float32"])
    assert_close(to_keras(ours)(batch), expected, VALUES["float32"])


def test_a_copy_shares_nothing_with_what_was_adapted():
    model, batch = normalization()
    expected = keras.ops.convert_to_numpy(model(batch))
    ours = from_keras(model)
    ours.layers[0].adapt(10 * numbers(20, STEPS, 3))
    ours.compile("sgd", "mse")
    ours.fit(batch, np.zeros((2, 2)), verbose=0)
    assert_close(model(batch), expected, VALUES["float32"])


@ON_TENSORFLOW
def test_a_vocabulary_can_be_learned_after_the_conversion():
    model = from_keras(on_words(layers.TextVectorization(output_sequence_length=STEPS), (1,)))
    model.layers[1].adapt(["a b"])
    assert model.layers[1].get_vocabulary() == ["", "[UNK]", "b", "a"]


class Remembering(layers.Layer):
    """A layer of the user's own with a word that is no weight."""

    word = ""

    def call(self, inputs):
        return inputs

    def save_assets(self, dir_path):
        with open(f"{dir_path}/word.txt", "w") as file:
            file.write(self.word)

    def load_assets(self, dir_path):
        with open(f"{dir_path}/word.txt") as file:
            self.word = file.read()


def test_a_layer_of_your_own_saves_and_loads_in_its_own_way():
    layer = Remembering()
    layer.word = "kept"
    model = keras.Sequential([keras.Input((STEPS, 3)), layer, LSTM(2)])
    assert from_keras(model).layers[0].word == "kept"


def test_a_layer_that_cannot_be_loaded_is_named():
    class Forgetting(Remembering):
        def load_assets(self, dir_path):
            raise OSError("The disk is full.")

    model = keras.Sequential([keras.Input((STEPS, 3)), Forgetting(name="mine"), LSTM(2)])
    sentence = (
        "^layer 'mine' must be one that Keras can save and load, got a Forgetting, which says: "
        "The disk is full"
    )
    with pytest.raises(InputError, match=sentence):
        from_keras(model)


def flags(model):
    return [each.trainable for each in model._flatten_layers()], [
        w.trainable for w in model.weights
    ]


def frozen_cell():
    model = keras.Sequential([keras.Input((STEPS, 3)), LSTM(4), layers.Dense(2)])
    model.layers[0].cell.trainable = False
    return model


def frozen_direction():
    model = keras.Sequential([keras.Input((STEPS, 3)), Bidirectional(LSTM(4))])
    model.layers[0].backward_layer.trainable = False
    return model


def thawed_in_what_is_frozen():
    reader = LSTM(4, return_sequences=True)
    inner = keras.Sequential([keras.Input((STEPS, 3)), reader, LSTM(3, return_sequences=True)])
    a = keras.Input((STEPS, 3))
    model = keras.Model(a, layers.Concatenate()([reader(a), inner(a)]))
    inner.trainable = False
    reader.trainable = True
    return model


def frozen_weight():
    model = frozen_direction()
    model.layers[0].forward_layer.cell.kernel.trainable = False
    return model


@pytest.mark.parametrize(
    "make", [frozen_cell, frozen_direction, frozen_weight, thawed_in_what_is_frozen]
)
def test_what_is_frozen_within_a_layer_stays_frozen(make):
    model = make()
    ours = from_keras(model)
    assert flags(ours) == flags(model) == flags(to_keras(ours))
    assert len(ours.trainable_weights) == len(model.trainable_weights)
