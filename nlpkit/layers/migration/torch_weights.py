"""Weights of torch's recurrent modules as layers, and back; torch itself is not needed."""

import itertools
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np

from nlpkit.errors import InputError, listed
from nlpkit.layers.family import FAMILY, Member
from nlpkit.layers.migration.inputs import as_array
from nlpkit.layers.migration.torch_layers import check_torch_has, layer_of, levels_of

__all__ = ["from_torch", "to_torch"]

_GATES = {"LSTM": ("i", "f", "g", "o"), "GRU": ("r", "z", "g"), "RNN": ("g",)}
"""The gates in torch's order; what torch calls n is g here."""

_NAME = re.compile(r"(?:weight|bias)_(?:ih|hh|hr)_l\d+(?:_reverse)?$")


@dataclass(frozen=True, kw_only=True)
class _Sizes:
    """The sizes of a torch module.

    Args:
        features: I.
        units: U.
        output: H, of each direction.
        levels: How many layers stand on each other.
        directions: 1 or 2.
        bias: Whether there are biases.
    """

    features: int
    units: int
    output: int
    levels: int
    directions: int
    bias: bool

    def parts(self):
        """The endings of the names: each level's directions."""
        endings = ("", "_reverse")[: self.directions]
        return [[f"_l{level}{ending}" for ending in endings] for level in range(self.levels)]

    def shapes(self, gates):
        """The shape of each array by its name, for a number of gates."""
        shapes: dict[str, tuple[int, ...]] = {}
        for level, endings in enumerate(self.parts()):
            features = self.directions * self.output if level else self.features
            for ending in endings:
                shapes[f"weight_ih{ending}"] = (gates * self.units, features)
                shapes[f"weight_hh{ending}"] = (gates * self.units, self.output)
                if self.bias:
                    shapes[f"bias_ih{ending}"] = shapes[f"bias_hh{ending}"] = (gates * self.units,)
                if self.output != self.units:
                    shapes[f"weight_hr{ending}"] = (self.output, self.units)
        return shapes


def from_torch(
    state: Mapping[str, Any], *, prefix: str | None = None, **arguments: Any
) -> keras.layers.Layer:
    """A layer with the weights of a `torch.nn.LSTM`, `GRU` or `RNN`.

    Kind, sizes, number of layers and directions are read from the names and shapes. Several
    layers of one direction become one layer with `num_layers`, two directions become
    `keras.layers.Bidirectional`, and several layers of two directions a `keras.Sequential` of
    those, since there each layer reads both directions of the one below.

    Args:
        state: The module's `state_dict()`, `dict(module.named_parameters())`, or a mapping from
            the same names to arrays.
        prefix: How the names of the module begin in the `state_dict` of a whole model, as
            `"encoder.lstm."`. Default: `None`, as the only recurrent module's do.
        **arguments: Of the layer, which torch keeps apart from the weights or does not have:
            `return_sequences=True` for torch's first result, `activation="relu"` for an RNN with
            that nonlinearity, `layer_dropout` for torch's `dropout`; or `zoneout=0.1`. States
            that `learned_initial_state` makes weights begin as torch's do, at zero.

    Returns:
        The built layer.

    Raises:
        InputError: If an array is missing, holds no numbers that NumPy has, or is of another
            shape than the others ask for; or an argument is one that the arrays decide, or asks
            for a cell that torch does not have.

    Example:
        >>> state = {"weight_ih_l0": np.ones((12, 3)), "weight_hh_l0": np.ones((12, 4))}
        >>> layer = from_torch(state, return_sequences=True)
        >>> type(layer).__name__, layer.units, layer.use_bias
        ('GRU', 4, False)
        >>> tuple(layer(np.ones((2, 5, 3), "float32")).shape)
        (2, 5, 4)
    """
    arrays = _arrays(state, prefix)
    sizes = _sizes(arrays)
    member = _member(arrays, sizes)
    _check(arrays, sizes.shapes(len(member.cell.gates)))
    decided = {"use_bias": sizes.bias, "units": sizes.units, "num_layers": sizes.levels}
    if sizes.output != sizes.units:
        decided["projection_units"] = sizes.output
    for name in decided.keys() & arguments.keys():
        raise InputError(
            f"`{name}` must not be given, since `state` says {decided[name]!r}, got "
            f"{arguments[name]!r}."
        )
    layer = layer_of(member, decided, arguments, features=sizes.features, both=sizes.directions > 1)
    cells = itertools.chain(*levels_of(layer))
    for ending, cell in zip(itertools.chain(*sizes.parts()), cells, strict=True):
        cell.set_weights(_from_torch(member, arrays, ending))
    return layer


def to_torch(layer: keras.layers.Layer) -> dict[str, np.ndarray]:
    """The weights of a layer as torch's modules have them: the way back of `from_torch`.

    Args:
        layer: A built layer, `keras.layers.Bidirectional` around one, or a `keras.Sequential` of
            those, as `from_torch` gives them.

    Returns:
        Arrays by the names of torch's `state_dict`.

    Raises:
        InputError: If torch has no such module, or it has other numbers.

    Example:
        >>> from nlpkit.layers import LSTM
        >>> layer = LSTM(4)
        >>> layer.build((None, None, 3))
        >>> {name: array.shape for name, array in to_torch(layer).items()}["weight_ih_l0"]
        (16, 3)
    """
    check_torch_has(layer)
    arrays: dict[str, np.ndarray] = {}
    for level, cells in enumerate(levels_of(layer)):
        for cell, direction in zip(cells, ("", "_reverse"), strict=False):
            arrays |= _to_torch(cell, f"_l{level}{direction}")
    return arrays


def _arrays(state, prefix):
    """The arrays of one recurrent module by their names in it."""
    if not isinstance(state, Mapping):
        raise InputError(f"`state` must be a `state_dict`, got a {type(state).__name__}.")
    names = {name: match for name in state if (match := _NAME.search(str(name)))}
    prefixes = sorted({name[: match.start()] for name, match in names.items()})
    if not prefixes:
        raise InputError(
            "`state` must be that of a torch.nn.LSTM, GRU or RNN, with 'weight_ih_l0' and the "
            f"like, got {listed(state) or 'an empty one'}."
        )
    if prefix is None and len(prefixes) == 1:
        (prefix,) = prefixes
    if prefix not in prefixes:
        raise InputError(f"`prefix` must be one of {listed(prefixes)}, got {prefix!r}.")
    wanted = [name for name, match in names.items() if name[: match.start()] == prefix]
    return {
        name.removeprefix(prefix): as_array(f"`state[{name!r}]`", state[name]) for name in wanted
    }


def _sizes(arrays):
    """What the arrays are of, as far as the first layer's tell."""
    for name in ("weight_ih_l0", "weight_hh_l0"):
        if name not in arrays or arrays[name].ndim != 2:
            got = list(arrays[name].shape) if name in arrays else "none"
            raise InputError(f"`state` must have a matrix {name!r}, got {got}.")
    output = arrays["weight_hh_l0"].shape[1]
    projection = arrays.get("weight_hr_l0")
    return _Sizes(
        features=arrays["weight_ih_l0"].shape[1],
        units=output if projection is None else projection.shape[-1],
        output=output,
        levels=1 + max(int(re.findall(r"\d+", name)[0]) for name in arrays),
        directions=1 + any(name.endswith("_reverse") for name in arrays),
        bias=any(name.startswith("bias") for name in arrays),
    )


def _member(arrays, sizes):
    """The member of the family whose module has the shapes of the first layer."""
    rows, projected = arrays["weight_hh_l0"].shape[0], "weight_hr_l0" in arrays
    for member in FAMILY.values():
        has = any(weight.name == "projection_kernel" for weight in member.cell.weights)
        gates = len(member.cell.gates)
        if member.torch_name and gates * sizes.units == rows and has == projected:
            return member
    raise InputError(
        "`state['weight_hh_l0']` must have 4 rows for each unit, as torch.nn.LSTM has, 3 as GRU, "
        f"or 1 as RNN, got {rows} for {sizes.units}."
    )


def _check(arrays, shapes):
    """Raises unless there are the arrays of these shapes, and no more."""
    for name in sorted(shapes.keys() ^ arrays.keys()):
        rest = "must have" if name in shapes else "must not have"
        raise InputError(f"`state` {rest} {name!r} beside {listed(shapes.keys() & arrays.keys())}.")
    for name, shape in shapes.items():
        if arrays[name].shape != shape:
            raise InputError(
                f"`state[{name!r}]` must be {list(shape)}, got {list(arrays[name].shape)}."
            )


def _reordered(array, order, into):
    """The blocks of rows, one for each gate, in another order."""
    blocks = np.split(array, len(order))
    return np.concatenate([blocks[order.index(gate)] for gate in into])


def _from_torch(member: Member, arrays, ending):
    """The weights of a cell in their order."""
    order, into = _GATES[member.torch_name or ""], member.cell.gates
    by_name = {
        "kernel": _reordered(arrays[f"weight_ih{ending}"], order, into).T,
        "recurrent_kernel": _reordered(arrays[f"weight_hh{ending}"], order, into).T,
    }
    if f"weight_hr{ending}" in arrays:
        by_name["projection_kernel"] = arrays[f"weight_hr{ending}"].T
    if f"bias_ih{ending}" in arrays:
        biases = [_reordered(arrays[f"bias_{of}{ending}"], order, into) for of in ("ih", "hh")]
        by_name["bias"] = np.stack(biases) if _two_biases(member) else sum(biases)
    return [by_name[weight.name] for weight in member.cell.weights if weight.name in by_name]


def _to_torch(cell, ending):
    """The arrays of a cell by their names."""
    member = FAMILY[cell.declaration.name]
    order, into = member.cell.gates, _GATES[member.torch_name or ""]
    weights = {
        weight.name: keras.ops.convert_to_numpy(getattr(cell, weight.name))
        for weight in member.cell.weights
        if getattr(cell, weight.name) is not None
    }
    arrays = {
        f"weight_ih{ending}": _reordered(weights["kernel"].T, order, into),
        f"weight_hh{ending}": _reordered(weights["recurrent_kernel"].T, order, into),
    }
    if "bias" in weights:
        bias = weights["bias"]
        # Torch adds two where one is enough.
        biases = bias if _two_biases(member) else (bias, np.zeros_like(bias))
        for of, each in zip(("ih", "hh"), biases, strict=True):
            arrays[f"bias_{of}{ending}"] = _reordered(each, order, into)
    if "projection_kernel" in weights:
        arrays[f"weight_hr{ending}"] = weights["projection_kernel"].T
    return arrays


def _two_biases(member):
    """Whether the bias of the input and that of the state are kept apart."""
    return any(weight.name == "bias" and weight.shape[0] == 2 for weight in member.cell.weights)
