"""A linear classifier of texts, as a layer."""

import keras
from keras import ops

from nlpkit.checks import check_positive_integer

__all__ = ["BagOfNgrams"]


@keras.saving.register_keras_serializable(package="nlpkit")
class BagOfNgrams(keras.layers.Layer):
    """Logits that are a sum over the distinct n-grams of a text.

        z = Σ W[id] / √n + b        over the n distinct ids above 0

    Weights start at 0; `nlpkit.training.fit_linear` makes a trained model of one.

    Args:
        vocabulary: Number of ids, V, padding included.
        classes: Number of classes, K.

    Call arguments:
        ids: Integers [B, T, F]; 0 is padding, so no mask is needed.

    Returns:
        Logits [B, K]; a text without n-grams has b.

    Raises:
        InputError: If an argument is not a positive integer.

    Example:
        >>> import numpy as np
        >>> layer = BagOfNgrams(10, 2)
        >>> layer.build((None, None, None))
        >>> layer.set_weights([np.eye(10, 2), np.zeros(2)])
        >>> layer(np.array([[[1, 1], [2, 0]]])).numpy().round(3)
        array([[0.   , 0.707]], dtype=float32)

    Reference: Wang & Manning 2012, "Baselines and Bigrams: Simple, Good Sentiment and Topic
    Classification", section 2, with texts of length 1.
    """

    def __init__(self, vocabulary: int, classes: int, **kwargs) -> None:
        super().__init__(**kwargs)
        check_positive_integer("vocabulary", vocabulary)
        check_positive_integer("classes", classes)
        self.vocabulary, self.classes = vocabulary, classes

    def build(self, input_shape):
        table = (self.vocabulary, self.classes)
        self.table = self.add_weight(name="weights", shape=table, initializer="zeros")
        self.bias = self.add_weight(name="bias", shape=(self.classes,), initializer="zeros")

    def call(self, ids):
        ids = ops.sort(ops.reshape(ids, [ops.shape(ids)[0], -1]), axis=1)  # [B, T·F]
        repeated = ops.equal(ids[:, 1:], ids[:, :-1])
        distinct = ops.logical_and(ids > 0, ~ops.pad(repeated, [[0, 0], [1, 0]]))
        weight = ops.cast(distinct, "float32")  # thousands cannot be counted in half precision
        count = ops.sum(weight, axis=1, keepdims=True)
        weight = weight * ops.rsqrt(ops.maximum(count, 1.0))
        rows = ops.cast(ops.take(self.table, ids, axis=0), "float32")  # [B, T·F, K]
        logits = ops.einsum("bn,bnk->bk", weight, rows) + ops.cast(self.bias, "float32")
        return ops.cast(logits, self.compute_dtype)

    def compute_output_shape(self, input_shape):
        return (input_shape[0], self.classes)

    def get_config(self):
        return {**super().get_config(), "vocabulary": self.vocabulary, "classes": self.classes}
