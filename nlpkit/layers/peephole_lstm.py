"""The LSTM with peepholes along time as a Keras layer."""

from typing import Any

import keras

from nlpkit import cells
from nlpkit.layers.cell_layer import cell_layer
from nlpkit.layers.recurrent import Recurrent
from nlpkit.layers.signature import argument

__all__ = ["PeepholeLSTM", "PeepholeLSTMCell"]


@keras.saving.register_keras_serializable(package="nlpkit")
class PeepholeLSTM(Recurrent):
    """The LSTM whose gates see the memory, with the weights and numbers of TensorFlow Addons' cell.

    For each step t, with the kernels' columns in four blocks of `units`, in the order i, f, g, o,
    and p_i, p_f and p_o for the peephole weights:

        z_t = inputs_t · kernel + bias + h_(t-1) · recurrent_kernel       g = activation(z_t)
        i, f = recurrent_activation(z_t + p * c_(t-1))
        c_t = f * c_(t-1) + i * g
        o = recurrent_activation(z_t + p_o * c_t)                         h_t = o * activation(c_t)

    `ours.set_weights(theirs.get_weights())` moves a trained `PeepholeLSTMCell` of Addons over.
    Weights, in order: `kernel` [I, 4U], `recurrent_kernel` [U, 4U], `bias` [4U],
    `input_gate_peephole_weights`, `forget_gate_peephole_weights` and
    `output_gate_peephole_weights` [U] each. States: h and c, [B, U] each.

    Args:
        peephole_initializer: First values of the peephole weights. Default: `"glorot_uniform"`, as
            of `kernel`, whose initialiser Addons takes.

    Example:
        >>> layer = PeepholeLSTM(4)
        >>> layer.build((None, None, 3))
        >>> layer.weights[3].name, tuple(layer.weights[3].shape)
        ('input_gate_peephole_weights', (4,))

    Reference:
        `nlpkit.cells.peephole_lstm` cites the papers.
    """

    peephole_initializer: Any = argument("glorot_uniform", after="unit_forget_bias")

    declared = staticmethod(lambda **arguments: cells.PEEPHOLE_LSTM)


PeepholeLSTMCell = cell_layer(PeepholeLSTM)
