"""The LSTM of 1997, without a forget gate, along time as a Keras layer."""

from collections.abc import Callable
from typing import Any

import keras

from nlpkit import cells
from nlpkit.cells import Cell
from nlpkit.layers.arguments import arguments
from nlpkit.layers.cell_layer import cell_layer
from nlpkit.layers.recurrent import Recurrent

__all__ = ["LSTM1997", "LSTM1997Cell"]


@keras.saving.register_keras_serializable(package="nlpkit")
class LSTM1997(Recurrent):
    """The long short-term memory of 1997, which forgets nothing.

    For each step t, with the kernels' columns in three blocks of `units`, in the order i, g, o:

        x_t = inputs_t · kernel + bias           r_t = h_(t-1) · recurrent_kernel
        i, o = recurrent_activation(x_t + r_t)   g = activation(x_t + r_t)
        c_t = c_(t-1) + i * g                    h_t = o * activation(c_t)

    Weights, in order: `kernel` [I, 3U], `recurrent_kernel` [U, 3U], `bias` [3U]. States: h and c,
    [B, U] each. The arguments that are not listed are those of every layer, see `Recurrent`.

    Args:
        units: Width U of the output and of each state; a positive integer.
        activation: Function of the candidate g and of the memory; a name, a function, or `None`
            for the identity. Default: `"tanh"`.
        recurrent_activation: Function of the gates i and o; as above. Default: `"sigmoid"`.
        cell_clip: Bound of the size of c. Default: `None`, there is none.

    Example:
        >>> import numpy as np
        >>> tuple(LSTM1997(4)(np.zeros((2, 5, 3), "float32")).shape)
        (2, 4)

    Reference:
        `nlpkit.cells.lstm_1997` cites the paper.
    """

    def __init__(
        self,
        units: int,
        activation: str | Callable | None = "tanh",
        recurrent_activation: str | Callable | None = "sigmoid",
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        recurrent_initializer: Any = "orthogonal",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        recurrent_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        kernel_constraint: Any = None,
        recurrent_constraint: Any = None,
        bias_constraint: Any = None,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        seed: int | None = None,
        return_sequences: bool = False,
        return_state: bool = False,
        go_backwards: bool = False,
        stateful: bool = False,
        unroll: bool = False,
        use_cudnn: str | bool = "auto",
        *,
        implementation: int = 2,
        zero_output_for_mask: bool = False,
        cell_clip: float | None = None,
        zoneout: float | tuple[float, ...] = 0.0,
        dropout_noise: str = "sequence",
        learned_initial_state: bool = False,
        return_cell_sequences: bool = False,
        num_layers: int = 1,
        layer_dropout: float = 0.0,
        **kwargs: Any,
    ) -> None:
        super().__init__(**arguments(locals()))

    @staticmethod
    def declared(**arguments: Any) -> Cell:
        return cells.LSTM_1997


LSTM1997Cell = cell_layer(LSTM1997)
