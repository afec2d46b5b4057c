"""The LSTM with a projected output along time as a Keras layer."""

from collections.abc import Callable
from typing import Any

import keras

from nlpkit import cells
from nlpkit.cells import Cell
from nlpkit.checks import check_positive_integer
from nlpkit.layers.arguments import arguments
from nlpkit.layers.cell_layer import cell_layer
from nlpkit.layers.recurrent import Recurrent

__all__ = ["ProjectedLSTM", "ProjectedLSTMCell"]


@keras.saving.register_keras_serializable(package="nlpkit")
class ProjectedLSTM(Recurrent):
    """The LSTM whose output is narrower than its memory, with the numbers of torch's `proj_size`.

    For each step t, with the kernels' columns in four blocks of `units`, in the order i, f, g, o:

        x_t = inputs_t · kernel + bias              r_t = h_(t-1) · recurrent_kernel
        i, f, o = recurrent_activation(x_t + r_t)   g = activation(x_t + r_t)
        c_t = f * c_(t-1) + i * g                   h_t = (o * activation(c_t)) · projection_kernel

    Weights, in order: `kernel` [I, 4U], `recurrent_kernel` [P, 4U], `bias` [4U],
    `projection_kernel` [U, P]. States: h [B, P] and c [B, U]. The arguments that are not listed
    are those of every layer, see `Recurrent`.

    Args:
        units: Width U of the memory; a positive integer.
        projection_units: Width P of the output; a positive integer. Default: `None`, half of
            `units`.
        activation: Function of the candidate g and of the memory; a name, a function, or `None`
            for the identity. Default: `"tanh"`.
        recurrent_activation: Function of the gates i, f and o; as above. Default: `"sigmoid"`.
        projection_initializer: First values of `projection_kernel`. Default: `"glorot_uniform"`.
        unit_forget_bias: Whether the forget gate's bias starts at 1 whatever `bias_initializer`
            says, so that memory is kept at first. Default: `True`.
        projection_regularizer: Penalty on `projection_kernel`. Default: `None`.
        projection_constraint: Projection of `projection_kernel` after each update. Default: `None`.
        cell_clip: Bound of the size of c. Default: `None`, there is none.

    Raises:
        InputError: If `projection_units` is not a positive integer, and as `Recurrent`.

    Example:
        >>> import numpy as np
        >>> layer = ProjectedLSTM(8, 3, return_state=True)
        >>> [tuple(tensor.shape) for tensor in layer(np.zeros((2, 5, 4), "float32"))]
        [(2, 3), (2, 3), (2, 8)]

    Reference:
        `nlpkit.cells.projected_lstm` cites the paper.
    """

    def __init__(
        self,
        units: int,
        projection_units: int | None = None,
        activation: str | Callable | None = "tanh",
        recurrent_activation: str | Callable | None = "sigmoid",
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        recurrent_initializer: Any = "orthogonal",
        bias_initializer: Any = "zeros",
        projection_initializer: Any = "glorot_uniform",
        unit_forget_bias: bool = True,
        kernel_regularizer: Any = None,
        recurrent_regularizer: Any = None,
        bias_regularizer: Any = None,
        projection_regularizer: Any = None,
        activity_regularizer: Any = None,
        kernel_constraint: Any = None,
        recurrent_constraint: Any = None,
        bias_constraint: Any = None,
        projection_constraint: Any = None,
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
    def declared(*, projection_units: int | None = None, **arguments: Any) -> Cell:
        if projection_units is not None:
            check_positive_integer("projection_units", projection_units)
        return cells.PROJECTED_LSTM


ProjectedLSTMCell = cell_layer(ProjectedLSTM)
