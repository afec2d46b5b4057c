"""The signature of a recurrent layer: what every layer takes, as far as its cell has a use for it.

A layer class declares the arguments that are its own, or those whose default is its own, as
attributes (`argument`); `give_signature` makes the constructor of all of them.
"""

import dataclasses
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from nlpkit.cells import Cell
from nlpkit.errors import InputError
from nlpkit.layers.arguments import OF_THE_LAYER

__all__ = ["argument", "bound", "check_known", "defaults_of", "give_signature", "parameters_of"]


def _of_every_layer(
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
    norm_gamma_initializer: Any = "ones",
    norm_beta_initializer: Any = "zeros",
    norm_epsilon: float = 1e-3,
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
    native: bool = True,
    **kwargs: Any,
) -> None:
    """The arguments of the family in the order of `keras.layers.LSTM`; `Recurrent` has their text.

    Those after the star are Keras's keyword arguments and nlpkit's own.
    """


def _has_use(cell: Cell, name: str) -> bool:
    """Whether an argument of the family changes anything in a cell."""
    subject, _, kind = name.rpartition("_")
    if kind in ("initializer", "regularizer", "constraint") and subject != "activity":
        return any(weight.arguments == subject for weight in cell.weights)
    if name in ("activation", "recurrent_activation", "cell_clip", "norm_epsilon"):
        return name in cell.options
    needs = {
        "use_bias": any(weight.option == "use_bias" for weight in cell.weights),
        "unit_forget_bias": cell.forget_gate is not None,
        "recurrent_dropout": cell.recurrent,
        "implementation": len(cell.gates) > 1,
        "return_cell_sequences": "c" in cell.state_names,
    }
    return needs.get(name, True)


@dataclass(frozen=True, kw_only=True)
class _Argument:
    """What a layer declares of an argument, see `argument`."""

    default: Any
    after: str | None
    keyword_only: bool
    annotation: Any = Any


def argument(default: Any, *, after: str | None = None, keyword_only: bool = False) -> Any:
    """Declares an argument of a recurrent layer, as an attribute of its class.

    The layer's `declared` gets it; it has the attribute's annotation as its type.

    Args:
        default: Its default.
        after: The argument that it follows, and is as that one is: positional or by keyword only.
            Default: an argument of every layer stays where it is, a new one is the last.
        keyword_only: Whether it is given by keyword only. Default: `False`.

    Returns:
        What stands for the argument until `Recurrent` makes a property of it.

    Example:
        >>> from nlpkit import cells
        >>> from nlpkit.layers import Recurrent, cell_layer
        >>> class Clipped(Recurrent):
        ...     activation: str = argument("relu")
        ...     cell_clip: float = argument(3.0, after="units")
        ...     declared = staticmethod(lambda **arguments: cells.LSTM)
        >>> [*inspect.signature(Clipped).parameters][:3]
        ['units', 'cell_clip', 'activation']
    """
    return _Argument(default=default, after=after, keyword_only=keyword_only)


def parameters_of(layer: Callable) -> dict[str, inspect.Parameter]:
    """The named arguments of a layer, in order.

    Args:
        layer: A class, or what stands for its constructor.

    Returns:
        Parameters by name, `**kwargs` apart.
    """
    parameters = inspect.signature(layer).parameters
    return {n: p for n, p in parameters.items() if p.kind is not inspect.Parameter.VAR_KEYWORD}


def defaults_of(layer: Callable) -> dict[str, Any]:
    """The defaults of a layer's arguments.

    Args:
        layer: A class, or what stands for its constructor.

    Returns:
        Values by name; `units` has none.
    """
    parameters = parameters_of(layer)
    return {n: p.default for n, p in parameters.items() if p.default is not p.empty}


def bound(
    layer: type, signature: inspect.Signature, args: tuple, kwargs: dict[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The arguments of a call of a class by name, with the defaults of those that are left out.

    Args:
        layer: The class.
        signature: Its signature.
        args: What was given by position.
        kwargs: What was given by name.

    Returns:
        The values of the signature's arguments by name, scalars of NumPy as Python's; and what
        falls to `**kwargs`.

    Raises:
        TypeError: As Python's, if they do not fit.
    """
    try:
        given = signature.bind(*args, **kwargs)
    except TypeError as error:
        raise TypeError(f"{layer.__name__}() {error}") from None
    given.apply_defaults()
    # Keras and JSON take no integers and Booleans of NumPy.
    named = {n: v.item() if isinstance(v, np.generic) else v for n, v in given.arguments.items()}
    return named, named.pop("kwargs", {})


def check_known(layer: Any, family: list[type], given: Mapping[str, Any]) -> None:
    """Requires that a layer is given nothing that only others of its family have a use for.

    Args:
        layer: The layer's class, with `cell_class`.
        family: All classes of layers.
        given: What it was given beyond what every layer takes, by name.

    Raises:
        InputError: If another layer would take it.
    """
    for name in given.keys() - parameters_of(layer.cell_class).keys() - {*OF_THE_LAYER}:
        if any(name in parameters_of(other) for other in family):
            raise InputError(
                f"`{name}` must be left out, since {layer.__name__} has nothing that it could "
                f"change, got {given[name]!r}."
            )


def give_signature(layer: Any, base: Any) -> bool:
    """Gives a layer class its constructor, which takes every argument that the cell has a use for.

    A class that has written a constructor of its own, or inherits one, is left as it is.

    Args:
        layer: The class, with `declared`.
        base: `Recurrent`, whose constructor takes them by name.

    Returns:
        Whether it was given one.
    """
    own = layer.declared_arguments = _declared_arguments(layer)
    written = layer.__init__ is not base.__init__ and not hasattr(layer.__init__, "__signature__")
    if written or layer.declared is base.declared:
        return False
    common = inspect.signature(_of_every_layer).parameters
    defaults = {**defaults_of(_of_every_layer), **{n: a.default for n, a in own.items()}}
    cell = layer.declared(**defaults)
    parameters = [p for name, p in common.items() if _has_use(cell, name)]
    for name, declared in own.items():
        parameters = _with(parameters, name, declared)
    layer.__init__ = _constructor(layer, inspect.Signature(parameters))
    return True


def _declared_arguments(layer):
    """What a class, and those that it inherits from, declare by `argument`."""
    annotations = inspect.get_annotations(layer)
    own = {
        name: dataclasses.replace(value, annotation=annotations.get(name, Any))
        for name, value in vars(layer).items()
        if isinstance(value, _Argument)
    }
    return {**getattr(layer, "declared_arguments", {}), **own}


def _with(parameters, name, declared):
    """The parameters with a declared argument in its position."""
    names = [parameter.name for parameter in parameters if parameter.name != name]
    known = {parameter.name: parameter for parameter in parameters}
    if declared.after is not None:
        if declared.after not in names:
            raise InputError(
                f"`after` of `{name}` must be an argument of the layer, got {declared.after!r}."
            )
        position, kind = names.index(declared.after) + 1, known[declared.after].kind
    elif name in known:
        position, kind = [*known].index(name), known[name].kind
    else:
        position, kind = len(names), inspect.Parameter.KEYWORD_ONLY
    made = inspect.Parameter(
        name,
        inspect.Parameter.KEYWORD_ONLY if declared.keyword_only else kind,
        default=declared.default,
        annotation=declared.annotation,
    )
    rest = [known[each] for each in names]
    return sorted([*rest[:position], made, *rest[position:]], key=lambda each: each.kind)


def _constructor(layer, signature):
    """The constructor of a layer class."""

    def __init__(self, *args, **kwargs):
        named, further = bound(layer, signature, args, kwargs)
        super(layer, self).__init__(**named, **further)

    of_self = inspect.Parameter("self", inspect.Parameter.POSITIONAL_OR_KEYWORD)
    parameters = [of_self, *signature.parameters.values()]
    signature_with_self = inspect.Signature(parameters, return_annotation=None)
    vars(__init__)["__signature__"] = signature_with_self
    __init__.__qualname__, __init__.__module__ = f"{layer.__qualname__}.__init__", layer.__module__
    return __init__
