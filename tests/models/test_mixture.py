"""The mixture of two models: the weighted mean of their logits, saved and loaded."""

import keras
import numpy as np
import pytest
from keras import ops

from nlpkit.errors import InputError
from nlpkit.models import BagOfNgrams, Mixture, mixture
from nlpkit.testing import VALUES, assert_close
from tests.training import toy

IDS = toy.examples(8)[0]


@pytest.fixture(scope="module")
def parts():
    model, layer = toy.model(), BagOfNgrams(toy.VOCABULARY, 2, name="linear")
    other = keras.Model(model.input, layer(model.input))
    weights = np.random.default_rng(0).normal(size=(toy.VOCABULARY, 2))
    layer.set_weights([weights, np.ones(2)])
    return model, other


def answers(model):
    return ops.convert_to_numpy(model(IDS))


@pytest.mark.parametrize("fraction", [0.0, 0.25, 1.0])
def test_logits_are_the_weighted_mean(parts, fraction, tmp_path):
    model, other = parts
    mixed = mixture(model, other, fraction)
    expected = (1 - fraction) * answers(model) + fraction * answers(other)
    assert_close(answers(mixed), expected, VALUES["float32"])
    assert {id(weight) for weight in mixed.weights} == {
        id(weight) for part in parts for weight in part.weights
    }
    mixed.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    assert_close(answers(loaded), answers(mixed), VALUES["float32"])


@pytest.mark.parametrize("fraction", [-0.1, 1.5, None])
def test_the_fraction_is_one(fraction):
    message = rf"^`fraction` must be a number from 0 to 1, got {fraction}\.$"
    with pytest.raises(InputError, match=message):
        Mixture(fraction)
