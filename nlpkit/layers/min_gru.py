"""The minimal GRU along time as a Keras layer."""

from collections.abc import Callable

import keras

from nlpkit import cells
from nlpkit.layers.cell_layer import cell_layer
from nlpkit.layers.recurrent import Recurrent
from nlpkit.layers.signature import argument

__all__ = ["MinGRU", "MinGRUCell"]


@keras.saving.register_keras_serializable(package="nlpkit")
class MinGRU(Recurrent):
    """The minimal GRU, whose gates read the inputs alone, so that time needs no step-by-step loop.

    For each step t, with the kernel's columns in two blocks of `units`, in the order z, g:

        x_t = inputs_t · kernel + bias
        z = sigmoid(x_t)                    g = activation(x_t)
        h_t = (1 - z) * h_(t-1) + z * g

    Weights, in order: `kernel` [I, 2U], `bias` [2U]. States: h, [B, U]. There is
    no recurrent kernel, so no argument is about one.

    Args:
        activation: Function of the candidate g; a name, a function, or `None` for the identity.
            Default: `None`.

    Example:
        >>> layer = MinGRU(4)
        >>> layer.build((None, None, 3))
        >>> [(weight.name, tuple(weight.shape)) for weight in layer.weights]
        [('kernel', (3, 8)), ('bias', (8,))]

    Reference:
        `nlpkit.cells.min_gru` cites the paper.
    """

    activation: str | Callable | None = argument(None)

    declared = staticmethod(lambda **arguments: cells.MIN_GRU)


MinGRUCell = cell_layer(MinGRU)
