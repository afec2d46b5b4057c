"""Every gate, candidate and state of a recurrent layer at every step, as arrays with names.

While a trace is taken, each level that runs gives the states of every step. From the states before
each, and its input, one call of `RecurrentCell` computes the gates of all steps at once.
"""

import contextlib
import contextvars
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import keras
import numpy as np
from keras import ops

from nlpkit.errors import InputError, listed

__all__ = ["Trace", "check_model", "observe", "observed", "trace", "trace_of_layer"]

Trace = dict[str, np.ndarray]
"""Arrays [B, T, width] by the names of gates and states."""


class _Run(NamedTuple):
    """One run of a level, observed.

    Attributes:
        level: The level.
        before: Its states before the first step.
        arrays: What happened, in the order of the sequences that it got.
    """

    level: Any
    before: list[np.ndarray]
    arrays: Trace


_RUNS: contextvars.ContextVar[list[_Run] | None] = contextvars.ContextVar("runs", default=None)


def trace_of_layer(layer: Any, *args: Any, **kwargs: Any) -> Trace:
    """What a recurrent layer computes in a call.

    Args:
        layer: The layer.
        *args: Of the call.
        **kwargs: Of the call.

    Returns:
        The trace, as `Recurrent.trace` has it.

    Raises:
        InputError: If the inputs have no values.
    """
    with _observed() as runs:
        layer(*args, training=False, **kwargs)
    if not runs:
        raise InputError(f"`inputs` must be arrays with values, got {args[0]!r}.")
    ((_, arrays),) = _calls(runs)
    return arrays


def trace(model: keras.Model, inputs: Any) -> dict[str, Trace]:
    """Every gate, candidate and state of a model's recurrent layers at every step.

    The model is called once, in inference, and left as it was: stateful layers too. Masks and
    initial states reach each layer as they do in any call.

    Args:
        model: A model, or a layer, with recurrent layers of `nlpkit.layers` anywhere inside: in
            `Bidirectional`, in nested models, in layers of your own. Those of `keras.layers`, and
            cells of ours in `keras.layers.RNN`, are left out.
        inputs: What the model takes, with values.

    Returns:
        What `layer.trace` gives, by the path of the layer: the names of the layers from the model
        down, as in "bidirectional/forward_lstm", in the order of the calls. Of a layer that is
        called more than once, the second call is at "lstm:2", the third at "lstm:3". A layer that
        is called only within a graph, where there are no values, is left out.

    Raises:
        InputError: If `model` is no model, or there is nothing to trace.

    Example:
        >>> from nlpkit.layers import LSTM
        >>> lstm = LSTM(4, return_sequences=True, name="lstm")
        >>> both = keras.layers.Bidirectional(lstm, name="both")
        >>> model = keras.Sequential([keras.Input((5, 3)), both, LSTM(2, name="last")])
        >>> traces = trace(model, np.zeros((1, 5, 3)))
        >>> list(traces)
        ['both/forward_lstm', 'both/backward_lstm', 'last']
        >>> list(traces["last"]), traces["last"]["f"].shape
        (['i', 'f', 'g', 'o', 'h', 'c'], (1, 5, 2))
    """
    check_model(model)
    if not model.built:
        # Keras calls a model to build it, with numbers on torch: those runs are not the call's.
        with _observed():
            model(inputs, training=False)
    with _observed() as runs:
        model(inputs, training=False)
    if not runs:
        raise InputError(_nothing_in(model))
    paths, traces = _paths(model), {}
    for layer, arrays in _calls(runs):
        path = first = paths.get(id(layer), layer.name)
        count = 1
        while path in traces:
            count += 1
            path = f"{first}:{count}"
        traces[path] = arrays
    return traces


def check_model(model: Any) -> None:
    """Requires a model or a layer of Keras.

    Args:
        model: What was received.

    Raises:
        InputError: If it is something else.
    """
    if not isinstance(model, keras.layers.Layer):
        raise InputError(f"`model` must be a Keras model or layer, got a {type(model).__name__}.")


def observed(sequences: Any) -> bool:
    """Whether a run is traced: a trace is being taken, and the tensors have values.

    Args:
        sequences: What a level runs on.

    Returns:
        True if `observe` wants the run.
    """
    return _RUNS.get() is not None and _has_values(sequences)


def observe(
    level: Any, sequences: Any, states: list, shown: list, mask: Any, training: bool
) -> None:
    """Takes the trace of a run of a level, which is `observed`.

    Args:
        level: The level.
        sequences: What it ran on, [B, T, I].
        states: Before the first step, [B, width] each.
        shown: After every step, [B, T, width] each, in the order of computation. Where a step is
            masked, anything.
        mask: Booleans [B, T], or None.
        training: Whether it dropped.
    """
    if (runs := _RUNS.get()) is not None:
        before = [ops.convert_to_numpy(state) for state in states]
        arrays = _arrays(level, sequences, before, shown, mask, training)
        runs.append(_Run(level, before, arrays))


def _arrays(level, sequences, states, shown, mask, training):
    """The level's trace, in the order of the sequences."""
    cell, declaration = level.cell, level.declaration
    dtype = "float64" if level.compute_dtype == "float64" else "float32"
    order = slice(None, None, -1 if level.go_backwards else 1)
    live = np.ones(sequences.shape[:2], bool) if mask is None else ops.convert_to_numpy(mask)
    live = live[:, order, None]
    # From here on everything is in the order of computation; 0 is the state before the first step.
    last = np.maximum.accumulate(live * np.arange(1, live.shape[1] + 1)[:, None], axis=1)
    before_and_after = [
        np.concatenate([state[:, None], ops.convert_to_numpy(steps)], axis=1)
        for state, steps in zip(states, shown, strict=True)
    ]
    after = [np.take_along_axis(steps, last, axis=1) for steps in before_and_after]
    last = np.pad(last[:, :-1], [(0, 0), (1, 0), (0, 0)])
    before = [np.take_along_axis(steps, last, axis=1) for steps in before_and_after]
    arrays = dict(zip(declaration.state_names, after, strict=True))
    if declaration.kept:
        kept = _kept(cell, ops.convert_to_numpy(sequences)[:, order], before, training)
        kept = np.where(live, kept, np.nan)
        blocks = np.split(kept, len(declaration.kept), axis=2)
        arrays = dict(zip(declaration.kept, blocks, strict=True)) | arrays
    return {name: array[:, order].astype(dtype) for name, array in arrays.items()}


def _kept(cell, inputs, states, training):
    """What a cell keeps of every step, [B, T, …], from the states before each."""
    # Steps first: dropout masks are of the rows.
    inputs, *states = (ops.convert_to_tensor(np.swapaxes(a, 0, 1)) for a in (inputs, *states))
    _, kept = cell.stepped(inputs, tuple(states), training, [0.0] * len(states))
    return np.swapaxes(ops.convert_to_numpy(kept), 0, 1)


@contextlib.contextmanager
def _observed() -> Iterator[list[_Run]]:
    """Collects the runs of levels; afterwards stateful layers get back the states they had."""
    runs: list[_Run] = []
    token = _RUNS.set(runs)
    try:
        yield runs
    finally:
        _RUNS.reset(token)
        seen = set()
        for group in _groups(runs):
            layer = group[0].level
            if layer.stateful and id(layer) not in seen:
                layer.reset_state([state for run in group for state in run.before])
            seen.add(id(layer))


def _groups(runs):
    """The runs of each call: a layer runs all its levels, the lowest first."""
    while runs:
        count = runs[0].level.num_layers
        yield runs[:count]
        runs = runs[count:]


def _calls(runs) -> Iterator[tuple[Any, Trace]]:
    """Each call's layer, and its trace in the order of the inputs."""
    for group in _groups(runs):
        layer, arrays = group[0].level, dict(group[0].arrays)
        if len(group) > 1:
            # The levels above get what is below in the order in which it was computed.
            flipped = [slice(None), slice(None, None, -1 if layer.go_backwards else 1)]
            arrays = {
                f"{name}_{k}": array[tuple(flipped)] if k else array
                for k, run in enumerate(group)
                for name, array in run.arrays.items()
            }
        yield layer, arrays


def _paths(layer, above: str = "") -> Mapping[int, str]:
    """The path of each layer inside, by its id; the first where there are several."""
    paths: dict[int, str] = {}
    for inner in layer._flatten_layers(include_self=False, recursive=False):
        paths.setdefault(id(inner), above + inner.name)
        for key, path in _paths(inner, f"{above}{inner.name}/").items():
            paths.setdefault(key, path)
    return paths


def _has_values(tensor) -> bool:
    """Whether it is a tensor of numbers, not one of a graph that is being traced."""
    try:
        ops.convert_to_numpy(tensor)
    except (NotImplementedError, RuntimeError, TypeError):  # TensorFlow, torch, JAX
        return False
    return True


def _nothing_in(model) -> str:
    """Why there is nothing to trace, in a sentence."""
    inside = model._flatten_layers()
    ours = [layer.name for layer in inside if hasattr(layer, "trace")]
    if ours:
        return (
            f"`model` must call its recurrent layers on values, but calls {listed(ours)} within a "
            "graph alone: trace the layer itself by `layer.trace`."
        )
    theirs = [layer.name for layer in inside if isinstance(layer, keras.layers.RNN)]
    instead = f"but has those of keras.layers alone: {listed(theirs)}" if theirs else "but has none"
    return f"`model` must have recurrent layers of nlpkit.layers, {instead}."
