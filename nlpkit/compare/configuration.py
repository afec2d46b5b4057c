"""Random configurations of a recurrent layer: arguments, sizes, mask, states, direction."""

import inspect
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np

from nlpkit.layers import FAMILY, Member
from nlpkit.testing.masks import MASKS

__all__ = ["Configuration", "sample_configurations"]

# Values that are more common in use are drawn more often.
_ARGUMENTS = {
    "units": (1, 3, 8),
    "activation": ("tanh", "tanh", "tanh", "relu", "softsign", None),
    "recurrent_activation": ("sigmoid", "sigmoid", "hard_sigmoid", "tanh"),
    "use_bias": (True, True, False),
    "unit_forget_bias": (True, False),
    "dropout": (0.0, 0.0, 0.4, 1.0),
    "recurrent_dropout": (0.0, 0.0, 0.3),
    "implementation": (1, 2),
    "return_sequences": (True, False),
    "return_state": (True, False),
    "go_backwards": (True, False),
    "unroll": (True, False),
    "zero_output_for_mask": (True, False),
}
_DTYPES = ("float32", "float32", "float64")
_CALLS = {
    "batch": (1, 3),
    "time": (1, 2, 6),
    "features": (1, 4),
    "mask": tuple(MASKS),
    "initial_state": (True, False),
    "merge_mode": ("", "", "", "concat", "sum", "mul", "ave", None),
    "training": (True, False),
    "seed": tuple(range(10)),
}
# torch.nn's layers have no arguments for the rest.
_WITH_TORCH = {
    "activation": ("tanh", "tanh", "relu"),
    "recurrent_activation": ("sigmoid",),
    "dropout": (0.0,),
    "recurrent_dropout": (0.0,),
    "return_sequences": (True,),
    "return_state": (True,),
    "go_backwards": (False,),
    "mask": ("none",),
    "merge_mode": ("",),
}


@dataclass(frozen=True, kw_only=True)
class Configuration:
    """A configuration of a layer and of a call.

    Attributes:
        cell: A key of `nlpkit.layers.FAMILY`.
        library: Whose layer it is compared with, "keras" or "torch".
        arguments: The arguments of the layer.
        batch: The number of rows.
        time: The number of steps.
        features: The number of features of a step.
        mask: A key of `MASKS`.
        initial_state: Whether the call passes initial states.
        merge_mode: The `merge_mode` of Bidirectional; "" for one direction.
        training: Whether dropout is active.
        seed: Seed of weights, inputs, mask, cotangents and dropout.
    """

    cell: str
    library: str
    arguments: dict[str, Any]
    batch: int
    time: int
    features: int
    mask: str
    initial_state: bool
    merge_mode: str | None
    training: bool
    seed: int

    @property
    def member(self) -> Member:
        """The member of the family."""
        return FAMILY[self.cell]

    @property
    def states(self) -> int:
        """The number of states of the layer, in both directions together."""
        return len(self.member.cell.states) * (1 if self.merge_mode == "" else 2)

    def layer(self, make: type[keras.layers.RNN]) -> keras.layers.Layer:
        """Makes a layer, inside Bidirectional if the configuration says so.

        Args:
            make: The class of the layer, ours or Keras's.

        Returns:
            The layer, not built.
        """
        arguments = {**self.member.arguments, **self.arguments, "seed": self.seed}
        # use_cudnn=False selects Keras's portable loop, the reference. With "auto" Keras cannot
        # run dropout with implementation=1.
        if "use_cudnn" in inspect.signature(make).parameters:
            arguments["use_cudnn"] = False
        if self.merge_mode == "":
            return make(**arguments)
        # Bidirectional sets `go_backwards` itself. `implementation` is missing from get_config() of
        # Keras's layer, so the two copies would lose it.
        fixed = {"go_backwards": False, "implementation": 2}
        arguments |= {name: value for name, value in fixed.items() if name in arguments}
        return keras.layers.Bidirectional(
            make(**arguments), merge_mode=self.merge_mode, dtype=self.arguments["dtype"]
        )

    def inputs(self, rng: np.random.Generator) -> list[np.ndarray]:
        """Draws the inputs of the call.

        Args:
            rng: The generator.

        Returns:
            The sequences, then the initial states if there are any.
        """
        shapes: list[tuple[int, ...]] = [(self.batch, self.time, self.features)]
        if self.initial_state:
            sizes = self.member.make(**self.arguments).cell.state_size
            widths = sizes if isinstance(sizes, list) else [sizes]
            shapes += [(self.batch, w) for w in widths] * (self.states // len(widths))
        return [rng.normal(size=shape).astype(self.arguments["dtype"]) for shape in shapes]


def sample_configurations(
    count: int, seed: int = 0, *, cell: str = "lstm", library: str = "keras"
) -> Iterator[Configuration]:
    """Draws configurations that both layers can run on the current backend.

    Configurations in which rounding alone exceeds the tolerance are left out.

    Args:
        count: The number of configurations.
        seed: Equal seeds give equal configurations; a larger `count` only adds more.
        cell: A key of `nlpkit.layers.FAMILY`.
        library: "keras" or "torch".

    Yields:
        Configurations with arguments that the layer of the cell has.

    Example:
        >>> [configuration.mask for configuration in sample_configurations(2, seed=0)] == [
        ...     configuration.mask for configuration in sample_configurations(2, seed=0)
        ... ]
        True
    """
    rng = np.random.default_rng(seed)
    taken = inspect.signature(FAMILY[cell].layer).parameters
    arguments = {name: values for name, values in _ARGUMENTS.items() if name in taken}
    arguments, calls = {**arguments, "dtype": _DTYPES}, _CALLS
    if library == "torch":
        arguments, calls = _with_torch(arguments), _with_torch(calls)
    while count:
        configuration = Configuration(
            cell=cell,
            library=library,
            arguments=_draw(arguments, rng),
            **_draw(calls, rng),
        )
        if _comparable(configuration):
            yield configuration
            count -= 1


def _with_torch(choices: Mapping[str, tuple]) -> dict[str, tuple]:
    """The choices that torch supports too."""
    return {name: _WITH_TORCH.get(name, values) for name, values in choices.items()}


def _comparable(configuration: Configuration) -> bool:
    """Whether the other library can run it here, and float32 is precise enough."""
    arguments = configuration.arguments
    relu = arguments["activation"] == "relu"
    if configuration.library == "torch":
        # In torch only RNN has another activation than tanh, and a projection must be narrower.
        narrow = arguments["units"] == 1 and configuration.cell == "projected-lstm"
        return not narrow and (not relu or configuration.member.torch_name == "RNN")
    # Keras's SimpleRNN leaves the seed out of get_config(), so Bidirectional's copies draw
    # dropout masks of their own.
    dropping = configuration.training and (arguments["dropout"] or arguments["recurrent_dropout"])
    seedless = configuration.member.keras_name == "SimpleRNN" and configuration.merge_mode != ""
    # Keras's own loop on torch cannot unroll under a mask.
    unrolls_under_mask = arguments["unroll"] and configuration.mask != "none"
    # With gates that can be negative an unbounded state suffers from cancellation: Keras's float32
    # then differs from float64 by more than the tolerance. A GRU's state is unbounded as
    # well: where its update gate z is negative, 1 - z exceeds 1.
    unbounded = relu or arguments["activation"] is None or "z" in configuration.member.cell.gates
    cancels = unbounded and arguments.get("recurrent_activation") == "tanh"
    left_out = keras.backend.backend() == "torch" and unrolls_under_mask
    return not (cancels or left_out or (seedless and dropping))


def _draw(choices: Mapping[str, tuple], rng: np.random.Generator) -> dict[str, Any]:
    """Draws one value for each name."""
    return {name: values[rng.integers(len(values))] for name, values in choices.items()}
