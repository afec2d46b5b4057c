"""What runs along time in these tests: cells, sizes, operands and kernels, by name."""

import keras
import numpy as np
import tensorflow as tf

from nlpkit.cells import CELLS as PUBLIC
from nlpkit.cells import GRU, GRU_RESET_BEFORE, LSTM, SIMPLE_RNN, Cell
from nlpkit.recurrence import Operands
from nlpkit.recurrence.kernels import BLOCK_LSTM, COMPILED, CUDNN, LOOP, PACKED, SCAN
from nlpkit.recurrence.operands import Gradients
from nlpkit.testing import draw_mask
from tests import reference
from tests.toys import TOY, TOY_BY_AUTODIFF, TOY_LINEAR

FEATURES, UNITS = 2, 3

SIMPLE_RNN_RELU = SIMPLE_RNN.with_options(activation=keras.activations.relu)
CELLS = {
    **PUBLIC,
    "simple-rnn-relu": SIMPLE_RNN_RELU,
    "lstm-clipped": LSTM.with_options(cell_clip=0.3),
    **{cell.name: cell for cell in (TOY, TOY_BY_AUTODIFF, TOY_LINEAR)},
}
# The packed kernel and BlockLSTM go back as the loop does.
PATHS = {
    "loop": LOOP,
    "packed": PACKED,
    "compiled": COMPILED,
    "block lstm": BLOCK_LSTM,
    "cudnn": CUDNN,
    "scan": SCAN,
}
# By hand; by autodiff, with a weight in the step; by autodiff, with a product inside the step.
EVERYWHERE = (LSTM.name, TOY.name, TOY_BY_AUTODIFF.name, GRU_RESET_BEFORE.name)
BACKWARD = [
    *((cell, path) for cell in EVERYWHERE for path in ("loop", "compiled")),
    *((cell, "cudnn") for cell in (LSTM.name, GRU.name, SIMPLE_RNN.name, "simple-rnn-relu")),
    *((name, "scan") for name, cell in CELLS.items() if cell.scan),
    *((name, "loop") for name in CELLS if name not in EVERYWHERE),
]
"""Cells with the kernels that differentiate them."""
FORWARD = [*BACKWARD, *((cell, "packed") for cell in EVERYWHERE)]
"""Cells with the kernels that run them."""

# Batch and time; small_windows makes three windows of the last, and two shards of nine rows.
SIZES = {
    "one step": (3, 1),
    "one row": (1, 3),
    "odd batch": (9, 4),
    "several windows": (3, 11),
}

OPTIONS = (
    "all weights",
    "no bias",
    "projected inputs",
    "recurrent dropout",
    "zoneout",
)
NOT_FOR = {
    "cudnn": ("projected inputs", "recurrent dropout", "zoneout"),
}
"""Options that a kernel leaves to others."""


# What has to do with a cell, where that is not all: the time that XLA takes is dear.
TRIED = {
    "toy-by-autodiff": ("all weights", "no bias", "recurrent dropout", "zoneout"),
    "gru-reset-before": ("all weights", "recurrent dropout"),
    "simple-rnn": ("all weights",),
    "simple-rnn-relu": ("all weights",),
}


def has(cell: str, path: str, option: str) -> bool:
    """Whether a kernel runs a cell with an option, and it is tried."""
    if option == "recurrent dropout" and not CELLS[cell].recurrent:
        return False
    return option in TRIED.get(cell, OPTIONS) and option not in NOT_FOR.get(path, ())


def operands(
    size: str,
    kind: str = "none",
    option: str = "all weights",
    cell: Cell = LSTM,
    dtype: str = "float64",
) -> Operands:
    """Operands drawn alike for all kinds of mask."""
    rng = np.random.default_rng(1)
    batch, time = SIZES[size]
    sizes = cell.sizes(FEATURES, UNITS)
    features = sizes["GU"] if option == "projected inputs" else FEATURES
    inputs = rng.normal(size=(batch, time, features))
    weights = {}
    for weight in cell.weights:
        shape = [sizes.get(axis, axis) for axis in weight.shape]
        weights[weight.name] = rng.normal(size=shape, scale=0.5)
        if option == "projected inputs" and "input" in weight.roles:
            weights[weight.name] = None
        if option == "no bias" and weight.option:
            weights[weight.name] = None
    widths = [sizes[state.width] for state in cell.states]
    state = [rng.normal(size=(batch, width)) for width in widths]
    if "n" in cell.state_names:  # a sum of weights, which are positive
        state[2] = 1 + np.abs(state[2])
    dropout = zoneout = None
    if option == "recurrent dropout":
        dropout = 2.0 * (rng.random((len(cell.gates), batch, widths[0])) < 0.5)
    if option == "zoneout":  # of h as it is drawn in training, of others as it is in inference
        drawn = 1.0 * (rng.random((batch, time, widths[0])) < 0.4)
        zoneout = (drawn, *[np.full((batch, time, 1), 0.3)] * (len(widths) - 1))
    arrays = Operands(inputs, weights, tuple(state), dropout=dropout, zoneout=zoneout)
    mask = draw_mask(kind, batch, time)
    given = tf.nest.map_structure(lambda a: None if a is None else tf.constant(a, dtype), arrays)
    return given._replace(mask=None if mask is None else tf.constant(mask))


def cotangents(given: Operands, sequences: int = 1) -> tuple[tuple, tuple]:
    """Random derivatives of a loss by the first states of every step, and by the last states."""
    rng = np.random.default_rng(2)
    batch, time = given.inputs.shape[:2]
    dstate = tuple(tf.constant(rng.normal(size=s.shape)) for s in given.state)
    widths = [s.shape[1] for s in given.state[:sequences]]
    return tuple(tf.constant(rng.normal(size=(batch, time, w))) for w in widths), dstate


def named(parts: Operands | Gradients) -> dict[str, tf.Tensor]:
    """What can be differentiated by, or the derivatives, as far as there are any."""
    states = {f"state {k}": state for k, state in enumerate(parts.state)}
    values = {"inputs": parts.inputs, **parts.weights, **states}
    return {name: value for name, value in values.items() if value is not None}


def with_named(given: Operands, values: dict[str, tf.Tensor]) -> Operands:
    """Operands with others in the positions that `named` names."""
    weights = {name: values.get(name) for name in given.weights}
    state = tuple(values[f"state {k}"] for k in range(len(given.state)))
    return given._replace(inputs=values["inputs"], weights=weights, state=state)


def numpy(tensor) -> np.ndarray:
    """A tensor as an array."""
    return keras.ops.convert_to_numpy(tensor)


def by_reference(cell: str, given: Operands) -> tuple[list, list]:
    """The states of every step, of which h alone, and the last ones, by NumPy."""
    outputs, state = reference.run(
        cell,
        numpy(given.inputs),
        {name: None if w is None else numpy(w) for name, w in given.weights.items()},
        mask=None if given.mask is None else numpy(given.mask),
        initial_state=[numpy(s) for s in given.state],
        starts_from_zero=False,
    )
    return [outputs], state
