"""That the check of a layer finds what is wrong; that it finds nothing in one that is right."""

import dataclasses

import keras
import pytest

from nlpkit.layers import LSTM
from nlpkit.testing import check_layer
from tests.toys import TOYS, Toy

pytestmark = pytest.mark.slow


class Louder(LSTM):
    """Outputs that are off."""

    def call(self, sequences, initial_state=None, mask=None, training=False):
        outputs, *states = super().call(sequences, initial_state, mask, training)
        return (outputs + 1e-3, *states)


class Forgetful(LSTM):
    """A configuration that is not the layer's."""

    @classmethod
    def from_config(cls, config):
        return cls(**{**config, "recurrent_activation": "tanh"})


@pytest.mark.parametrize("toy", TOYS)
def test_a_right_layer_passes(toy):
    check_layer(Toy, toy=toy, masks=["first row empty"])


def test_outputs_that_are_off_are_named_with_the_mask():
    message = r"^outputs under the mask 'holes': off by 1\.00e-03, .* allowed"
    with pytest.raises(AssertionError, match=message):
        check_layer(Louder, masks=["holes"])


def test_a_configuration_that_is_lost_is_named():
    with pytest.raises(AssertionError, match="^`recurrent_activation` is 'tanh' in a layer that"):
        check_layer(Forgetful)


@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="Keras differentiates it there")
def test_a_gradient_that_is_off_is_named(monkeypatch):
    right = TOYS["toy"].derivative

    def adjoint(local, dstate, weights):
        dx, dr, dbefore = right.adjoint(local, dstate, weights)
        return 1.01 * dx, dr, dbefore

    derivative = dataclasses.replace(right, adjoint=adjoint)
    wrong = dataclasses.replace(TOYS["toy"], name="toy-wrong", derivative=derivative)
    monkeypatch.setitem(TOYS, "toy-wrong", wrong)
    with pytest.raises(AssertionError, match="^the gradient by inputs under the mask 'none': off"):
        check_layer(Toy, toy="toy-wrong", masks=["none"])
