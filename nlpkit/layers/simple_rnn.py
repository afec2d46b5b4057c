"""The vanilla RNN along time as a Keras layer, a drop-in for `keras.layers.SimpleRNN`."""

from typing import Any

import keras

from nlpkit import cells
from nlpkit.cells import Cell
from nlpkit.layers.cell_layer import cell_layer
from nlpkit.layers.recurrent import Recurrent
from nlpkit.layers.signature import argument

__all__ = ["SimpleRNN", "SimpleRNNCell"]


@keras.saving.register_keras_serializable(package="nlpkit")
class SimpleRNN(Recurrent):
    """The vanilla RNN, with `keras.layers.SimpleRNN`'s arguments, weights and numbers.

    For each step t:

        h_t = activation(inputs_t · kernel + bias + h_(t-1) · recurrent_kernel)

    Weights, in order: `kernel` [I, U], `recurrent_kernel` [U, U], `bias` [U]. States: h, [B, U].

    Example:
        >>> import numpy as np
        >>> inputs = np.random.default_rng(0).normal(size=(2, 5, 3)).astype("float32")
        >>> theirs, ours = keras.layers.SimpleRNN(4), SimpleRNN(4)
        >>> expected = theirs(inputs)
        >>> ours.build(inputs.shape)
        >>> ours.set_weights(theirs.get_weights())
        >>> bool(np.max(np.abs(ours(inputs) - expected)) < 2e-6)
        True

    Reference:
        `nlpkit.cells.simple_rnn` cites the papers.
    """

    # As in `keras.layers.SimpleRNN`, which has the seed last and has never heard of cuDNN.
    seed: int | None = argument(None, after="unroll")
    use_cudnn: str | bool = argument("auto", keyword_only=True)

    @staticmethod
    def declared(**arguments: Any) -> Cell:
        return cells.SIMPLE_RNN


SimpleRNNCell = cell_layer(SimpleRNN)
