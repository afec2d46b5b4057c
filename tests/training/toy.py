"""A task that a small model learns in seconds: which of two ids stands among the tokens."""

import keras
import numpy as np
import tensorflow as tf

from nlpkit import models

VOCABULARY, PIECES, BATCH = 20, 2, 16


def examples(count, seed=0):
    """Ids [N, 6, PIECES] and classes [N]."""
    rng = np.random.default_rng(seed)
    ids = rng.integers(4, VOCABULARY, size=(count, 6, PIECES)).astype("int32")
    classes = rng.integers(2, size=count).astype("int32")
    ids[np.arange(count), rng.integers(6, size=count), 0] = 2 + classes
    return ids, classes


def batches(count, seed=0):
    """The examples as a data set."""
    return tf.data.Dataset.from_tensor_slices(examples(count, seed)).batch(BATCH)


def model(seed=0):
    """The quickest model of the task that has a mask, a dropout and a table: no recurrence."""
    keras.utils.set_random_seed(seed)
    ids = keras.Input([None, PIECES], dtype="int32")
    h = models.PieceEmbedding(VOCABULARY, 8, piece_dropout=0.1, seed=seed)(ids)
    return keras.Model(ids, keras.layers.Dense(2)(models.MaxMeanPooling()(h)))


def recurrent_model(seed=0, classes=2):
    """The classifier itself, small."""
    sizes = {
        "vocabulary": VOCABULARY,
        "classes": classes,
        "pieces": PIECES,
        "units": 8,
        "embedding": 8,
    }
    return models.classifier(**sizes, embedding_dropout=0.1, dropout=0.1, seed=seed)
