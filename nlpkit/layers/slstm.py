"""The LSTM with exponential gates along time as a Keras layer."""

from collections.abc import Callable
from typing import Any

import keras

from nlpkit import cells
from nlpkit.cells import Cell
from nlpkit.layers.arguments import arguments
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
    weight. c, n and m are one memory at one scale, so that there is no bound of c, and `zoneout`
    and `learned_initial_state` are of h alone. The arguments that are not listed are those of every
    layer, see `Recurrent`.

    Args:
        units: Width U of the output and of each state; a positive integer.
        activation: Function of the candidate z; a name, a function, or `None` for the identity.
            Default: `"tanh"`.
        recurrent_activation: Function of the output gate o; as above. Default: `"sigmoid"`.
        unit_forget_bias: Whether the forget gate's bias starts at 1 whatever `bias_initializer`
            says, so that memory is kept at first. Default: `True`.

    Example:
        >>> import numpy as np
        >>> tuple(SLSTM(4)(np.zeros((2, 5, 3), "float32")).shape)
        (2, 4)

    Reference:
        `nlpkit.cells.slstm` cites the paper.
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
        unit_forget_bias: bool = True,
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
        return cells.SLSTM


SLSTMCell = cell_layer(SLSTM)
