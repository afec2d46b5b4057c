"""The LSTM with layer normalisation along time as a Keras layer."""

from typing import Any

import keras

from nlpkit import cells
from nlpkit.cells import Cell
from nlpkit.checks import check_positive_number
from nlpkit.layers.cell_layer import cell_layer
from nlpkit.layers.recurrent import Recurrent
from nlpkit.layers.signature import argument

__all__ = ["LayerNormLSTM", "LayerNormLSTMCell"]


@keras.saving.register_keras_serializable(package="nlpkit")
class LayerNormLSTM(Recurrent):
    """The LSTM with layer normalisation, with the weights and numbers of TensorFlow Addons' cell.

    For each step t, with the kernels' columns in four blocks of `units`, in the order i, f, g, o,
    and LN for the normalisation of a row, with a gain and a shift of its own in each place:

        z_t = LN(inputs_t · kernel) + LN(h_(t-1) · recurrent_kernel) + bias
        i, f, o = recurrent_activation(z_t)   g = activation(z_t)
        c_t = LN(f * c_(t-1) + i * g)         h_t = o * activation(c_t)

    `ours.set_weights(theirs.get_weights())` moves a trained `LayerNormLSTMCell` of Addons over.
    Weights, in order: `kernel` [I, 4U], `recurrent_kernel` [U, 4U], `bias` [4U],
    `kernel_norm_gamma`, `kernel_norm_beta`, `recurrent_norm_gamma` and `recurrent_norm_beta` [4U]
    each, `state_norm_gamma` and `state_norm_beta` [U] each. States: h and c, [B, U] each.

    Args:
        norm_gamma_initializer: First values of the gains. Default: `"ones"`.
        norm_beta_initializer: First values of the shifts. Default: `"zeros"`.
        norm_epsilon: What is added to the variance, inside of the root; a positive number.
            Default: 1e-3.

    Raises:
        InputError: If `norm_epsilon` is not a positive number, and as `Recurrent`.

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

    norm_gamma_initializer: Any = argument("ones", after="recurrent_dropout")
    norm_beta_initializer: Any = argument("zeros", after="norm_gamma_initializer")
    norm_epsilon: float = argument(1e-3, after="norm_beta_initializer")

    @staticmethod
    def declared(*, norm_epsilon: float, **arguments: Any) -> Cell:
        check_positive_number("norm_epsilon", norm_epsilon)
        return cells.LAYER_NORM_LSTM


LayerNormLSTMCell = cell_layer(LayerNormLSTM)
