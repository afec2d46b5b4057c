"""The LSTM with layer normalisation along time as a Keras layer."""

import keras

from nlpkit import cells
from nlpkit.layers.cell_layer import cell_layer
from nlpkit.layers.recurrent import Recurrent

__all__ = ["LayerNormLSTM", "LayerNormLSTMCell"]


@keras.saving.register_keras_serializable(package="nlpkit")
class LayerNormLSTM(Recurrent):
    """The LSTM with layer normalisation, with the weights and numbers of TensorFlow Addons' cell.

    For each step t, with the kernels' columns in four blocks of `units`, in the order i, f, g, o,
    and LN for the normalisation of a row, each with a gain and a shift of its own:

        z_t = LN(inputs_t · kernel) + LN(h_(t-1) · recurrent_kernel) + bias
        i, f, o = recurrent_activation(z_t)   g = activation(z_t)
        c_t = LN(f * c_(t-1) + i * g)         h_t = o * activation(c_t)

    `ours.set_weights(theirs.get_weights())` moves a trained `LayerNormLSTMCell` of Addons over.
    Weights, in order: `kernel` [I, 4U], `recurrent_kernel` [U, 4U], `bias` [4U],
    `kernel_norm_gamma`, `kernel_norm_beta`, `recurrent_norm_gamma` and `recurrent_norm_beta` [4U]
    each, `state_norm_gamma` and `state_norm_beta` [U] each. States: h and c, [B, U] each.

    Example:
        >>> import numpy as np
        >>> layer = LayerNormLSTM(4)
        >>> tuple(layer(np.zeros((2, 5, 3), "float32")).shape)
        (2, 4)
        >>> len(layer.weights)
        9

    Reference:
        `nlpkit.cells.layer_norm_lstm` cites the paper.
    """

    declared = staticmethod(lambda **arguments: cells.LAYER_NORM_LSTM)


LayerNormLSTMCell = cell_layer(LayerNormLSTM)
