"""The GRU with layer normalisation along time as a Keras layer."""

import keras

from nlpkit import cells
from nlpkit.layers.cell_layer import cell_layer
from nlpkit.layers.recurrent import Recurrent

__all__ = ["LayerNormGRU", "LayerNormGRUCell"]


@keras.saving.register_keras_serializable(package="nlpkit")
class LayerNormGRU(Recurrent):
    """The gated recurrent unit with layer normalisation.

    For each step t, with the kernels' columns in three blocks of `units`, in the order z, r, g, and
    LN for the normalisation of a row, of z and r together and of g for itself:

        x_t = LN(inputs_t · kernel) + bias          p_t = LN(h_(t-1) · recurrent_kernel)
        z, r = recurrent_activation(x_t + p_t)      g = activation(x_t + r * p_t)
        h_t = z * h_(t-1) + (1 - z) * g

    Weights, in order: `kernel` [I, 3U], `recurrent_kernel` [U, 3U], `bias` [3U],
    `kernel_norm_gamma`, `kernel_norm_beta`, `recurrent_norm_gamma` and `recurrent_norm_beta` [3U]
    each. States: h, [B, U].

    Example:
        >>> layer = LayerNormGRU(4)
        >>> layer.build((None, None, 3))
        >>> [weight.name for weight in layer.weights][3:5]
        ['kernel_norm_gamma', 'kernel_norm_beta']

    Reference:
        `nlpkit.cells.layer_norm_gru` cites the paper.
    """

    declared = staticmethod(lambda **arguments: cells.LAYER_NORM_GRU)


LayerNormGRUCell = cell_layer(LayerNormGRU)
