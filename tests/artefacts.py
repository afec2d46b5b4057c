"""The smallest models with the shape of real ones: encoders, Keras models, what is served."""

import json

import keras
import tensorflow as tf

from nlpkit import export
from nlpkit.models import LanguageModel
from nlpkit.text import WordEncoder, WordVocabulary

CLASSES = ("negative", "긍정")
LABELS = json.dumps({"values": ["0", "1"], "names": list(CLASSES)})
VOCABULARY, PIECES, UNITS = 512, 2, 8
WORDS = ("</s>", "<unk>", "the", "cat", "sat", "on", "mat", ".", "dog", "ran", "영화", "정말")
SUBWORDS = ("</s>", "<unk>", "the", "c", "##at", "s", "on", "m", "##ats", "영화", "##가", "정말")


class TinyEncoder(tf.Module):
    """A word for each character; its pieces are the code point and what a table says of it."""

    def __init__(self):
        super().__init__()
        values = tf.lookup.KeyValueTensorInitializer(["a", "가"], tf.constant([7, 8], tf.int64))
        self.table = tf.lookup.StaticHashTable(values, default_value=9)

    def __call__(self, texts):
        codes = tf.strings.unicode_decode(texts, "UTF-8")[:, :50]
        characters = tf.strings.unicode_encode(codes.values[:, tf.newaxis], "UTF-8")
        known = codes.with_values(tf.cast(self.table.lookup(characters), tf.int32))
        pieces = tf.stack([(codes % (VOCABULARY - 1) + 1).to_tensor(), known.to_tensor()], axis=-1)
        return tf.pad(pieces, [[0, 0], [0, 1], [0, 0]])


def tiny_model(*, recurrence=None):
    """Embedding, sum over the pieces, a recurrence, softmax."""
    ids = keras.Input([None, PIECES], dtype="int32")
    x = keras.layers.Embedding(VOCABULARY, 16)(ids)
    x = keras.ops.sum(x, axis=2)
    if recurrence is None:
        mask = keras.ops.any(keras.ops.not_equal(ids, 0), axis=2)
        x = keras.layers.LSTM(UNITS, use_cudnn=False)(x, mask=mask)
    else:
        x = recurrence(x)
    return keras.Model(ids, keras.layers.Dense(len(CLASSES), activation="softmax")(x))


def tiny_classifier(model=None):
    """The classifier, untrained."""
    keras.utils.set_random_seed(0)
    return export.classifier(TinyEncoder(), model or tiny_model(), CLASSES)


def tiny_language_model(words=WORDS, *, tokenization="words", cell="lstm", bias=None):
    """An encoder and a language model with opinions, untrained."""
    model = LanguageModel(len(words), cell=cell, units=6, layers=2, embedding=5, seed=3)
    model.embeddings.assign(model.embeddings * 20)
    if bias is not None:
        model.bias.assign(bias)
    return WordEncoder(WordVocabulary(words, tokenization)), model


def tiny_next_word(words=WORDS, **options):
    """What is served of them."""
    return export.next_word(*tiny_language_model(words, **options))


class DeviceBranch(keras.layers.Layer):
    """A plain sum on a CPU, cuDNN on a GPU, chosen when the graph runs."""

    def call(self, x):
        branches = {"CPU": lambda: portable(x), "GPU": lambda: cudnn(x)}
        return tf.__internal__.execute_fn_for_device(branches, lambda: portable(x))

    def compute_output_shape(self, shape):
        return (shape[0], UNITS)


class Orthogonal(keras.layers.Layer):
    """Something that XLA leaves to a custom call on every device."""

    def call(self, x):
        return portable(x) + tf.linalg.qr(x[:, :UNITS, :UNITS]).q[:, 0]

    def compute_output_shape(self, shape):
        return (shape[0], UNITS)


def portable(x):
    """Something of the shape that `cudnn` gives, [B, UNITS]."""
    return tf.reduce_sum(x[:, :, :UNITS], axis=1)


def cudnn(x):
    """The last output of cuDNN's LSTM with zero weights, from x [B, T, 16]."""
    batch, time = tf.shape(x)[0], tf.shape(x)[1]
    zeros = tf.zeros([1, batch, UNITS])
    return tf.raw_ops.CudnnRNNV3(
        input=tf.transpose(x, [1, 0, 2]),
        input_h=zeros,
        input_c=zeros,
        params=tf.zeros([4 * UNITS * (16 + UNITS) + 8 * UNITS]),
        sequence_lengths=tf.fill([batch], time),
        rnn_mode="lstm",
        is_training=False,
    ).output[-1]
