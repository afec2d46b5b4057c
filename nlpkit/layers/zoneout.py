"""Zoneout: units of a state that keep their value over a step."""

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from nlpkit.cells import Cell
from nlpkit.checks import check_fraction
from nlpkit.errors import InputError

__all__ = ["ZoneoutRNNCell"]


class ZoneoutRNNCell:
    """What a cell's layer has of zoneout, as Keras's `DropoutRNNCell` has dropout.

    Attributes:
        zoneout: One rate for all states, or one for each.
        declaration: The cell.
        widths: Of the states.
        compute_dtype: The type of the states.
        seed_generator: What is drawn by.
    """

    zoneout: float | tuple[float, ...] = 0.0
    declaration: Cell
    widths: tuple[int, ...]
    compute_dtype: str
    seed_generator: keras.random.SeedGenerator

    def check_zoneout(self) -> None:
        """Requires a fraction, or one for each state, which is 0 for those that are tied.

        Raises:
            InputError: If it is anything else.
        """
        states = self.declaration.states
        if not isinstance(self.zoneout, list | tuple):
            check_fraction("zoneout", self.zoneout)
            return
        if len(self.zoneout) != len(states):
            names = " and ".join(state.name for state in states)
            raise InputError(
                f"`zoneout` must be one number or {len(states)}, for {names}, "
                f"got {len(self.zoneout)}."
            )
        for rate, state in zip(self.zoneout, states, strict=True):
            check_fraction("zoneout", rate)
            if rate and state.tied:
                raise InputError(
                    f"`zoneout` must be 0 for {state.name}, which shares its scale with other "
                    f"states, got {rate!r}."
                )

    def zoneout_rates(self) -> tuple[float, ...]:
        """The zoneout rate of each state; one number is for all but those that are tied."""
        if isinstance(self.zoneout, list | tuple):
            return tuple(self.zoneout)
        return tuple(0.0 if state.tied else self.zoneout for state in self.declaration.states)

    def zoneout_fractions(self, shape: tuple, training: bool) -> tuple[Any, ...]:
        """How much of each state a step keeps (Krueger et al. 2017).

        Args:
            shape: The axes ahead of the state's own, [B] or [B, T].
            training: Whether to draw 0 or 1; else each fraction is the rate.

        Returns:
            Tensors, [*shape, width] or the rates; none where nothing zones out.
        """
        rates = self.zoneout_rates()
        if not any(rates):
            return ()
        if not training:
            ones = ops.ones((*[1] * len(shape), 1), self.compute_dtype)
            return tuple(rate * ones for rate in rates)
        return tuple(
            ops.cast(
                keras.random.uniform((*shape, width), seed=self.seed_generator) < rate,
                self.compute_dtype,
            )
            for rate, width in zip(rates, self.widths, strict=True)
        )

    def zoned_out(
        self, before: tuple, after: tuple, fractions: Sequence[Any] | None, training: bool
    ) -> tuple:
        """The states of which zoneout has kept some as they were.

        Args:
            before: The states before a step, [B, width] each.
            after: The states after it.
            fractions: How much of each is kept. Default: drawn here.
            training: Whether to draw.

        Returns:
            Tensors [B, width] each.
        """
        if not any(self.zoneout_rates()):
            return after
        if fractions is None:
            fractions = self.zoneout_fractions((ops.shape(before[0])[0],), training)
        kept = zip(fractions, before, after, strict=True)
        return tuple(k * b + (1 - k) * a for k, b, a in kept)
