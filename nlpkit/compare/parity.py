"""The layers against those of Keras and torch with equal weights: outputs, states and gradients.

For each drawn configuration both layers get the same weights, inputs and cotangents. An error is a
fraction of the largest entry of what the other layer gives.
"""

import dataclasses
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np

from nlpkit.compare.benchmark import Benchmark, Plan
from nlpkit.compare.configuration import Configuration, sample_configurations
from nlpkit.compare.implementations import OURS, implementations_of, require_cells
from nlpkit.compare.parity_views import picture, table
from nlpkit.errors import InputError
from nlpkit.layers import FAMILY
from nlpkit.testing.autodiff import vjp
from nlpkit.testing.masks import draw_mask
from nlpkit.testing.tolerances import GRADIENTS, VALUES, Tolerance

__all__ = ["BENCHMARK", "Difference", "NotEqualError", "compared", "pairs"]

Arrays = list[np.ndarray]
Answers = tuple[Arrays, Arrays]

_SAY_EVERY = 25


class NotEqualError(Exception):
    """A layer does not give what that of Keras or torch gives; the sentence says where."""


@dataclass(frozen=True)
class Difference:
    """How far one kind of numbers is off, in one configuration.

    Attributes:
        what: "outputs", "states", "gradients by inputs" or "gradients by weights".
        dtype: The layer's.
        error: The worst error, as a fraction of the largest entry; see `Tolerance.scale`.
        allowed: How large it may be.
    """

    what: str
    dtype: str
    error: float
    allowed: float


def pairs(cells: Collection[str] = (), libraries: Collection[str] = ()) -> list[tuple[str, str]]:
    """Which cell can be set beside whose.

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


def compared(configuration: Configuration) -> list[Difference]:
    """Sets ours beside the layer of Keras or torch.

    Args:
        configuration: How both are made and called.

    Returns:
        A difference for each kind of numbers that there is.

    Raises:
        NotEqualError: If the two differ in the number, the shape or the type of what they give, or
            something is not a number.
    """
    rng = np.random.default_rng(configuration.seed)
    inputs = configuration.inputs(rng)
    ours = configuration.layer(configuration.member.layer)
    ours.build(inputs[0].shape)
    ours.set_weights([rng.normal(size=w.shape, scale=0.5) for w in ours.get_weights()])
    beside = _beside_torch if configuration.library == "torch" else _beside_keras
    expected = beside(configuration, ours, inputs)
    got = _answers(configuration, ours, inputs)
    dtype, differences = configuration.arguments["dtype"], []
    for what, arrays in _by_kind(configuration, *got).items():
        tolerance = (GRADIENTS if "gradients" in what else VALUES)[dtype]
        try:
            error = _error(arrays, _by_kind(configuration, *expected)[what], tolerance)
        except ValueError as problem:
            raise NotEqualError(f"the {what} of {configuration} {problem}") from None
        differences.append(Difference(what, dtype, error, tolerance.relative))
    return differences


def _beside_keras(
    configuration: Configuration, ours: keras.layers.Layer, inputs: Arrays
) -> Answers:
    """What Keras's layer gives."""
    layer = configuration.layer(configuration.member.keras_layer)
    layer.build(inputs[0].shape)
    layer.set_weights(ours.get_weights())
    return _answers(configuration, layer, inputs)


def _beside_torch(
    configuration: Configuration, ours: keras.layers.Layer, inputs: Arrays
) -> Answers:
    """What torch's module gives."""
    from nlpkit.compare import torch_adapter

    activation = configuration.arguments["activation"]
    options = {"nonlinearity": activation} if configuration.member.torch_name == "RNN" else {}
    return torch_adapter.answers(ours, inputs, seed=configuration.seed, **options)


def _answers(configuration: Configuration, layer: keras.layers.Layer, inputs: Arrays) -> Answers:
    """What a layer gives, and its gradients by the inputs, then by the weights."""
    sizes = configuration.batch, configuration.time
    mask = draw_mask(configuration.mask, *sizes, configuration.seed)

    def call(sequences, *states):
        options = {"initial_state": list(states) or None, "training": configuration.training}
        outputs = layer(sequences, mask=mask, **options)
        return list(outputs) if isinstance(outputs, list | tuple) else [outputs]

    return vjp(call, layer.trainable_variables, inputs, seed=configuration.seed)


def _by_kind(configuration: Configuration, values: Arrays, gradients: Arrays) -> dict[str, Arrays]:
    """What a layer gives, by kind."""
    returned = configuration.states if configuration.arguments["return_state"] else 0
    inputs = 1 + configuration.states * configuration.initial_state
    return {
        "outputs": values[: len(values) - returned],
        "states": values[len(values) - returned :],
        "gradients by inputs": gradients[:inputs],
        "gradients by weights": gradients[inputs:],
    }


def _error(got: Arrays, expected: Arrays, tolerance: Tolerance) -> float:
    """The worst error, as a fraction of the largest entry of each array."""
    forms = [[(array.shape, str(array.dtype)) for array in arrays] for arrays in (got, expected)]
    if forms[0] != forms[1]:
        raise ValueError(f"are {forms[0]}, the other layer's are {forms[1]}.")
    errors = [
        float(np.max(np.abs(array - want), initial=0)) / tolerance.scale(want)
        for array, want in zip(got, expected, strict=True)
    ]
    if not np.isfinite(errors).all():
        raise ValueError("are not all numbers.")
    return max(errors, default=0.0)


def require(plan: Plan) -> None:
    """Insists that there is something to compare each cell with; see `Benchmark`."""
    require_cells(plan)
    for cell in plan.cells:
        if not pairs([cell]):
            raise InputError(
                f"`--cells` must be cells that Keras or torch has where parity is compared, got "
                f"{cell!r}."
            )


def measure(plan: Plan, say: Callable[[str], None]) -> dict[str, Any]:
    """Draws and compares; see `Benchmark`."""
    each, count = [], plan.configurations
    for cell, library in pairs(plan.cells):
        drawing = sample_configurations(count, plan.seed, cell=cell, library=library)
        for number, configuration in enumerate(drawing, start=1):
            differences = compared(configuration)
            each.append(
                {
                    "configuration": dataclasses.asdict(configuration),
                    "differences": [dataclasses.asdict(difference) for difference in differences],
                }
            )
            if number % _SAY_EVERY == 0 or number == count:
                say(f"parity: {cell} beside {library}, {number} of {count} configurations compared")
    return {
        "reference": "equal weights; Keras's layers with use_cudnn=False",
        "backend": keras.backend.backend(),
        "worst": _worst(each),
        "configurations": each,
    }


def _worst(each: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """For each cell and library the worst difference of each kind and type, and where it is."""
    worst: dict[tuple[str, ...], dict[str, Any]] = {}
    for number, entry in enumerate(each):
        pair = {name: entry["configuration"][name] for name in ("cell", "library")}
        for difference in entry["differences"]:
            key = *pair.values(), difference["what"], difference["dtype"]
            if key not in worst or difference["error"] > worst[key]["error"]:
                worst[key] = {**pair, **difference, "configuration": number}
    return [worst[key] for key in sorted(worst)]


def check(found: dict[str, Any]) -> None:
    """Raises `NotEqualError` if an error is larger than allowed; see `Benchmark`."""
    for worst in found["worst"]:
        if not worst["error"] <= worst["allowed"]:
            configuration = found["configurations"][worst["configuration"]]["configuration"]
            raise NotEqualError(
                f"{worst['what']} are off by {worst['error']:.1e} of the largest entry, "
                f"{worst['allowed']:.1e} allowed, in {configuration}."
            )


BENCHMARK = Benchmark(require=require, measure=measure, table=table, picture=picture, check=check)
