"""The LSTM with a projected output along time as a Keras layer."""

from typing import Any

import keras

from nlpkit import cells
from nlpkit.cells import Cell
from nlpkit.checks import check_positive_integer
from nlpkit.layers.cell_layer import cell_layer
from nlpkit.layers.recurrent import Recurrent
from nlpkit.layers.signature import argument

__all__ = ["ProjectedLSTM", "ProjectedLSTMCell"]


@keras.saving.register_keras_serializable(package="nlpkit")
class ProjectedLSTM(Recurrent):
    """The LSTM whose output is narrower than its memory, with the numbers of torch's `proj_size`.

    For each step t, with the kernels' columns in four blocks of `units`, in the order i, f, g, o:

        x_t = inputs_t · kernel + bias              r_t = h_(t-1) · recurrent_kernel
        i, f, o = recurrent_activation(x_t + r_t)   g = activation(x_t + r_t)
        c_t = f * c_(t-1) + i * g                   h_t = (o * activation(c_t)) · projection_kernel

    Weights, in order: `kernel` [I, 4U], `recurrent_kernel` [P, 4U], `bias` [4U],
    `projection_kernel` [U, P]. States: h [B, P] and c [B, U].

    Args:
        units: Width U of the memory; a positive integer.
        projection_units: Width P of the output; a positive integer. Default: `None`, half of
            `units`.
        projection_initializer: First values of `projection_kernel`. Default: `"glorot_uniform"`.
        projection_regularizer: Penalty on `projection_kernel`. Default: `None`.
        projection_constraint: Projection of `projection_kernel` after each update. Default: `None`.

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

    projection_units: int | None = argument(None, after="units")
    projection_initializer: Any = argument("glorot_uniform", after="bias_initializer")
    projection_regularizer: Any = argument(None, after="bias_regularizer")
    projection_constraint: Any = argument(None, after="bias_constraint")

    @staticmethod
    def declared(*, projection_units: int | None = None, **arguments: Any) -> Cell:
        if projection_units is not None:
            check_positive_integer("projection_units", projection_units)
        return cells.PROJECTED_LSTM


ProjectedLSTMCell = cell_layer(ProjectedLSTM)
