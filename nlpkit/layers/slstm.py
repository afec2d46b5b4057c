"""The LSTM with exponential gates along time as a Keras layer."""

import keras

from nlpkit import cells
from nlpkit.layers.cell_layer import cell_layer
from nlpkit.layers.recurrent import Recurrent

__all__ = ["SLSTM", "SLSTMCell"]


@keras.saving.register_keras_serializable(package="nlpkit")
class SLSTM(Recurrent):
    """The LSTM with exponential gates of xLSTM, which can revise what it has stored.

    For each step t, with the kernels' columns in four blocks of `units`, in the order z, i, f, o:

        a_t = inputs_t · kernel + bias + h_(t-1) · recurrent_kernel
        z = activation(a_t)     i = exp(a_t)     f = sigmoid(a_t)     o = recurrent_activation(a_t)
        c_t = f * c_(t-1) + i * z           n_t = f * n_(t-1) + i           h_t = o * c_t / n_t

    c and n are kept divided by exp(m_t), m_t being what keeps exp from overflowing.

    Weights, in order: `kernel` [I, 4U], `recurrent_kernel` [U, 4U], `bias` [4U]. States: h, c, n
    and m, [B, U] each; m begins at -10,000, which gives c and n that are handed in without an m no
    weight. c, n and m share one scale, so there is no `cell_clip`, and `zoneout` and
    `learned_initial_state` apply to h alone.

    Example:
        >>> SLSTM(4).state_names
        ('h', 'c', 'n', 'm')

    Reference:
        `nlpkit.cells.slstm` cites the paper.
    """

    declared = staticmethod(lambda **arguments: cells.SLSTM)


SLSTMCell = cell_layer(SLSTM)
