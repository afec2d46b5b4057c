"""The family of recurrent layers: one entry for each, which everything else is fed by."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import keras

from nlpkit.cells import Cell
from nlpkit.checks import check_choice
from nlpkit.errors import InputError
from nlpkit.layers.coupled_lstm import CoupledLSTM
from nlpkit.layers.gru import GRU
from nlpkit.layers.layer_norm_gru import LayerNormGRU
from nlpkit.layers.layer_norm_lstm import LayerNormLSTM
from nlpkit.layers.lstm import LSTM
from nlpkit.layers.lstm_1997 import LSTM1997
from nlpkit.layers.min_gru import MinGRU
from nlpkit.layers.min_lstm import MinLSTM
from nlpkit.layers.peephole_lstm import PeepholeLSTM
from nlpkit.layers.projected_lstm import ProjectedLSTM
from nlpkit.layers.recurrent import Recurrent
from nlpkit.layers.signature import defaults_of
from nlpkit.layers.simple_rnn import SimpleRNN
from nlpkit.layers.slstm import SLSTM

__all__ = ["FAMILY", "Member", "member"]


def by_units(width: int) -> dict[str, int]:
    """The arguments of a layer whose output is as wide as its units.

    Args:
        width: Of the output.

    Returns:
        Arguments of the layer.
    """
    return {"units": width}


@dataclass(frozen=True, kw_only=True)
class Member:
    """One recurrent layer of the family.

    Args:
        name: Its name on the command line, and of its cell in `nlpkit.cells.CELLS`.
        layer: The layer along time.
        arguments: The arguments that tell this member from others of the same layer. Default: none.
        of_width: From the width of the output to the arguments that make it. Default: `units`.
        keras_name: The layer of `keras.layers` with the same numbers. Default: there is none.
        torch_name: The module of `torch.nn` with the same equations. Default: there is none.
    """

    name: str
    layer: type[Recurrent]
    arguments: Mapping[str, Any] = field(default_factory=dict)
    of_width: Callable[[int], dict[str, int]] = by_units
    keras_name: str | None = None
    torch_name: str | None = None

    @property
    def cell(self) -> Cell:
        """The declaration of its cell."""
        return self.layer.declared(**{**defaults_of(self.layer), **self.arguments})

    @property
    def keras_layer(self) -> type[keras.layers.RNN] | None:
        """The layer of Keras with the same numbers, or None."""
        return None if self.keras_name is None else getattr(keras.layers, self.keras_name)

    def require_keras(self) -> type[keras.layers.RNN]:
        """The layer of Keras with the same numbers.

        Returns:
            The class.

        Raises:
            InputError: If there is none.
        """
        if self.keras_layer is None:
            raise InputError(f"Keras has no layer with the numbers of {self.name!r}.")
        return self.keras_layer

    def make_width(self, width: int, **arguments: Any) -> Recurrent:
        """The layer with an output of some width, whatever its units are.

        Args:
            width: Of the output.
            **arguments: More of the layer's.

        Returns:
            A new one.
        """
        return self.make(**self.of_width(width), **arguments)

    def make(self, units: int, **arguments: Any) -> Recurrent:
        """The layer.

        Args:
            units: U.
            **arguments: More of the layer's.

        Returns:
            A new one.
        """
        return self.layer(units, **{**self.arguments, **arguments})


FAMILY: dict[str, Member] = {
    each.name: each
    for each in (
        Member(name="simple-rnn", layer=SimpleRNN, keras_name="SimpleRNN", torch_name="RNN"),
        Member(name="lstm-1997", layer=LSTM1997),
        Member(name="lstm", layer=LSTM, keras_name="LSTM", torch_name="LSTM"),
        Member(name="peephole-lstm", layer=PeepholeLSTM),
        Member(name="coupled-lstm", layer=CoupledLSTM),
        Member(name="layer-norm-lstm", layer=LayerNormLSTM),
        Member(
            name="projected-lstm",
            layer=ProjectedLSTM,
            of_width=lambda width: {"units": 2 * width, "projection_units": width},
            torch_name="LSTM",
        ),
        Member(name="gru", layer=GRU, keras_name="GRU", torch_name="GRU"),
        Member(
            name="gru-reset-before", layer=GRU, arguments={"reset_after": False}, keras_name="GRU"
        ),
        Member(name="layer-norm-gru", layer=LayerNormGRU),
        Member(name="min-gru", layer=MinGRU),
        Member(name="min-lstm", layer=MinLSTM),
        Member(name="slstm", layer=SLSTM),
    )
}


def member(name: str) -> Member:
    """A member of the family by its name.

    Args:
        name: A key of `FAMILY`.

    Returns:
        The member.

    Raises:
        InputError: If there is no such member.
    """
    check_choice("cell", name, FAMILY)
    return FAMILY[name]
