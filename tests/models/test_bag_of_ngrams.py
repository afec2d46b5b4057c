"""The linear classifier: a sum over distinct n-grams, saved, loaded and trained."""

import keras
import numpy as np
import pytest
from keras import ops

from nlpkit.errors import InputError
from nlpkit.models import BagOfNgrams
from nlpkit.testing import VALUES, assert_close

VOCABULARY, CLASSES = 12, 3
RNG = np.random.default_rng(0)
TABLE = RNG.normal(size=(VOCABULARY, CLASSES)).astype("float32")
BIAS = RNG.normal(size=CLASSES).astype("float32")


def draw_ids():
    """Ids of four texts with repeated n-grams; the last text is empty."""
    ids = RNG.integers(0, VOCABULARY, size=(4, 5, 3)).astype("int32")
    ids[1, 2:] = ids[3] = 0
    return ids


@pytest.fixture
def model():
    ids = keras.Input([None, 3], dtype="int32")
    model = keras.Model(ids, BagOfNgrams(VOCABULARY, CLASSES)(ids))
    model.set_weights([TABLE, BIAS])
    return model


def expected(ids):
    """The equation, one text at a time."""
    for text in ids:
        distinct = sorted(set(text.ravel().tolist()) - {0})
        yield TABLE[distinct].sum(axis=0) / max(len(distinct), 1) ** 0.5 + BIAS


def test_each_distinct_ngram_counts_once_and_padding_never(model):
    ids = draw_ids()
    answers = ops.convert_to_numpy(model(ids))
    assert_close(answers, np.array(list(expected(ids))), VALUES["float32"])
    padded = np.pad(ids, [(0, 0), (0, 3), (0, 0)])
    assert_close(ops.convert_to_numpy(model(padded)), answers, VALUES["float32"])


def test_thousands_of_ngrams_are_counted_in_half_precision_too():
    layer = BagOfNgrams(5_000, 2, dtype="mixed_bfloat16")
    layer.build((None, None, None))
    layer.set_weights([np.ones((5_000, 2)), np.zeros(2)])
    logits = layer(np.arange(4_999).reshape(1, -1, 1))
    assert keras.backend.standardize_dtype(logits.dtype) == "bfloat16"
    expected = np.full((1, 2), 4_998**0.5)
    np.testing.assert_allclose(ops.convert_to_numpy(ops.cast(logits, "float32")), expected, 4e-3)


@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="a graph of TensorFlow")
def test_it_compiles(model):
    import tensorflow as tf

    compiled = tf.function(model, jit_compile=True)
    ids = draw_ids()
    assert_close(compiled(ids).numpy(), model(ids).numpy(), VALUES["float32"])


def test_it_survives_a_keras_file(model, tmp_path):
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    ids = draw_ids()
    assert_close(*(ops.convert_to_numpy(each(ids)) for each in (loaded, model)), VALUES["float32"])


def test_it_can_be_trained_as_any_layer(model):
    ids, classes = draw_ids(), np.array([0, 1, 2, 1])
    model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    before = model.evaluate(ids, classes, verbose=0)
    model.fit(ids, classes, epochs=5, verbose=0)
    assert model.evaluate(ids, classes, verbose=0) < before


@pytest.mark.parametrize("name", ["vocabulary", "classes"])
def test_sizes_are_positive(name):
    sizes = {"vocabulary": 5, "classes": 2, name: 0}
    with pytest.raises(InputError, match=rf"^`{name}` must be a positive integer, got 0\.$"):
        BagOfNgrams(**sizes)
