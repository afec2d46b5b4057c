"""The LSTM of 1997, without a forget gate, along time as a Keras layer."""

import keras

from nlpkit import cells
from nlpkit.layers.cell_layer import cell_layer
from nlpkit.layers.recurrent import Recurrent

__all__ = ["LSTM1997", "LSTM1997Cell"]


@keras.saving.register_keras_serializable(package="nlpkit")
class LSTM1997(Recurrent):
    """The long short-term memory of 1997, which forgets nothing.

    For each step t, with the kernels' columns in three blocks of `units`, in the order i, g, o:

        z_t = inputs_t · kernel + bias + h_(t-1) · recurrent_kernel
        i, o = recurrent_activation(z_t)   g = activation(z_t)
        c_t = c_(t-1) + i * g              h_t = o * activation(c_t)

    Weights, in order: `kernel` [I, 3U], `recurrent_kernel` [U, 3U], `bias` [3U]. States: h and c,
    [B, U] each.

    Example:
        >>> layer = LSTM1997(4)
        >>> layer.declaration.gates, layer.state_names
        (('i', 'g', 'o'), ('h', 'c'))

    Reference:
        `nlpkit.cells.lstm_1997` cites the paper.
    """

    declared = staticmethod(lambda **arguments: cells.LSTM_1997)


LSTM1997Cell = cell_layer(LSTM1997)
