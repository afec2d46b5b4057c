"""The LSTM with coupled input and forget gates along time as a Keras layer."""

import keras

from nlpkit import cells
from nlpkit.layers.cell_layer import cell_layer
from nlpkit.layers.recurrent import Recurrent

__all__ = ["CoupledLSTM", "CoupledLSTMCell"]


@keras.saving.register_keras_serializable(package="nlpkit")
class CoupledLSTM(Recurrent):
    """The LSTM that forgets as much as it writes, f = 1 - i: three quarters of the weights.

    For each step t, with the kernels' columns in three blocks of `units`, in the order i, g, o:

        x_t = inputs_t · kernel + bias           r_t = h_(t-1) · recurrent_kernel
        i, o = recurrent_activation(x_t + r_t)   g = activation(x_t + r_t)
        c_t = (1 - i) * c_(t-1) + i * g          h_t = o * activation(c_t)

    Weights, in order: `kernel` [I, 3U], `recurrent_kernel` [U, 3U], `bias` [3U]. States: h and c,
    [B, U] each.

    Example:
        >>> layer = CoupledLSTM(4)
        >>> layer.build((None, None, 3))
        >>> [tuple(weight.shape) for weight in layer.weights]
        [(3, 12), (4, 12), (12,)]

    Reference:
        `nlpkit.cells.coupled_lstm` cites the paper.
    """

    declared = staticmethod(lambda **arguments: cells.COUPLED_LSTM)


CoupledLSTMCell = cell_layer(CoupledLSTM)
