"""Temperature scaling: the softmax of cooled logits, saved and loaded under its lasting name."""

import keras
import numpy as np
import pytest
import scipy.special
from keras import ops

from nlpkit.models import TemperatureScaling, calibrated
from nlpkit.testing import VALUES, assert_close

LOGITS = np.random.default_rng(0).normal(size=(4, 3)).astype("float32")
TEMPERATURES = pytest.mark.parametrize("temperature", [0.5, 1.0, 3.0])


def answers(model):
    return ops.convert_to_numpy(model(LOGITS))


@TEMPERATURES
def test_calibrated_probabilities_are_those_of_the_cooled_logits(temperature, tmp_path):
    inputs = keras.Input([3])
    model = keras.Model(inputs, keras.layers.Dense(3)(inputs))
    cooled = calibrated(model, temperature)
    expected = scipy.special.softmax(answers(model).astype("float64") / temperature, axis=1)
    assert_close(answers(cooled), expected, VALUES["float32"])
    assert cooled.weights[0] is model.weights[0]
    cooled.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    assert_close(answers(loaded), answers(cooled), VALUES["float32"])


@TEMPERATURES
def test_files_name_it_as_they_did_before_its_class_was_renamed(temperature):
    config = keras.saving.serialize_keras_object(TemperatureScaling(temperature))
    assert config["registered_name"] == "nlpkit>Calibrated"
    before = {**config, "module": "nlpkit.models.classifier", "class_name": "Calibrated"}
    assert keras.saving.deserialize_keras_object(before).temperature == temperature
