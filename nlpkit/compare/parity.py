"""Parity of nlpkit's layers with Keras's and torch's: outputs, states, gradients.

For each random configuration both layers get the same weights, inputs and cotangents. Errors are
relative to the largest entry of the other layer's arrays of that kind.
"""

import dataclasses
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
from matplotlib.figure import Figure

from nlpkit.compare.benchmark import Benchmark, Plan, Size
from nlpkit.compare.configuration import Configuration, sample_configurations
from nlpkit.compare.contents import Content, Table
from nlpkit.compare.implementations import (
    IMPLEMENTATIONS,
    OURS,
    implementations_of,
    require_cells,
)
from nlpkit.errors import InputError
from nlpkit.layers import FAMILY
from nlpkit.reports.pictures import empty_figure
from nlpkit.testing import GRADIENTS, VALUES, Tolerance, draw_mask, vjp

__all__ = ["BENCHMARK", "Difference", "NotEqualError", "compare", "pairs"]

Arrays = list[np.ndarray]
Answers = tuple[Arrays, Arrays]

_SAY_EVERY = 25
_SMALLEST = Size(0.5, {"cells": ("lstm", "gru"), "configurations": 5})
_LEAST = 1e-4  # the lower end of the logarithmic axis, at which errors of 0 are drawn


class NotEqualError(Exception):
    """Raised if a layer's results differ from those of Keras or torch; the message says where."""


@dataclass(frozen=True)
class Difference:
    """The largest difference of one kind of arrays in one configuration.

    Attributes:
        what: "outputs", "states", "gradients by inputs" or "gradients by weights".
        dtype: The dtype of the layer.
        error: The largest error, relative to the largest entry of its kind; see `Tolerance.scale`.
        allowed: The largest error that is allowed.
    """

    what: str
    dtype: str
    error: float
    allowed: float


def pairs(cells: Collection[str] = (), libraries: Collection[str] = ()) -> list[tuple[str, str]]:
    """Pairs of a cell and a library to compare it with.

    Args:
        cells: Keys of `nlpkit.layers.FAMILY`. Default: all.
        libraries: "keras", "torch". Default: all that are installed.

    Returns:
        Pairs of a cell and a library that has it.

    Example:
        >>> pairs(["gru-reset-before"])
        [('gru-reset-before', 'keras')]
    """
    return [
        (cell, library)
        for cell in cells or FAMILY
        for library in implementations_of(cell, libraries)
        if library != OURS
    ]


def compare(configuration: Configuration) -> list[Difference]:
    """Compares our layer with that of Keras or torch.

    Args:
        configuration: The configuration of both layers and of the call.

    Returns:
        A difference for each kind of arrays.

    Raises:
        NotEqualError: If the arrays differ in number, shape or dtype, or contain NaN.
    """
    rng = np.random.default_rng(configuration.seed)
    inputs = configuration.inputs(rng)
    ours = configuration.layer(configuration.member.layer)
    ours.build(inputs[0].shape)
    ours.set_weights([rng.normal(size=w.shape, scale=0.5) for w in ours.get_weights()])
    answers_of = _answers_of_torch if configuration.library == "torch" else _answers_of_keras
    expected = _by_kind(configuration, *answers_of(configuration, ours, inputs))
    got = _by_kind(configuration, *_answers(configuration, ours, inputs))
    dtype, differences = configuration.arguments["dtype"], []
    for what, arrays in got.items():
        tolerance = (GRADIENTS if "gradients" in what else VALUES)[dtype]
        try:
            error = _error(arrays, expected[what], tolerance)
        except ValueError as problem:
            raise NotEqualError(f"the {what} of {configuration} {problem}") from None
        differences.append(Difference(what, dtype, error, tolerance.relative))
    return differences


def _answers_of_keras(
    configuration: Configuration, ours: keras.layers.Layer, inputs: Arrays
) -> Answers:
    """The results of Keras's layer with our weights."""
    layer = configuration.layer(configuration.member.require_keras())
    layer.build(inputs[0].shape)
    layer.set_weights(ours.get_weights())
    return _answers(configuration, layer, inputs)


def _answers_of_torch(
    configuration: Configuration, ours: keras.layers.Layer, inputs: Arrays
) -> Answers:
    """The results of torch's module with our weights."""
    from nlpkit.compare import torch_adapter

    activation = configuration.arguments["activation"]
    options = {"nonlinearity": activation} if configuration.member.torch_name == "RNN" else {}
    return torch_adapter.answers(ours, inputs, seed=configuration.seed, **options)


def _answers(configuration: Configuration, layer: keras.layers.Layer, inputs: Arrays) -> Answers:
    """A layer's outputs and states, and its gradients by the inputs and by the weights."""
    sizes = configuration.batch, configuration.time
    mask = draw_mask(configuration.mask, *sizes, configuration.seed)

    def call(sequences, *states):
        options = {"initial_state": list(states) or None, "training": configuration.training}
        outputs = layer(sequences, mask=mask, **options)
        return list(outputs) if isinstance(outputs, list | tuple) else [outputs]

    return vjp(call, layer.trainable_variables, inputs, seed=configuration.seed)


def _by_kind(configuration: Configuration, values: Arrays, gradients: Arrays) -> dict[str, Arrays]:
    """The arrays by kind."""
    returned = configuration.states if configuration.arguments["return_state"] else 0
    inputs = 1 + configuration.states * configuration.initial_state
    return {
        "outputs": values[: len(values) - returned],
        "states": values[len(values) - returned :],
        "gradients by inputs": gradients[:inputs],
        "gradients by weights": gradients[inputs:],
    }


def _error(got: Arrays, expected: Arrays, tolerance: Tolerance) -> float:
    """The largest error, relative to the largest entry of all arrays.

    Not of its own array: the gradient of one weight can be a sum of large terms that cancel, which
    no two orders of summation give alike.
    """
    forms = [[(array.shape, str(array.dtype)) for array in arrays] for arrays in (got, expected)]
    if forms[0] != forms[1]:
        raise ValueError(f"are {forms[0]}, the other layer's are {forms[1]}.")
    scale = max((tolerance.scale(want) for want in expected), default=1.0)
    errors = [
        float(np.max(np.abs(array - want), initial=0)) / scale
        for array, want in zip(got, expected, strict=True)
    ]
    if not np.isfinite(errors).all():
        raise ValueError("are not all numbers.")
    return max(errors, default=0.0)


def require(plan: Plan) -> None:
    """Requires that Keras or torch has each cell; see `Benchmark`."""
    require_cells(plan)
    for cell in plan.cells:
        if not pairs([cell]):
            raise InputError(
                f"`--cells` must be cells that Keras or torch has where parity is compared, got "
                f"{cell!r}."
            )


def measure(plan: Plan, say: Callable[[str], None]) -> dict[str, Any]:
    """Compares random configurations; see `Benchmark`."""
    compared, count = [], plan.configurations
    for cell, library in pairs(plan.cells):
        sample = sample_configurations(count, plan.seed, cell=cell, library=library)
        for number, configuration in enumerate(sample, start=1):
            differences = [dataclasses.asdict(difference) for difference in compare(configuration)]
            entry = {"configuration": dataclasses.asdict(configuration), "differences": differences}
            compared.append(entry)
            if number % _SAY_EVERY == 0 or number == count:
                say(f"parity: {cell}, {number} of {count} configurations compared with {library}")
    return {
        "reference": "equal weights; Keras's layers with use_cudnn=False",
        "backend": keras.backend.backend(),
        "worst": _worst(compared),
        "configurations": compared,
    }


def _worst(compared: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """For each cell and library the largest difference of each kind and dtype, and where it is."""
    worst: dict[tuple[str, ...], dict[str, Any]] = {}
    for number, entry in enumerate(compared):
        pair = {name: entry["configuration"][name] for name in ("cell", "library")}
        for difference in entry["differences"]:
            key = *pair.values(), difference["what"], difference["dtype"]
            if key not in worst or difference["error"] > worst[key]["error"]:
                worst[key] = {**pair, **difference, "configuration": number}
    return [worst[key] for key in sorted(worst)]


def check(results: dict[str, Any]) -> None:
    """Raises `NotEqualError` if an error is larger than allowed; see `Benchmark`."""
    for worst in results["worst"]:
        if not worst["error"] <= worst["allowed"]:
            configuration = results["configurations"][worst["configuration"]]["configuration"]
            raise NotEqualError(
                f"{worst['what']} are off by {worst['error']:.1e} of the largest entry, "
                f"{worst['allowed']:.1e} allowed, in {configuration}."
            )


def contents(results: dict[str, Any]) -> Iterator[Content]:
    """The largest error of each kind, a table for each cell and library; see `Benchmark`."""
    compared = [entry["configuration"] for entry in results["configurations"]]
    for cell, library in dict.fromkeys((w["cell"], w["library"]) for w in results["worst"]):
        rows = {
            f"{worst['what']}, {worst['dtype']}": [
                f"{worst['error']:.1e}",
                f"{worst['allowed']:.0e}",
                str(worst["configuration"]),
            ]
            for worst in results["worst"]
            if (worst["cell"], worst["library"]) == (cell, library)
        }
        count = sum((one["cell"], one["library"]) == (cell, library) for one in compared)
        title = (
            f"nlpkit's {cell} against {IMPLEMENTATIONS[library].title}'s, {results['reference']}, "
            f"on {results['backend']}: the largest error in {count} random configurations, "
            "relative to the largest entry:"
        )
        heads = [("largest", "error"), ("", "allowed"), ("", "configuration")]
        yield Table(title, heads, rows)


def conclusion(results: dict[str, Any]) -> str:
    """How close the worst error comes to what is allowed; see `Benchmark`."""
    fraction = max(worst["error"] / worst["allowed"] for worst in results["worst"])
    count = len(results["configurations"])
    return (
        f"The layers are {'equal' if fraction <= 1 else 'not equal'}: the largest error of "
        f"{count:,} random configurations is {fraction:.2f} times what is allowed."
    )


def picture(results: dict[str, Any]) -> Figure:
    """A line for each kind of arrays: errors as fractions of what is allowed; see `Benchmark`."""
    figure = empty_figure(6.0, 4.0)
    axes = figure.subplots()
    fractions: dict[str, list[float]] = {}
    for entry in results["configurations"]:
        for difference in entry["differences"]:
            fraction = difference["error"] / difference["allowed"]
            fractions.setdefault(difference["what"], []).append(max(fraction, _LEAST))
    for what, values in fractions.items():
        percents = [100 * (rank + 1) / len(values) for rank in range(len(values))]
        axes.plot(percents, sorted(values), marker=".", label=what)
    axes.axhline(1.0, color="black", linestyle="--", label="allowed")
    axes.set(
        title="nlpkit's layers against Keras's and torch's, equal weights",
        xlabel="% of the random configurations",
        ylabel="largest error / allowed error",
        yscale="log",
    )
    axes.legend()
    return figure


BENCHMARK = Benchmark(
    title="Parity",
    question="Do the layers compute what those of Keras and torch compute, forward and backward?",
    shows="The largest error of each random configuration, sorted, over what is allowed",
    sizes=(_SMALLEST, Size(2.0, {"configurations": 10}), Size(20.0, {})),
    require=require,
    measure=measure,
    contents=contents,
    conclusion=conclusion,
    picture=picture,
    check=check,
)
