"""The GRU along time as a Keras layer, a drop-in for `keras.layers.GRU`."""

from collections.abc import Callable
from typing import Any

import keras

from nlpkit import cells
from nlpkit.cells import Cell
from nlpkit.layers.arguments import arguments
from nlpkit.layers.cell_layer import cell_layer
from nlpkit.layers.recurrent import Recurrent

__all__ = ["GRU", "GRUCell"]


@keras.saving.register_keras_serializable(package="nlpkit")
class GRU(Recurrent):
    """The gated recurrent unit, with `keras.layers.GRU`'s arguments, weights and numbers.

    For each step t, with the kernels' columns in three blocks of `units`, in the order z, r, g:

        x_t = inputs_t · kernel + bias[0]           p_t = h_(t-1) · recurrent_kernel + bias[1]
        z, r = recurrent_activation(x_t + p_t)      g = activation(x_t + r * p_t)
        h_t = z * h_(t-1) + (1 - z) * g

    Weights, in order: `kernel` [I, 3U], `recurrent_kernel` [U, 3U], `bias` [2, 3U], or [3U] where
    `reset_after` is False. States: h, [B, U]. The arguments that are not listed are those of every
    layer, see `Recurrent`.

    Args:
        units: Width U of the output and of the state; a positive integer.
        activation: Function of the candidate g; a name, a function, or `None` for the identity.
            Default: `"tanh"`.
        recurrent_activation: Function of the gates z and r; as above. Default: `"sigmoid"`.
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
        reset_after: bool = True,
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
    def declared(*, reset_after: bool = True, **arguments: Any) -> Cell:
        return cells.GRU if reset_after else cells.GRU_RESET_BEFORE


GRUCell = cell_layer(GRU)
