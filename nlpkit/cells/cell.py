"""What a recurrent cell declares, and the letters that are used everywhere.

    B  batch                        x   input projection of one step      [B, G·U]
    T  time                         r   recurrent projection of one step  [B, G·U]
    I  input features               z   what a gate's activation receives [B, U]
    U  units                        h   output state                      [B, H]
    H  width of h, mostly U         c   cell state                        [B, U]
    G  gates                        dh  derivative of the loss by h, and so on
    V  vocabulary

A cell sees one step and owns no weights. Whoever runs it multiplies,

    x = prepare(input · kernel)      r = h · recurrent_kernel

and keeping the two apart lets x be computed for all steps at once. Where a page of equations says
tanh and sigmoid, these are the defaults of the options `activation` and `recurrent_activation`.
"""

import dataclasses
import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

__all__ = [
    "BIAS",
    "COMMON_WEIGHTS",
    "GATE_ROLES",
    "KERNEL",
    "RECURRENT_KERNEL",
    "Cell",
    "Derivative",
    "GateRole",
    "State",
    "Weight",
    "add_bias",
]


@dataclass(frozen=True, kw_only=True)
class State:
    """One state of a cell.

    Args:
        name: Its letter, as in the equations.
        width: The name of its width in `Cell.sizes`. Default: "U".
        initial: The value of every entry before the first step. Default: 0.
        tied: Whether it shares a scale with other states and means nothing without them. Such a
            state is not zoned out, and its value before the first step is not learned.
            Default: `False`.
    """

    name: str
    width: str = "U"
    initial: float = 0.0
    tied: bool = False


@dataclass(frozen=True, kw_only=True)
class Weight:
    """One weight of a cell.

    Args:
        name: Its name in the layer, and in the mapping that `prepare` and `step` get.
        shape: A number, or a name of `Cell.sizes`, for each axis.
        roles: What it is for: "input" multiplies the inputs, "recurrent" multiplies h, "prepare"
            and "step" are read by these functions.
        arguments: The prefix of the layer's arguments that initialise, penalise and constrain it:
            with "bias" `bias_initializer`, `bias_regularizer` and `bias_constraint`.
        option: The layer's argument that decides whether there is one. Default: there always is.
    """

    name: str
    shape: tuple[int | str, ...]
    roles: tuple[str, ...]
    arguments: str
    option: str | None = None


KERNEL = Weight(name="kernel", shape=("I", "GU"), roles=("input",), arguments="kernel")
RECURRENT_KERNEL = Weight(
    name="recurrent_kernel", shape=("H", "GU"), roles=("recurrent",), arguments="recurrent"
)
BIAS = Weight(name="bias", shape=("GU",), roles=("prepare",), arguments="bias", option="use_bias")
COMMON_WEIGHTS = (KERNEL, RECURRENT_KERNEL, BIAS)
"""What most cells have, in the order of their layers."""


GateRole = Literal["forget", "input", "update"]
"""What a gate does to the memory: the further open, a forget gate keeps more of it, an input gate
writes more to it, and an update gate keeps more and writes less, as z of Cho et al.'s GRU."""

GATE_ROLES: Mapping[str, GateRole] = {"f": "forget", "i": "input"}
"""What gates of these names do in most cells."""


def add_bias(product: Any, weights: Mapping[str, Any]) -> Any:
    """Adds the bias to all steps at once, x = product + bias: what most cells do to prepare.

    Args:
        product: input · kernel, [..., G·U].
        weights: `bias`, [G·U] or None; a cell may have none at all.

    Returns:
        x, [..., G·U].
    """
    bias = weights.get("bias")
    return product if bias is None else product + bias


@dataclass(frozen=True, kw_only=True)
class Derivative:
    """The derivative of a cell's `step`, by hand.

    Args:
        options: The options, by name, that it is right for.
        local: `local(kept, state, weights)` gives the local derivatives, which are independent of
            the incoming gradient, so they are computed for all steps at once: it takes any leading
            axes. `kept` is what `step` kept, `state` the states before the step.
        adjoint: `adjoint(local, dstate, weights)` gives `dx`, `dr` and the derivatives by the
            states before the step. It is linear in `dstate`. A dependence by way of `r` is not in
            the latter: the caller, who multiplied, adds it.
        weights: `weights(kept, state, dx, dr)` gives the derivatives by the weights that `step`
            reads, by name, from those of all steps. Default: it reads none.
        adds_projections: Whether `step` reads x and r only as x + r, so that their derivatives
            are one and the same. Default: `False`.
    """

    options: Mapping[str, Any]
    local: Callable[..., tuple[Any, ...]]
    adjoint: Callable[..., tuple[Any, Any, tuple[Any, ...]]]
    weights: Callable[..., dict[str, Any]] | None = None
    adds_projections: bool = False


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One recurrent cell: the names of its parts, one step forward and, by hand, one step back.

    Args:
        name: The key in `nlpkit.cells.CELLS`.
        gates: Names of the column blocks of the kernels, each U wide, in Keras's order.
        gate_roles: What gates do to the memory, see `GateRole`, by name. A forget gate gives the
            layer the argument `unit_forget_bias` (Jozefowicz et al. 2015); chrono initialization
            (Tallec & Ollivier 2018, section 2) sets the biases of all roles. Names that are no
            gates do not matter. Default: f, if there is one, forgets, and i is an input gate.
        states: The states; the first is the cell's output.
        kept: Names of what `step` keeps, each U wide: all gates, and what else the derivative
            needs.
        step: `step(x, r, state, weights, **options)` gives the next state, a tuple, and what is
            kept, side by side [B, len(kept)·U]. `weights` holds those with the role "step".
        weights: The weights, in the order of the layer. Default: kernel, recurrent kernel, bias.
        options: What `step` takes by name, with the defaults: activations, and the like.
        prepare: `prepare(product, weights)` gives x from input · kernel, for all steps at once.
            Default: it adds the bias.
        prepare_options: Which of the options `prepare` takes by name too. Default: none.
        inside: The last gates, whose recurrent product is not in r: `step` makes it, by
            `inner=`, a function from [B, H] to the product, [B, len(inside)·U]. Default: none.
        derivative: The hand-written derivative of `step`. Default: autodiff makes it.
        scan: For a cell that is linear in its only state, `scan(x, weights, **options)` gives
            a and b of h' = a * h + b, and what is kept, for all steps at once. Default: it is not.
        sizes_of: From the layer's arguments to more sizes by name. Default: none.

    Example:
        >>> from nlpkit.cells import LSTM
        >>> LSTM.gates, LSTM.state_names
        (('i', 'f', 'g', 'o'), ('h', 'c'))
    """

    name: str
    gates: tuple[str, ...]
    gate_roles: Mapping[str, GateRole] = field(default_factory=lambda: GATE_ROLES, hash=False)
    states: tuple[State, ...]
    kept: tuple[str, ...]
    step: Callable[..., tuple[tuple[Any, ...], Any]]
    weights: tuple[Weight, ...] = COMMON_WEIGHTS
    options: Mapping[str, Any] = field(default_factory=dict, hash=False)
    prepare: Callable[..., Any] = add_bias
    prepare_options: tuple[str, ...] = ()
    inside: tuple[str, ...] = ()
    derivative: Derivative | None = field(default=None, hash=False)
    scan: Callable[..., Any] | None = None
    sizes_of: Callable[..., dict[str, int]] | None = None

    @property
    def state_names(self) -> tuple[str, ...]:
        """The letters of the states."""
        return tuple(state.name for state in self.states)

    @property
    def forget_gate(self) -> str | None:
        """The name of the forget gate, if there is one."""
        return next((gate for gate in self.gates if self.gate_roles.get(gate) == "forget"), None)

    @property
    def recurrent(self) -> bool:
        """Whether there is a product with h."""
        return any("recurrent" in weight.roles for weight in self.weights)

    @property
    def hand_derivative(self) -> Derivative | None:
        """The hand-written derivative, if there is one and it is right for the options."""
        derivative = self.derivative
        if derivative and all(self.options[k] == v for k, v in derivative.options.items()):
            return derivative
        return None

    def prepared(self, product: Any, weights: Mapping[str, Any]) -> Any:
        """`prepare` with the cell's options.

        Args:
            product: input · kernel, [..., G·U].
            weights: Those with the role "prepare", by name.

        Returns:
            x, [..., G·U].
        """
        return self.prepare(product, weights, **{n: self.options[n] for n in self.prepare_options})

    def with_options(self, **options: Any) -> "Cell":
        """The cell with other options.

        Args:
            **options: By name; those that are not named stay.

        Returns:
            A cell; the same one for equal options, since graphs are cached by it.

        Example:
            >>> from nlpkit.cells import LSTM
            >>> LSTM.with_options(cell_clip=3.0) is LSTM.with_options(cell_clip=3.0)
            True
        """
        options = {**self.options, **options}
        return self if options == self.options else _with_options(self, tuple(options.items()))

    def sizes(self, features: int | None, units: int, **arguments: Any) -> dict[str, Any]:
        """The sizes that shapes of weights and states are made of.

        Args:
            features: I.
            units: U.
            **arguments: The layer's others.

        Returns:
            Numbers by the names I, U, GU, H, and the cell's own.
        """
        sizes = {"I": features, "U": units, "GU": len(self.gates) * units}
        if self.sizes_of:
            sizes |= self.sizes_of(units=units, **arguments)
        return {**sizes, "H": sizes[self.states[0].width]}


@functools.cache
def _with_options(cell, options):
    return dataclasses.replace(cell, options=dict(options))
