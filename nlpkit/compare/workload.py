"""The workload of all implementations: the sizes, and the arrays of one size."""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from nlpkit.errors import InputError

if TYPE_CHECKING:
    from nlpkit.layers import Member, Recurrent

__all__ = ["QUICK", "SHAPES", "Shape", "Workload"]


@dataclass(frozen=True)
class Shape:
    """The size of a recurrent layer and of its inputs.

    Attributes:
        batch: Rows, B.
        time: Steps of each row, T.
        features: Features of each step, I.
        units: Width of the state, U.

    Example:
        >>> str(Shape(32, 200, 128, 64))
        '32,200,128,64'
    """

    batch: int
    time: int
    features: int
    units: int

    def __str__(self) -> str:
        return f"{self.batch},{self.time},{self.features},{self.units}"

    @classmethod
    def parse(cls, text: str) -> "Shape":
        """Parses a shape from the command line.

        Args:
            text: Batch, time, features and units, separated by commas.

        Returns:
            The shape.

        Raises:
            InputError: If the text is not four positive integers.

        Example:
            >>> Shape.parse("8,20,16,32").units
            32
        """
        sizes = text.split(",")
        if len(sizes) != 4 or not all(size.strip().isdecimal() for size in sizes):
            sizes = ["0"]
        numbers = [int(size) for size in sizes]
        if 0 in numbers:
            raise InputError(
                "`--shape` must be four positive integers, batch,time,features,units, as in "
                f"32,200,128,128, got {text!r}."
            )
        return cls(*numbers)


SHAPES = (
    Shape(32, 200, 128, 128),
    Shape(64, 200, 128, 128),
    Shape(64, 80, 64, 64),
    Shape(20, 20, 200, 200),
    Shape(20, 35, 650, 650),
    Shape(128, 100, 256, 256),
    Shape(1, 100, 128, 128),
)
"""What `nlpkit compare` measures: text classifiers, the small and medium language models of
Zaremba et al. (2014), a large batch, and a single request."""

QUICK = (Shape(8, 20, 16, 16), Shape(1, 20, 16, 16))
"""Sizes that take seconds."""


@dataclass(frozen=True)
class Workload:
    """A cell with random inputs, mask, cotangent, states and weights of one shape.

    Attributes:
        shape: The size.
        seed: Equal seeds give equal numbers.
        cell: A key of `nlpkit.layers.FAMILY`. Default: "lstm".
    """

    shape: Shape
    seed: int = 0
    cell: str = "lstm"

    @property
    def member(self) -> "Member":
        """The member of the family."""
        from nlpkit.layers import member

        return member(self.cell)

    @cached_property
    def inputs(self) -> np.ndarray:
        """Sequences, float32 [B, T, I], normally distributed."""
        return self._normal(0, (self.shape.batch, self.shape.time, self.shape.features))

    @cached_property
    def mask(self) -> np.ndarray:
        """Padding on the right, bool [B, T]: lengths are drawn evenly from T/2 to T."""
        time = self.shape.time
        lengths = self._rng(1).integers((time + 1) // 2, time + 1, (self.shape.batch, 1))
        return np.arange(time) < lengths

    @cached_property
    def cotangent(self) -> np.ndarray:
        """The derivative of a loss by each output, float32 [B, T, width]."""
        return self._normal(2, (self.shape.batch, self.shape.time, self.layer.cell.output_size))

    @cached_property
    def target(self) -> np.ndarray:
        """The targets for `fit`, float32 [B, 1]."""
        return self._normal(3, (self.shape.batch, 1))

    @cached_property
    def states(self) -> list[np.ndarray]:
        """The states before the first step, float32 [B, width] each."""
        initial = self.layer.get_initial_state(1)
        return [
            self._normal(4 + number, (self.shape.batch, state.shape[1]))
            for number, state in enumerate(initial)
        ]

    @cached_property
    def layer(self) -> "Recurrent":
        """Our layer, its weights scaled so that sums over their inputs stay near 1."""
        layer = self.member.make(self.shape.units)
        layer.build((None, None, self.shape.features))
        layer.set_weights(
            [
                self._normal(10 + number, weight.shape) / np.float32(np.sqrt(weight.shape[0]))
                for number, weight in enumerate(layer.weights)
            ]
        )
        return layer

    @cached_property
    def weights(self) -> list[np.ndarray]:
        """The weights, float32; Keras's layer has the same order."""
        return self.layer.get_weights()

    def _normal(self, stream: int, shape: tuple[int, ...]) -> np.ndarray:
        """Normally distributed float32."""
        return self._rng(stream).standard_normal(shape, "float32")

    def _rng(self, stream: int) -> np.random.Generator:
        """An independent generator for each array."""
        return np.random.default_rng((self.seed, stream))
