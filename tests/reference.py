"""Every cell again, in float64 NumPy loops as slow and plain as possible: the oracle of the tests.

One row and one step at a time, so that nothing is shared with the code under test, not even the
way in which it batches. A twin takes the inputs of a step [I], the states before it and the weights
by name, and gives the states after it; activations are those that a cell begins with.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np

Weights = Mapping[str, Any]


def sigmoid(z: np.ndarray) -> np.ndarray:
    """The logistic function."""
    return 1 / (1 + np.exp(-z))


def layer_norm(v: np.ndarray, gamma: np.ndarray, beta: np.ndarray) -> np.ndarray:
    """Zero mean and unit variance, then a gain and a shift."""
    return gamma * (v - v.mean()) / np.sqrt(v.var() + 1e-3) + beta


def x_and_r(u: np.ndarray, h: np.ndarray, w: Weights) -> tuple[np.ndarray, np.ndarray]:
    """The projections of the inputs and of h."""
    return u @ w["kernel"] + w["bias"], h @ w["recurrent_kernel"]


def simple_rnn(u, state, w):
    """Elman 1990."""
    (h,) = state
    return (np.tanh(sum(x_and_r(u, h, w))),)


def lstm_1997(u, state, w):
    """Hochreiter & Schmidhuber 1997."""
    h, c = state
    z_i, z_g, z_o = np.split(sum(x_and_r(u, h, w)), 3)
    c = c + sigmoid(z_i) * np.tanh(z_g)
    return sigmoid(z_o) * np.tanh(c), c


def lstm(u, state, w):
    """Gers et al. 2000."""
    h, c = state
    z_i, z_f, z_g, z_o = np.split(sum(x_and_r(u, h, w)), 4)
    c = sigmoid(z_f) * c + sigmoid(z_i) * np.tanh(z_g)
    return sigmoid(z_o) * np.tanh(c), c


def peephole_lstm(u, state, w):
    """Gers & Schmidhuber 2000."""
    h, c = state
    z_i, z_f, z_g, z_o = np.split(sum(x_and_r(u, h, w)), 4)
    i = sigmoid(z_i + w["input_gate_peephole_weights"] * c)
    f = sigmoid(z_f + w["forget_gate_peephole_weights"] * c)
    c = f * c + i * np.tanh(z_g)
    o = sigmoid(z_o + w["output_gate_peephole_weights"] * c)
    return o * np.tanh(c), c


def coupled_lstm(u, state, w):
    """Greff et al. 2017."""
    h, c = state
    z_i, z_g, z_o = np.split(sum(x_and_r(u, h, w)), 3)
    f = 1 - sigmoid(z_i)
    c = f * c + sigmoid(z_i) * np.tanh(z_g)
    return sigmoid(z_o) * np.tanh(c), c


def layer_norm_lstm(u, state, w):
    """Ba et al. 2016, as TensorFlow Addons has it."""
    h, c = state
    z = layer_norm(u @ w["kernel"], w["kernel_norm_gamma"], w["kernel_norm_beta"]) + w["bias"]
    r = h @ w["recurrent_kernel"]
    z = z + layer_norm(r, w["recurrent_norm_gamma"], w["recurrent_norm_beta"])
    z_i, z_f, z_g, z_o = np.split(z, 4)
    c = sigmoid(z_f) * c + sigmoid(z_i) * np.tanh(z_g)
    c = layer_norm(c, w["state_norm_gamma"], w["state_norm_beta"])
    return sigmoid(z_o) * np.tanh(c), c


def projected_lstm(u, state, w):
    """Sak et al. 2014."""
    wide, c = lstm(u, state, w)
    return wide @ w["projection_kernel"], c


def gru(u, state, w):
    """Cho et al. 2014, the reset gate behind the product."""
    (h,) = state
    x_z, x_r, x_g = np.split(u @ w["kernel"] + w["bias"][0], 3)
    r_z, r_r, r_g = np.split(h @ w["recurrent_kernel"] + w["bias"][1], 3)
    z, g = sigmoid(x_z + r_z), np.tanh(x_g + sigmoid(x_r + r_r) * r_g)
    return (z * h + (1 - z) * g,)


def gru_reset_before(u, state, w):
    """Cho et al. 2014, the reset gate before the product."""
    (h,) = state
    x_z, x_r, x_g = np.split(u @ w["kernel"] + w["bias"], 3)
    to_z, to_r, to_g = np.split(w["recurrent_kernel"], 3, axis=1)
    z, r = sigmoid(x_z + h @ to_z), sigmoid(x_r + h @ to_r)
    return (z * h + (1 - z) * np.tanh(x_g + (r * h) @ to_g),)


def layer_norm_gru(u, state, w):
    """Ba et al. 2016."""
    (h,) = state
    units = len(h)
    products = {"kernel": u @ w["kernel"], "recurrent": h @ w["recurrent_kernel"]}
    parts = {}
    for name, product in products.items():
        gamma, beta = w[f"{name}_norm_gamma"], w[f"{name}_norm_beta"]
        for part, columns in (("zr", slice(2 * units)), ("g", slice(2 * units, None))):
            parts[name, part] = layer_norm(product[columns], gamma[columns], beta[columns])
    bias_zr, bias_g = w["bias"][: 2 * units], w["bias"][2 * units :]
    z, r = np.split(sigmoid(parts["kernel", "zr"] + bias_zr + parts["recurrent", "zr"]), 2)
    g = np.tanh(parts["kernel", "g"] + bias_g + r * parts["recurrent", "g"])
    return (z * h + (1 - z) * g,)


def min_gru(u, state, w):
    """Feng et al. 2024."""
    (h,) = state
    x_z, g = np.split(u @ w["kernel"] + w["bias"], 2)
    return ((1 - sigmoid(x_z)) * h + sigmoid(x_z) * g,)


def min_lstm(u, state, w):
    """Feng et al. 2024, with gates that add up to 1."""
    (h,) = state
    x_f, x_i, g = np.split(u @ w["kernel"] + w["bias"], 3)
    f, i = sigmoid(x_f), sigmoid(x_i)
    return (f / (f + i) * h + i / (f + i) * g,)


def slstm(u, state, w):
    """Beck et al. 2024; c and n are divided by exp(m)."""
    h, c, n, m = state
    a_z, a_i, a_f, a_o = np.split(sum(x_and_r(u, h, w)), 4)
    after = np.maximum(np.log(sigmoid(a_f)) + m, a_i)
    i, f = np.exp(a_i - after), sigmoid(a_f) * np.exp(m - after)
    c, n = f * c + i * np.tanh(a_z), f * n + i
    return sigmoid(a_o) * c / n, c, n, after


class Twin(NamedTuple):
    """A cell's step; its gates, which the kernel has a block of columns for; its first states."""

    step: Callable
    gates: int
    states: tuple[float, ...] = (0.0,)


TWINS = {
    "simple-rnn": Twin(simple_rnn, 1),
    "lstm-1997": Twin(lstm_1997, 3, (0.0, 0.0)),
    "lstm": Twin(lstm, 4, (0.0, 0.0)),
    "peephole-lstm": Twin(peephole_lstm, 4, (0.0, 0.0)),
    "coupled-lstm": Twin(coupled_lstm, 3, (0.0, 0.0)),
    "layer-norm-lstm": Twin(layer_norm_lstm, 4, (0.0, 0.0)),
    "projected-lstm": Twin(projected_lstm, 4, (0.0, 0.0)),
    "gru": Twin(gru, 3),
    "gru-reset-before": Twin(gru_reset_before, 3),
    "layer-norm-gru": Twin(layer_norm_gru, 3),
    "min-gru": Twin(min_gru, 2),
    "min-lstm": Twin(min_lstm, 3),
    "slstm": Twin(slstm, 4, (0.0, 0.0, 0.0, -1e4)),
}


def first_states(name: str, batch: int, weights: Weights) -> list[np.ndarray]:
    """The states before the first step, [B, width] each."""
    twin = TWINS[name]
    widths = [weights["kernel"].shape[1] // twin.gates] * len(twin.states)
    if "projection_kernel" in weights:
        widths[0] = weights["projection_kernel"].shape[1]
    return [np.full((batch, width), v) for width, v in zip(widths, twin.states, strict=True)]


def run(
    name: str,
    inputs: np.ndarray,
    weights: Weights,
    *,
    mask: np.ndarray | None = None,
    initial_state: list[np.ndarray] | None = None,
    go_backwards: bool = False,
    zero_output_for_mask: bool = False,
    starts_from_zero: bool = True,
) -> tuple[np.ndarray, list[np.ndarray]]:
    """A cell along time.

    Args:
        name: Key of `TWINS`.
        inputs: [B, T, I].
        weights: The cell's by name; a bias that is None counts as 0.
        mask: [B, T], false at steps to skip. Default: none is skipped.
        initial_state: One [B, width] for each state. Default: those of `first_states`.
        go_backwards: Whether to begin with the last step.
        zero_output_for_mask: Whether a skipped step's output is zero, not the one before.
        starts_from_zero: Whether the output before the first step is zero, not the initial h.

    Returns:
        Outputs [B, T, width] in the order of computation, and the last states [B, width].
    """
    batch, time, _ = inputs.shape
    weights = {n: np.zeros((2, 1)) if w is None else w for n, w in weights.items()}
    weights = {n: np.asarray(w, "float64") for n, w in weights.items()}
    if mask is None:
        mask = np.ones((batch, time), bool)
    if initial_state is None:
        initial_state = first_states(name, batch, weights)
    order = range(time)[::-1] if go_backwards else range(time)
    rows = [
        _run_row(
            TWINS[name].step,
            [(inputs[b, t].astype("float64"), mask[b, t]) for t in order],
            tuple(state[b].astype("float64") for state in initial_state),
            weights,
            zero_output_for_mask,
            starts_from_zero,
        )
        for b in range(batch)
    ]
    outputs = np.stack([outputs for outputs, _ in rows])
    return outputs, [np.stack(column) for column in zip(*(s for _, s in rows), strict=True)]


def _run_row(
    step: Callable, steps: list, state: tuple, weights: Weights, zero: bool, starts_from_zero: bool
) -> tuple:
    """One row: outputs [T, width] and the last states."""
    output = np.zeros_like(state[0]) if starts_from_zero else state[0]
    outputs = []
    for entry, counts in steps:
        if counts:
            state = step(entry, state, weights)
            output = state[0]
        outputs.append(np.zeros_like(output) if zero and not counts else output)
    return np.stack(outputs), state
