"""A token's vector from the vectors of its pieces."""

import keras

from nlpkit.checks import check_fraction, check_positive_integer

__all__ = ["PieceEmbedding"]


@keras.saving.register_keras_serializable(package="nlpkit")
class PieceEmbedding(keras.layers.Layer):
    """Sums the embeddings of a token's pieces, divided by the square root of their number.

        e(token) = Σₖ E[idₖ] / √n        over its n pieces, those with an id above 0

    While training, each piece is dropped with probability `piece_dropout`, so that no single
    n-gram (and no memorised word) can decide alone.

    Args:
        vocabulary: Number of ids, V, padding included.
        units: Size of the vectors, D.
        piece_dropout: Rate at which pieces are dropped in training, 0 to 1. Default 0.
        seed: Seed of dropout and of the initial table, or None.

    Call arguments:
        ids: Integers [B, T, F]; 0 is padding.
        training: Whether to drop pieces.

    Masking: the output carries a mask [B, T], true where a token has a piece.

    Raises:
        InputError: If an argument is out of its range.

    Example:
        >>> import numpy as np
        >>> layer = PieceEmbedding(10, 4)
        >>> ids = np.array([[[2, 3, 0], [7, 0, 0], [0, 0, 0]]])
        >>> tuple(layer(ids).shape), [bool(kept) for kept in layer.compute_mask(ids)[0]]
        ((1, 3, 4), [True, True, False])

    Reference: Bojanowski et al. 2017, "Enriching Word Vectors with Subword Information",
    section 3.2, there without the root.
    """

    def __init__(
        self,
        vocabulary: int,
        units: int,
        *,
        piece_dropout: float = 0.0,
        seed: int | None = None,
        **kwargs,
    ) -> None:
        super().__init__(**kwargs)
        check_positive_integer("vocabulary", vocabulary)
        check_positive_integer("units", units)
        check_fraction("piece_dropout", piece_dropout)
        self.vocabulary = vocabulary
        self.units = units
        self.piece_dropout = piece_dropout
        self.seed = seed
        self.seed_generator = keras.random.SeedGenerator(seed)

    def build(self, input_shape):
        self.embeddings = self.add_weight(
            name="embeddings",
            shape=(self.vocabulary, self.units),
            initializer=keras.initializers.RandomUniform(-0.05, 0.05, seed=self.seed),
        )

    def call(self, ids, training=False):
        weight = keras.ops.cast(keras.ops.greater(ids, 0), self.compute_dtype)  # [B, T, F]
        if training and self.piece_dropout:
            draws = keras.random.uniform(keras.ops.shape(ids), seed=self.seed_generator)
            kept = keras.ops.greater_equal(draws, self.piece_dropout)
            weight = weight * keras.ops.cast(kept, weight.dtype)
        count = keras.ops.sum(weight, axis=-1, keepdims=True)
        weight = weight * keras.ops.rsqrt(keras.ops.maximum(count, 1.0))
        vectors = keras.ops.cast(keras.ops.take(self.embeddings, ids, axis=0), weight.dtype)
        return keras.ops.squeeze(  # one row times a matrix, which reads [B, T, F, D] once
            keras.ops.matmul(keras.ops.expand_dims(weight, -2), vectors), axis=-2
        )

    def compute_mask(self, ids, mask=None):
        return keras.ops.greater(ids[:, :, 0], 0)

    def compute_output_shape(self, input_shape):
        return (*input_shape[:2], self.units)

    def get_config(self):
        return {
            **super().get_config(),
            "vocabulary": self.vocabulary,
            "units": self.units,
            "piece_dropout": self.piece_dropout,
            "seed": self.seed,
        }
