"""The LSTM along time as a Keras layer, a drop-in for `keras.layers.LSTM`."""

import keras

from nlpkit import cells
from nlpkit.layers.cell_layer import cell_layer
from nlpkit.layers.recurrent import Recurrent

__all__ = ["LSTM", "LSTMCell"]


# Not a subclass of keras.layers.LSTM: that one asks for the devices when it is built, gives up XLA
# where it finds a GPU, and lets Bidirectional replace the layer's loop by cuDNN's.
@keras.saving.register_keras_serializable(package="nlpkit")
class LSTM(Recurrent):
    """Long short-term memory, with `keras.layers.LSTM`'s arguments, weights and numbers.

    For each step t, with the kernels' columns in four blocks of `units`, in the order i, f, g, o:

        x_t = inputs_t · kernel + bias              r_t = h_(t-1) · recurrent_kernel
        i, f, o = recurrent_activation(x_t + r_t)   g = activation(x_t + r_t)
        c_t = f * c_(t-1) + i * g                   h_t = o * activation(c_t)

    `ours.set_weights(theirs.get_weights())` moves a trained `keras.layers.LSTM` over. Weights, in
    order: `kernel` [I, 4U], `recurrent_kernel` [U, 4U], `bias` [4U]. States: h and c, [B, U] each.

    Example:
        >>> import numpy as np
        >>> inputs = np.random.default_rng(0).normal(size=(2, 5, 3)).astype("float32")
        >>> mask = np.array([[1, 1, 1, 0, 0], [0, 1, 0, 1, 1]], bool)
        >>> theirs, ours = keras.layers.LSTM(4), LSTM(4)
        >>> expected = theirs(inputs, mask=mask)
        >>> ours.build(inputs.shape)
        >>> ours.set_weights(theirs.get_weights())
        >>> bool(np.max(np.abs(ours(inputs, mask=mask) - expected)) < 2e-6)
        True

    Reference:
        `nlpkit.cells.lstm` cites the papers.
    """

    declared = staticmethod(lambda **arguments: cells.LSTM)


LSTMCell = cell_layer(LSTM)
