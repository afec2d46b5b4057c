"""The GRU with layer normalisation along time as a Keras layer."""

from collections.abc import Callable
from typing import Any

import keras

from nlpkit import cells
from nlpkit.cells import Cell
from nlpkit.checks import check_positive_number
from nlpkit.layers.arguments import arguments
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
    each. States: h, [B, U]. The arguments that are not listed are those of every layer, see
    `Recurrent`.

    Args:
        units: Width U of the output and of the state; a positive integer.
        activation: Function of the candidate g; a name, a function, or `None` for the identity.
            Default: `"tanh"`.
        recurrent_activation: Function of the gates z and r; as above. Default: `"sigmoid"`.
        norm_gamma_initializer: First values of the gains. Default: `"ones"`.
        norm_beta_initializer: First values of the shifts. Default: `"zeros"`.
        norm_epsilon: What is added to the variance, inside of the root; a positive number.
            Default: 1e-3.

    Raises:
        InputError: If `norm_epsilon` is not a positive number, and as `Recurrent`.

    Example:
        >>> import numpy as np
        >>> tuple(LayerNormGRU(4)(np.zeros((2, 5, 3), "float32")).shape)
        (2, 4)

    Reference:
        `nlpkit.cells.layer_norm_gru` cites the paper.
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
        zoneout: float | tuple[float, ...] = 0.0,
        dropout_noise: str = "sequence",
        learned_initial_state: bool = False,
        num_layers: int = 1,
        layer_dropout: float = 0.0,
        **kwargs: Any,
    ) -> None:
        super().__init__(**arguments(locals()))

    @staticmethod
    def declared(*, norm_epsilon: float = 1e-3, **arguments: Any) -> Cell:
        check_positive_number("norm_epsilon", norm_epsilon)
        return cells.LAYER_NORM_GRU


LayerNormGRUCell = cell_layer(LayerNormGRU)
