"""The LSTM with peepholes along time as a Keras layer."""

from collections.abc import Callable
from typing import Any

import keras

from nlpkit import cells
from nlpkit.cells import Cell
from nlpkit.layers.arguments import arguments
from nlpkit.layers.cell_layer import cell_layer
from nlpkit.layers.recurrent import Recurrent

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
    `output_gate_peephole_weights` [U] each. States: h and c, [B, U] each. The arguments that are
    not listed are those of every layer, see `Recurrent`.

    Args:
        units: Width U of the output and of each state; a positive integer.
        activation: Function of the candidate g and of the memory; a name, a function, or `None`
            for the identity. Default: `"tanh"`.
        recurrent_activation: Function of the gates i, f and o; as above. Default: `"sigmoid"`.
        unit_forget_bias: Whether the forget gate's bias starts at 1 whatever `bias_initializer`
            says, so that memory is kept at first. Default: `True`.
        peephole_initializer: First values of the peephole weights. Default: `"glorot_uniform"`, as
            of `kernel`, whose initialiser Addons takes.
        cell_clip: Bound of the size of c. Default: `None`, there is none.

    Example:
        >>> import numpy as np
        >>> layer = PeepholeLSTM(4)
        >>> tuple(layer(np.zeros((2, 5, 3), "float32")).shape)
        (2, 4)
        >>> [tuple(weight.shape) for weight in layer.weights]
        [(3, 16), (4, 16), (16,), (4,), (4,), (4,)]

    Reference:
        `nlpkit.cells.peephole_lstm` cites the papers.
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
        peephole_initializer: Any = "glorot_uniform",
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
        return cells.PEEPHOLE_LSTM


PeepholeLSTMCell = cell_layer(PeepholeLSTM)
