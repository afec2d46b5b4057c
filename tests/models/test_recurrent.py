"""Recurrent layers by the names that the command line gives them."""

import keras
import pytest

from nlpkit import layers
from nlpkit.errors import InputError
from nlpkit.models import RECURRENT, recurrent


@pytest.mark.parametrize("cell", RECURRENT)
def test_each_cell_is_a_recurrent_layer_with_its_options(cell):
    layer = recurrent(cell, 5, return_sequences=True, name="mine")
    assert isinstance(layer, keras.layers.RNN)
    assert (layer.cell.output_size, layer.return_sequences, layer.name) == (5, True, "mine")


@pytest.mark.parametrize(
    ("cell", "kind"),
    [("lstm", layers.LSTM), ("keras-lstm", keras.layers.LSTM), ("keras-gru", keras.layers.GRU)],
)
def test_names_mean_what_they_say(cell, kind):
    assert type(recurrent(cell, 5)) is kind


@pytest.mark.parametrize("cell", [cell for cell in RECURRENT if cell.startswith("keras-")])
def test_layers_of_keras_stay_off_cudnn(cell):
    """A graph traced for cuDNN dies on a CPU."""
    assert getattr(recurrent(cell, 5), "use_cudnn", False) is False  # SimpleRNN has none


def test_an_unknown_cell_is_an_error_that_lists_the_known():
    listed = ", ".join(map(repr, RECURRENT))
    with pytest.raises(InputError, match=rf"^`cell` must be one of {listed}, got 'elman'\.$"):
        recurrent("elman", 5)


@pytest.mark.parametrize("cell", RECURRENT)
def test_units_are_positive(cell):
    with pytest.raises(InputError, match=r"^`units` must be a positive integer, got 0\.$"):
        recurrent(cell, 0)
