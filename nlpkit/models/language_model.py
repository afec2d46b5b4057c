"""The language model: words → stacked recurrent layers → the next word.

    e_t = E[w_t]                         embedding, [V, D]
    h¹_t … hᴸ_t                          recurrent layers, of `units`, the last of D
    p(w_(t+1) | w_1 … w_t) = softmax(hᴸ_t · Eᵀ + b)

The table E is tied: it both embeds words and predicts them (Press & Wolf 2017; Inan et al. 2017).
Training drops whole words (Gal & Ghahramani 2016), features, with one mask for all steps of a
window (likewise), and entries of recurrent kernels (Merity et al. 2018).
"""

from collections.abc import Sequence

import keras
import numpy as np
from keras import ops

from nlpkit.checks import check_fraction, check_positive_integer
from nlpkit.errors import InputError
from nlpkit.layers import WeightDrop
from nlpkit.models.recurrent import has_recurrent_kernel, recurrent

__all__ = ["LanguageModel"]


@keras.saving.register_keras_serializable(package="nlpkit")
class LanguageModel(keras.Model):
    """Predicts the next word from the words so far; its states are passed in and out.

    Args:
        vocabulary: Number of words, V.
        cell: Name of the recurrent layer, a key of `nlpkit.models.RECURRENT`. Default: "lstm".
        units: Units of each recurrent layer but the last, U. Default: 256.
        layers: The number of stacked recurrent layers, L. Default: 2.
        embedding: Size of a word's vector and units of the last layer, D. Default: `units`.
        word_dropout: Rate at which words of the vocabulary are dropped, at all their positions in a
            window. Default: 0.
        input_dropout: Rate at which features of the word vectors are dropped. Default: 0.
        hidden_dropout: Likewise between recurrent layers. Default: 0.
        output_dropout: Likewise before the prediction. Default: 0.
        weight_drop: Rate at which entries of recurrent kernels are dropped. Default: 0.
        seed: Seed of the initial weights and of dropout, or None. Default: None.
        **kwargs: `name` and `dtype`, as for any Keras model.

    Call arguments:
        ids: Integers [B, T].
        training: Whether to apply dropout.

    Returns:
        Logits [B, T, V], from zero states.

    Masking:
        `read` takes a mask; masked steps leave the states unchanged.

    Raises:
        InputError: If an argument is out of its range.

    Example:
        >>> import numpy as np
        >>> model = LanguageModel(50, units=8, layers=2)
        >>> features, states = model.read(np.array([[3, 4]]), model.zero_states(1))
        >>> tuple(model.logits(features).shape), model.state_names
        ((1, 2, 50), ('h_0', 'c_0', 'h_1', 'c_1'))

    References: the module's; Zaremba, Sutskever & Vinyals 2014 (the stack); Merity, Keskar & Socher
    2018, sections 2 and 4 (the dropouts).
    """

    def __init__(
        self,
        vocabulary: int,
        *,
        cell: str = "lstm",
        units: int = 256,
        layers: int = 2,
        embedding: int | None = None,
        word_dropout: float = 0.0,
        input_dropout: float = 0.0,
        hidden_dropout: float = 0.0,
        output_dropout: float = 0.0,
        weight_drop: float = 0.0,
        seed: int | None = None,
        **kwargs,
    ) -> None:
        embedding = units if embedding is None else embedding
        sizes = {"vocabulary": vocabulary, "units": units, "layers": layers, "embedding": embedding}
        dropouts = {
            "word_dropout": word_dropout,
            "input_dropout": input_dropout,
            "hidden_dropout": hidden_dropout,
            "output_dropout": output_dropout,
            "weight_drop": weight_drop,
        }
        for name, size in sizes.items():
            check_positive_integer(name, size)
        for name, rate in dropouts.items():
            check_fraction(name, rate)
        super().__init__(**kwargs)
        self._settings = {**sizes, **dropouts, "cell": cell, "seed": seed}
        self.vocabulary = vocabulary
        self.word_dropout = word_dropout
        seeds = _Seeds(seed)
        self._word_seed = keras.random.SeedGenerator(next(seeds))
        widths = [*[units] * (layers - 1), embedding]
        returned = {"return_sequences": True, "return_state": True}
        self.recurrences = [
            WeightDrop(
                recurrent(cell, width, **returned, **_initializers(cell, seeds)),
                weight_drop,
                seed=next(seeds),
                name=f"recurrence_{level}",
            )
            for level, width in enumerate(widths)
        ]
        between = [input_dropout, *[hidden_dropout] * (layers - 1), output_dropout]
        self.dropouts = [
            keras.layers.SpatialDropout1D(rate, seed=next(seeds), name=f"dropout_{level}")
            for level, rate in enumerate(between)
        ]
        self.embeddings = self.add_weight(
            name="embeddings",
            shape=(vocabulary, embedding),
            initializer=keras.initializers.RandomUniform(-0.1, 0.1, seed=next(seeds)),
        )
        self.bias = self.add_weight(name="bias", shape=(vocabulary,), initializer="zeros")
        for wrapper, width in zip(self.recurrences, [embedding, *widths], strict=False):
            wrapper.build((None, None, width))
        self.built = True

    @property
    def state_sizes(self) -> tuple[int, ...]:
        """Width of each state, layer by layer: for an LSTM h, then c."""
        layers = map(_states_of, self._recurrent_layers)
        return tuple(size for states in layers for size in states.values())

    @property
    def state_names(self) -> tuple[str, ...]:
        """Names of the states, for example h_0, c_0, h_1, c_1."""
        return tuple(
            f"{state}_{level}"
            for level, sizes in enumerate(map(_states_of, self._recurrent_layers))
            for state in sizes
        )

    @property
    def _recurrent_layers(self) -> list[keras.layers.RNN]:
        return [wrapper.layer for wrapper in self.recurrences]

    def zero_states(self, batch) -> list:
        """The states before the first word.

        Args:
            batch: Number of rows, B; an integer or a scalar tensor.

        Returns:
            Tensors [B, width] for each of `state_names`, zeros with nearly all cells.
        """
        layers = self._recurrent_layers
        return [state for layer in layers for state in layer.get_initial_state(batch)]

    def read(self, ids, states: Sequence, *, mask=None, training: bool = False) -> tuple:
        """Reads words, starting from given states.

        Args:
            ids: Integers [B, T].
            states: Before the first of them, [B, U] for each of `state_names`.
            mask: Booleans [B, T], false at steps to skip; None to skip none.
            training: Whether to apply dropout.

        Returns:
            Features [B, T, D] and the states after the last word.
        """
        features, _, states = self.read_both(ids, states, mask=mask, training=training)
        return features, states

    def read_both(self, ids, states: Sequence, *, mask=None, training: bool = False) -> tuple:
        """Like `read`, but also returns the features before the last dropout.

        Args:
            ids: See `read`.
            states: See `read`.
            mask: See `read`.
            training: See `read`.

        Returns:
            Features [B, T, D] after dropout, the same before it, and the states.
        """
        vectors = self._vectors(ids, training)
        return self.read_vectors(vectors, states, mask=mask, training=training)

    def read_vectors(
        self, vectors, states: Sequence, *, mask=None, training: bool = False
    ) -> tuple:
        """Like `read_both`, but reads any vectors instead of those of words.

        Args:
            vectors: [B, T, D].
            states: See `read`.
            mask: See `read`.
            training: See `read`.

        Returns:
            As `read_both`.
        """
        h = self.dropouts[0](vectors, training=training)
        states, after = list(states), []
        for wrapper, dropout in zip(self.recurrences, self.dropouts[1:], strict=True):
            count = len(wrapper.layer.state_size)
            before, states = states[:count], states[count:]
            raw, *new = wrapper(h, initial_state=before, mask=mask, training=training)
            after += new
            h = dropout(raw, training=training)
        return h, raw, after

    def logits(self, features) -> keras.KerasTensor:
        """Scores of all words.

        Args:
            features: [..., D].

        Returns:
            [..., V], the logits of a softmax.
        """
        return ops.matmul(features, ops.transpose(self.embeddings)) + self.bias

    def init_bias_from_counts(self, counts: Sequence[int]) -> None:
        """Sets the bias so that a new model predicts each word with its frequency.

        Otherwise the first passes over a text are spent on learning which words are frequent.

        Args:
            counts: Occurrences of each word in the training text, V numbers of at least 0; 1 is
                added to each, so that no word is impossible.

        Raises:
            InputError: If there are not V of them, or one is negative.

        Example:
            >>> model = LanguageModel(3, units=4)
            >>> model.init_bias_from_counts([1, 0, 0])
            >>> ops.round(100 * ops.softmax(model.logits(ops.zeros(4)))).numpy()
            array([50., 25., 25.], dtype=float32)
        """
        numbers = np.asarray(counts)
        if numbers.shape != (self.vocabulary,) or np.any(numbers < 0):
            raise InputError(
                f"`counts` must be {self.vocabulary:,} numbers of at least 0, one for each word, "
                f"got the shape {numbers.shape} and a minimum of {np.min(numbers, initial=0)}."
            )
        self.bias.assign(np.log((numbers + 1) / np.sum(numbers + 1)))

    def call(self, ids, training=False):
        features, _ = self.read(ids, self.zero_states(ops.shape(ids)[0]), training=training)
        return self.logits(features)

    def _vectors(self, ids, training):
        """The vectors of words, [B, T, D]; a dropped word has zeros wherever it occurs."""
        vectors = ops.cast(ops.take(self.embeddings, ids, axis=0), self.compute_dtype)
        if not training or not 0 < self.word_dropout < 1:
            return vectors
        ones = ops.ones((self.vocabulary, 1), self.compute_dtype)
        kept = keras.random.dropout(ones, self.word_dropout, seed=self._word_seed)
        return vectors * ops.take(kept, ids, axis=0)

    def compute_output_shape(self, input_shape):
        return (*input_shape, self.vocabulary)

    def get_config(self):
        return {**super().get_config(), **self._settings}


class _Seeds:
    """A sequence of different seeds, from one; of None, only None."""

    def __init__(self, seed: int | None) -> None:
        self._next = seed

    def __next__(self) -> int | None:
        if self._next is None:
            return None
        self._next += 1
        return self._next - 1


def _initializers(cell: str, seeds: _Seeds) -> dict[str, keras.initializers.Initializer]:
    """The initializers of the kernels that a layer has."""
    kernel = keras.initializers.GlorotUniform(next(seeds))
    recurrent = keras.initializers.Orthogonal(seed=next(seeds))
    if not has_recurrent_kernel(cell):
        return {"kernel_initializer": kernel}
    return {"kernel_initializer": kernel, "recurrent_initializer": recurrent}


def _states_of(layer: keras.layers.RNN) -> dict[str, int]:
    """The widths of a layer's states by name; the states of Keras's layers are called h and c."""
    names = getattr(layer, "state_names", ("h", "c"))
    return dict(zip(names, layer.state_size, strict=False))
