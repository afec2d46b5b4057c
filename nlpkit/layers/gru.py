"""The GRU along time as a Keras layer, a drop-in for `keras.layers.GRU`."""

from typing import Any

import keras

from nlpkit import cells
from nlpkit.cells import Cell
from nlpkit.layers.cell_layer import cell_layer
from nlpkit.layers.recurrent import Recurrent
from nlpkit.layers.signature import argument

__all__ = ["GRU", "GRUCell"]


@keras.saving.register_keras_serializable(package="nlpkit")
class GRU(Recurrent):
    """The gated recurrent unit, with `keras.layers.GRU`'s arguments, weights and numbers.

    For each step t, with the kernels' columns in three blocks of `units`, in the order z, r, g:

        x_t = inputs_t · kernel + bias[0]           p_t = h_(t-1) · recurrent_kernel + bias[1]
        z, r = recurrent_activation(x_t + p_t)      g = activation(x_t + r * p_t)
        h_t = z * h_(t-1) + (1 - z) * g

    Weights, in order: `kernel` [I, 3U], `recurrent_kernel` [U, 3U], `bias` [2, 3U], or [3U] where
    `reset_after` is False. States: h, [B, U].

    Args:
        reset_after: Whether the reset gate multiplies the candidate's product with the state, as
            cuDNN has it; else it multiplies the state before the product, as in the paper as
            published. Default: `True`.

    Example:
        >>> import numpy as np
        >>> inputs = np.random.default_rng(0).normal(size=(2, 5, 3)).astype("float32")
        >>> theirs, ours = keras.layers.GRU(4), GRU(4)
        >>> expected = theirs(inputs)
        >>> ours.build(inputs.shape)
        >>> ours.set_weights(theirs.get_weights())
        >>> bool(np.max(np.abs(ours(inputs) - expected)) < 2e-6)
        True

    Reference:
        `nlpkit.cells.gru` cites the paper.
    """

    reset_after: bool = argument(True, after="unroll")

    @staticmethod
    def declared(*, reset_after: bool = True, **arguments: Any) -> Cell:
        return cells.GRU if reset_after else cells.GRU_RESET_BEFORE


GRUCell = cell_layer(GRU)
