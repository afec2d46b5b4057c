"""The LSTM with layer normalisation along time as a Keras layer."""

from collections.abc import Callable
from typing import Any

import keras

from nlpkit import cells
from nlpkit.cells import Cell
from nlpkit.checks import check_positive_number
from nlpkit.layers.arguments import arguments
from nlpkit.layers.cell_layer import cell_layer
from nlpkit.layers.recurrent import Recurrent

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
    each, `state_norm_gamma` and `state_norm_beta` [U] each. States: h and c, [B, U] each. The
    arguments that are not listed are those of every layer, see `Recurrent`.

    Args:
        units: Width U of the output and of each state; a positive integer.
        activation: Function of the candidate g and of the memory; a name, a function, or `None`
            for the identity. Default: `"tanh"`.
        recurrent_activation: Function of the gates i, f and o; as above. Default: `"sigmoid"`.
        unit_forget_bias: Whether the forget gate's bias starts at 1 whatever `bias_initializer`
            says, so that memory is kept at first. Default: `True`.
        norm_gamma_initializer: First values of the gains. Default: `"ones"`.
        norm_beta_initializer: First values of the shifts. Default: `"zeros"`.
        norm_epsilon: What is added to the variance, inside of the root; a positive number.
            Default: 1e-3.
        cell_clip: Bound of the size of c. Default: `None`, there is none.

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
        norm_gamma_initializer: Any = "ones",
        norm_beta_initializer: Any = "zeros",
        norm_epsilon: float = 1e-3,
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
    def declared(*, norm_epsilon: float = 1e-3, **arguments: Any) -> Cell:
        check_positive_number("norm_epsilon", norm_epsilon)
        return cells.LAYER_NORM_LSTM


LayerNormLSTMCell = cell_layer(LayerNormLSTM)
