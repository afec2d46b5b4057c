"""The minimal GRU along time as a Keras layer."""

from collections.abc import Callable
from typing import Any

import keras

from nlpkit import cells
from nlpkit.cells import Cell
from nlpkit.layers.arguments import arguments
from nlpkit.layers.cell_layer import cell_layer
from nlpkit.layers.recurrent import Recurrent

__all__ = ["MinGRU", "MinGRUCell"]


@keras.saving.register_keras_serializable(package="nlpkit")
class MinGRU(Recurrent):
    """The minimal GRU, whose gates read the inputs alone, so that time needs no step-by-step loop.

    For each step t, with the kernel's columns in two blocks of `units`, in the order z, g:

        x_t = inputs_t · kernel + bias
        z = sigmoid(x_t)                    g = activation(x_t)
        h_t = (1 - z) * h_(t-1) + z * g

    Weights, in order: `kernel` [I, 2U], `bias` [2U]. States: h, [B, U]. No argument is about a
    recurrent kernel, since there is none; all others that are not listed are those of every layer,
    see `Recurrent`.

    Args:
        units: Width U of the output and of the state; a positive integer.
        activation: Function of the candidate g; a name, a function, or `None` for the identity.
            Default: `None`.

    Example:
        >>> import numpy as np
        >>> tuple(MinGRU(4)(np.zeros((2, 5, 3), "float32")).shape)
        (2, 4)

    Reference:
        `nlpkit.cells.min_gru` cites the paper.
    """

    def __init__(
        self,
        units: int,
        activation: str | Callable | None = None,
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        kernel_constraint: Any = None,
        bias_constraint: Any = None,
        dropout: float = 0.0,
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
    def declared(**arguments: Any) -> Cell:
        return cells.MIN_GRU


MinGRUCell = cell_layer(MinGRU)
