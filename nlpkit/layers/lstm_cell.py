"""One step of the LSTM as a Keras layer: weights and dropout around the equations."""

from collections.abc import Callable
from typing import Any

import keras
from keras import ops

from nlpkit.cells import lstm
from nlpkit.checks import check_fraction, check_positive_integer

__all__ = ["LSTMCell"]


@keras.saving.register_keras_serializable(package="nlpkit")
class LSTMCell(keras.layers.LSTMCell):
    """One step of the LSTM, for `keras.layers.RNN` and `keras.layers.StackedRNNCells`.

    With the kernels' columns in four blocks of `units`, one for each gate, in the order i, f, g, o:

        x = inputs · kernel + bias              r = h · recurrent_kernel
        i, f, o = recurrent_activation(x + r)   g = activation(x + r)
        c' = f * c + i * g                      h' = o * activation(c')

    It is `keras.layers.LSTMCell` in arguments, weights, dropout masks and numbers; the equations
    are those of `nlpkit.cells.lstm`. Weights, in order: `kernel` [I, 4U], `recurrent_kernel`
    [U, 4U], `bias` [4U].

    Args:
        units: Width U of the output and of each state; a positive integer.
        activation: Function of the candidate g and of the memory; a name, a function, or `None`
            for the identity. Default: `"tanh"`.
        recurrent_activation: Function of the gates i, f and o; as above. Default: `"sigmoid"`.
        use_bias: Whether there is a bias. Default: `True`.
        kernel_initializer: First values of `kernel`. Default: `"glorot_uniform"`.
        recurrent_initializer: First values of `recurrent_kernel`. Default: `"orthogonal"`.
        bias_initializer: First values of `bias`. Default: `"zeros"`.
        unit_forget_bias: Whether the forget gate's bias starts at 1 whatever `bias_initializer`
            says, so that memory is kept at first. Default: `True`.
        kernel_regularizer: Penalty on `kernel`. Default: `None`.
        recurrent_regularizer: Penalty on `recurrent_kernel`. Default: `None`.
        bias_regularizer: Penalty on `bias`. Default: `None`.
        kernel_constraint: Projection of `kernel` after each update. Default: `None`.
        recurrent_constraint: Projection of `recurrent_kernel`. Default: `None`.
        bias_constraint: Projection of `bias`. Default: `None`.
        dropout: Fraction of the input features to drop in training, from 0 to 1. 1 drops nothing,
            as in Keras. Default: 0.
        recurrent_dropout: Fraction of h to drop in training, from 0 to 1; likewise. It sets
            `implementation` to 1. Default: 0.
        seed: Seed of the dropout masks; a fixed one draws those of Keras's cell. Default: `None`.
        implementation: 2 drops the same input features for all gates, 1 draws a mask for each
            gate. Nothing else depends on it. Default: 2.
        **kwargs: `name`, `dtype` and `trainable`, as for any Keras layer.

    Call arguments:
        inputs: The inputs of one step, [B, I].
        states: `[h, c]` before the step, each [B, U].
        training: Whether to drop. Default: `False`.

    Returns:
        h after the step, [B, U], and `[h, c]`.

    Masking:
        A cell sees one step and no mask; the layer around it carries states over masked steps.

    Raises:
        InputError: If `units` is not a positive integer, or a dropout is not from 0 to 1.

    Example:
        >>> import numpy as np
        >>> layer = keras.layers.RNN([LSTMCell(4), LSTMCell(6)])
        >>> layer(np.zeros((2, 5, 3), "float32")).shape[1]
        6

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
        kernel_constraint: Any = None,
        recurrent_constraint: Any = None,
        bias_constraint: Any = None,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        seed: int | None = None,
        *,
        implementation: int = 2,
        **kwargs: Any,
    ) -> None:
        check_positive_integer("units", units)
        check_fraction("dropout", dropout)
        check_fraction("recurrent_dropout", recurrent_dropout)
        super().__init__(
            units,
            activation=activation,
            recurrent_activation=recurrent_activation,
            use_bias=use_bias,
            kernel_initializer=kernel_initializer,
            recurrent_initializer=recurrent_initializer,
            bias_initializer=bias_initializer,
            unit_forget_bias=unit_forget_bias,
            kernel_regularizer=kernel_regularizer,
            recurrent_regularizer=recurrent_regularizer,
            bias_regularizer=bias_regularizer,
            kernel_constraint=kernel_constraint,
            recurrent_constraint=recurrent_constraint,
            bias_constraint=bias_constraint,
            dropout=dropout,
            recurrent_dropout=recurrent_dropout,
            seed=seed,
            implementation=implementation,
            **kwargs,
        )

    def call(self, inputs, states, training=False):
        h = states[0]
        x_mask = r_mask = None
        if training and 0 < self.dropout < 1:
            x_mask = self.get_dropout_mask(inputs)
        if training and 0 < self.recurrent_dropout < 1:
            r_mask = self.get_recurrent_dropout_mask(h)
        x = _project(inputs, self.kernel, x_mask)
        if self.use_bias:
            x = x + self.bias
        state, _ = lstm.step(
            x,
            _project(h, self.recurrent_kernel, r_mask),
            states,
            activation=self.activation,
            recurrent_activation=self.recurrent_activation,
        )
        return state[0], list(state)

    def get_config(self):
        # Keras leaves it out, and a reloaded cell would draw other masks.
        return {**super().get_config(), "implementation": self.implementation}


def _project(value, kernel, mask):
    """`value` · `kernel`, [B, 4U]; `mask` is None, one of `value`'s shape, or one for each gate."""
    if not isinstance(mask, list):
        return ops.matmul(value if mask is None else value * mask, kernel)
    columns = ops.split(kernel, len(mask), axis=1)
    products = [ops.matmul(value * m, k) for m, k in zip(mask, columns, strict=True)]
    return ops.concatenate(products, axis=1)
