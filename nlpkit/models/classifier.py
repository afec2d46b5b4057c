"""The text classifier: pieces → tokens → bidirectional recurrent layers → pooling → classes."""

import keras

from nlpkit.checks import check_fraction, check_positive_integer
from nlpkit.models.piece_embedding import PieceEmbedding
from nlpkit.models.pooling import MaxMeanPooling
from nlpkit.models.recurrent import recurrent

__all__ = ["classifier"]


def classifier(
    *,
    vocabulary: int,
    classes: int,
    pieces: int,
    extra_ids: int = 0,
    cell: str = "lstm",
    units: int = 128,
    layers: int = 1,
    embedding: int = 128,
    piece_dropout: float = 0.5,
    embedding_dropout: float = 0.5,
    dropout: float = 0.5,
    seed: int | None = None,
) -> keras.Model:
    """Builds a classifier of encoded texts.

        ids [B, T, F] → PieceEmbedding → SpatialDropout → Bidirectional(cell) × layers
                      → MaxMeanPooling → Dropout → Dense → logits [B, K]

    Args:
        vocabulary: Number of ids, V.
        classes: Number of classes, K.
        pieces: Pieces of a token (the word and its n-grams), F.
        extra_ids: Further ids of a token, such as those of phrases, which other parts of a larger
            model read. Default 0.
        cell: Name of the recurrent layer, a key of `nlpkit.models.RECURRENT`.
        units: Units of each direction, U.
        layers: The number of stacked recurrent layers.
        embedding: Size of a token's vector, D.
        piece_dropout: Rate at which pieces are dropped.
        embedding_dropout: Rate at which features of the token vectors are dropped, with one mask
            for all tokens of a text.
        dropout: Rate at which features are dropped between recurrent layers and before the last
            layer.
        seed: Seed of the initial weights and of dropout, or None. It also becomes the global seed
            of Keras, NumPy and Python.

    Returns:
        A model from ids to logits.

    Raises:
        InputError: If an argument is out of its range.

    Example:
        >>> model = classifier(vocabulary=50, classes=2, pieces=16, units=4, embedding=4)
        >>> model.output_shape
        (None, 2)

    References: Schuster & Paliwal 1997 (both directions); Gal & Ghahramani 2016 (one dropout mask
    for all steps).
    """
    for name, size in {"classes": classes, "pieces": pieces, "layers": layers}.items():
        check_positive_integer(name, size)
    if extra_ids:
        check_positive_integer("extra_ids", extra_ids)
    for name, rate in {"embedding_dropout": embedding_dropout, "dropout": dropout}.items():
        check_fraction(name, rate)
    if seed is not None:
        keras.utils.set_random_seed(seed)
    ids = keras.Input([None, pieces + extra_ids], dtype="int32", name="ids")
    h = PieceEmbedding(
        vocabulary, embedding, piece_dropout=piece_dropout, seed=seed, name="pieces"
    )(ids[..., :pieces] if extra_ids else ids)
    h = keras.layers.SpatialDropout1D(embedding_dropout)(h)
    for level in range(layers):
        if level:
            h = keras.layers.Dropout(dropout)(h)
        h = keras.layers.Bidirectional(recurrent(cell, units, return_sequences=True))(h)
    h = keras.layers.Dropout(dropout)(MaxMeanPooling()(h))
    return keras.Model(ids, keras.layers.Dense(classes, name="logits")(h), name="classifier")
