"""The vanilla RNN along time as a Keras layer, a drop-in for `keras.layers.SimpleRNN`."""

import keras

from nlpkit import cells
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
        >>> layer = SimpleRNN(4, return_sequences=True)
        >>> layer.compute_output_shape((2, 5, 3))
        (2, 5, 4)

    Reference:
        `nlpkit.cells.simple_rnn` cites the papers.
    """

    # As in `keras.layers.SimpleRNN`, which has the seed last and has never heard of cuDNN.
    seed: int | None = argument(None, after="unroll")
    use_cudnn: str | bool = argument("auto", keyword_only=True)

    declared = staticmethod(lambda **arguments: cells.SIMPLE_RNN)


SimpleRNNCell = cell_layer(SimpleRNN)
