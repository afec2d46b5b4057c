"""The LSTM along time as a Keras layer, a drop-in for `keras.layers.LSTM`."""

from collections.abc import Callable
from typing import Any

import keras

from nlpkit import cells
from nlpkit.cells import Cell
from nlpkit.layers.arguments import arguments
from nlpkit.layers.cell_layer import cell_layer
from nlpkit.layers.recurrent import Recurrent

__all__ = ["LSTM", "LSTMCell"]


# Not a subclass of keras.layers.LSTM: that one asks for the devices when it is built, gives up XLA
# where it finds a GPU, and lets Bidirectional replace the layer's loop by cuDNN's.
@keras.saving.register_keras_serializable(package="nlpkit")
class LSTM(Recurrent):
    """Long short-term memory, with `keras.layers.LSTM`'s arguments, weights and numbers.

    For each step t, with the kernels' columns in four blocks of `units`, in the order i, f, g, o:

        x_t = inputs_t · kernel + bias              r_t = h_(t-1) · recurrent_kernel
        i, f, o = recurrent_activation(x_t + r_t)   g = activation(x_t + r_t)
        c_t = f * c_(t-1) + i * g                   h_t = o * activation(c_t)

    `ours.set_weights(theirs.get_weights())` moves a trained `keras.layers.LSTM` over. Weights, in
    order: `kernel` [I, 4U], `recurrent_kernel` [U, 4U], `bias` [4U]. States: h and c, [B, U] each.
    The arguments that are not listed are those of every layer, see `Recurrent`.

    Args:
        units: Width U of the output and of each state; a positive integer.
        activation: Function of the candidate g and of the memory; a name, a function, or `None`
            for the identity. Default: `"tanh"`.
        recurrent_activation: Function of the gates i, f and o; as above. Default: `"sigmoid"`.
        unit_forget_bias: Whether the forget gate's bias starts at 1 whatever `bias_initializer`
            says, so that memory is kept at first. Default: `True`.
        cell_clip: Bound of the size of c. Default: `None`, there is none.

    Example:
        >>> import numpy as np
        >>> inputs = np.random.default_rng(0).normal(size=(2, 5, 3)).astype("float32")
        >>> mask = np.array([[1, 1, 1, 0, 0], [0, 1, 0, 1, 1]], bool)
        >>> theirs, ours = keras.layers.LSTM(4), LSTM(4)
        >>> expected = theirs(inputs, mask=mask)
        >>> ours.build(inputs.shape)
        >>> ours.set_weights(theirs.get_weights())
        >>> bool(np.max(np.abs(ours(inputs, mask=mask) - expected)) < 2e-6)
        True

    Reference:
        `nlpkit.cells.lstm` cites the papers.
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
        return cells.LSTM


LSTMCell = cell_layer(LSTM)
