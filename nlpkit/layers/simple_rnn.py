"""The vanilla RNN along time as a Keras layer, a drop-in for `keras.layers.SimpleRNN`."""

from collections.abc import Callable
from typing import Any

import keras

from nlpkit import cells
from nlpkit.cells import Cell
from nlpkit.layers.arguments import arguments
from nlpkit.layers.cell_layer import cell_layer
from nlpkit.layers.recurrent import Recurrent

__all__ = ["SimpleRNN", "SimpleRNNCell"]


@keras.saving.register_keras_serializable(package="nlpkit")
class SimpleRNN(Recurrent):
    """The vanilla RNN, with `keras.layers.SimpleRNN`'s arguments, weights and numbers.

    For each step t:

        h_t = activation(inputs_t · kernel + bias + h_(t-1) · recurrent_kernel)

    Weights, in order: `kernel` [I, U], `recurrent_kernel` [U, U], `bias` [U]. States: h, [B, U].
    The arguments that are not listed are those of every layer, see `Recurrent`.

    Args:
        units: Width U of the output and of the state; a positive integer.
        activation: Function of the state; a name, a function, or `None` for the identity.
            Default: `"tanh"`.

    Example:
        >>> import numpy as np
        >>> inputs = np.random.default_rng(0).normal(size=(2, 5, 3)).astype("float32")
        >>> theirs, ours = keras.layers.SimpleRNN(4), SimpleRNN(4)
        >>> expected = theirs(inputs)
        >>> ours.build(inputs.shape)
        >>> ours.set_weights(theirs.get_weights())
        >>> bool(np.max(np.abs(ours(inputs) - expected)) < 2e-6)
        True

    Reference:
        `nlpkit.cells.simple_rnn` cites the papers.
    """

    def __init__(
        self,
        units: int,
        activation: str | Callable | None = "tanh",
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
        return_sequences: bool = False,
        return_state: bool = False,
        go_backwards: bool = False,
        stateful: bool = False,
        unroll: bool = False,
        seed: int | None = None,
        *,
        use_cudnn: str | bool = "auto",
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
        return cells.SIMPLE_RNN


SimpleRNNCell = cell_layer(SimpleRNN)
