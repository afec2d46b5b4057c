"""The three signatures of a classifier: what they take, what they give, what they track."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from nlpkit import export
from nlpkit.errors import InputError
from tests.artefacts import CLASSES, PIECES, TinyEncoder, tiny_model

TEXTS = ["정말 최고의 영화", "", "a\0b", "👍🏽"]


def test_serving_is_ids_of_encode(live):
    served = live.serving_default(tf.constant(TEXTS))
    ids = live.encode(tf.constant(TEXTS))["ids"]
    probabilities = live.ids(ids)["probabilities"]
    assert set(served) == {"label", "score", "probabilities"}
    assert ids.dtype == tf.int32
    np.testing.assert_allclose(served["probabilities"], probabilities, atol=1e-6)


def test_the_label_is_the_likeliest_class_and_the_score_its_probability(live):
    served = live.serving_default(tf.constant(TEXTS))
    best = np.argmax(served["probabilities"], axis=1)
    assert [label.decode() for label in served["label"].numpy()] == [CLASSES[i] for i in best]
    np.testing.assert_array_equal(served["score"], np.max(served["probabilities"], axis=1))


def test_numbers_of_texts_and_words_are_free(live):
    ids = live.ids.get_concrete_function().structured_input_signature[0][0]
    assert ids.shape.as_list() == [None, None, PIECES]
    assert live.encode.get_concrete_function().structured_outputs["ids"].shape[0] is None


def test_no_text_is_legal(live):
    served = live.serving_default(tf.constant([], tf.string))
    shapes = {name: tuple(value.shape) for name, value in served.items()}
    assert shapes == {"label": (0,), "score": (0,), "probabilities": (0, len(CLASSES))}


def test_ids_without_pieces_are_legal():
    class Codes(tf.Module):
        def __call__(self, texts):
            codes = tf.strings.unicode_decode(texts, "UTF-8").to_tensor()
            return tf.pad(codes % 512, [[0, 0], [0, 1]])

    ids = keras.Input([None], dtype="int32")
    x = keras.layers.GlobalAveragePooling1D()(keras.layers.Embedding(512, 2)(ids))
    model = keras.Model(ids, keras.layers.Softmax()(x))
    module = export.classifier(Codes(), model, CLASSES)
    assert module.serving_default(tf.constant(TEXTS))["probabilities"].shape == (4, 2)


def test_the_weights_are_tracked_and_the_keras_model_is_not(live):
    assert len(live.weights) == 6
    kinds = {type(node).__module__.partition(".")[0] for node in live._flatten(with_path=False)}
    assert "keras" not in kinds


@pytest.mark.parametrize("names", [["one"], ["a", "b", "c"]])
def test_each_output_needs_a_name(names):
    with pytest.raises(InputError, match=rf"`label_names` must name .* got {len(names)} names"):
        export.classifier(TinyEncoder(), tiny_model(), names)
