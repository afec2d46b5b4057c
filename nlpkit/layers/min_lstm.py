"""The minimal LSTM along time as a Keras layer."""

from collections.abc import Callable

import keras

from nlpkit import cells
from nlpkit.layers.cell_layer import cell_layer
from nlpkit.layers.recurrent import Recurrent
from nlpkit.layers.signature import argument

__all__ = ["MinLSTM", "MinLSTMCell"]


@keras.saving.register_keras_serializable(package="nlpkit")
class MinLSTM(Recurrent):
    """The minimal LSTM, whose gates read the inputs alone, so that time needs no step-by-step loop.

    For each step t, with the kernel's columns in three blocks of `units`, in the order f, i, g:

        x_t = inputs_t · kernel + bias
        f, i = sigmoid(x_t)                 g = activation(x_t)
        h_t = f / (f + i) * h_(t-1) + i / (f + i) * g

    Weights, in order: `kernel` [I, 3U], `bias` [3U]. States: h, [B, U]; there is no separate
    cell state. There is no recurrent kernel, so no argument is about one.

    Args:
        activation: Function of the candidate g; a name, a function, or `None` for the identity.
            Default: `None`.
        unit_forget_bias: Whether the forget gate's bias starts at 1 whatever `bias_initializer`
            says, so that memory is kept at first. Default: `False`.

    Example:
        >>> MinLSTM(4).declaration.recurrent
        False

    Reference:
        `nlpkit.cells.min_lstm` cites the paper.
    """

    activation: str | Callable | None = argument(None)
    unit_forget_bias: bool = argument(False)

    declared = staticmethod(lambda **arguments: cells.MIN_LSTM)


MinLSTMCell = cell_layer(MinLSTM)
