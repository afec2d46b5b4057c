"""Validation reports what NumPy makes of the model's logits."""

import numpy as np
import pytest
import scipy.special
import tensorflow as tf

from nlpkit.evaluation import calibration
from nlpkit.models import calibrated, side_by_side
from nlpkit.training.validation import CalibratedValidation, predict_dataset
from tests.training import toy


@pytest.fixture
def model():
    """Untrained, but sure of itself."""
    model = toy.model()
    model.layers[-1].kernel.assign(model.layers[-1].kernel * 50.0)
    return model


def test_outputs_keep_the_order_of_the_data(model):
    ids, classes = toy.examples(40)
    logits, labels = predict_dataset(model, toy.batches(40))
    assert logits.dtype == np.float64 and logits.shape == (40, 2)
    np.testing.assert_array_equal(labels, classes)
    np.testing.assert_allclose(logits, model(ids, training=False), atol=1e-5)


def test_outputs_of_batches_of_any_length(model):
    ids, classes = toy.examples(6)
    cut = [(tf.constant(ids[:2, :k]), tf.constant(classes[:2])) for k in (1, 3, 6)]
    spec = (tf.TensorSpec([None, None, toy.PIECES], tf.int32), tf.TensorSpec([None], tf.int32))
    dataset = tf.data.Dataset.from_generator(lambda: cut, output_signature=spec)
    logits, labels = predict_dataset(model, dataset)
    expected = np.concatenate([model(part, training=False) for part, _ in cut])
    np.testing.assert_allclose(logits, expected, atol=1e-5)
    assert labels.tolist() == classes[:2].tolist() * 3


def numbered():
    """Ids and classes, and both in another order with their numbers."""
    ids, classes = toy.examples(40)
    order = np.random.default_rng(0).permutation(40)
    examples = (ids[order], classes[order], order)
    return ids, classes, tf.data.Dataset.from_tensor_slices(examples).batch(16)


def test_outputs_of_numbered_batches_come_in_the_order_of_the_numbers(model):
    ids, classes, dataset = numbered()
    logits, labels = predict_dataset(model, dataset)
    np.testing.assert_array_equal(labels, classes)
    np.testing.assert_allclose(logits, model(ids, training=False), atol=1e-5)


def test_outputs_of_several_models_come_by_name_in_the_same_order(model):
    ids, classes, dataset = numbered()
    models = {"logits": model, "probabilities": calibrated(model, 2.0)}
    answers, labels = predict_dataset(side_by_side(models), dataset)
    np.testing.assert_array_equal(labels, classes)
    for name, alone in models.items():
        assert answers[name].dtype == np.float64
        np.testing.assert_allclose(answers[name], alone(ids, training=False), atol=1e-5)


def test_figures_are_calibrated(model):
    logs = CalibratedValidation(model, toy.batches(40, seed=3)).measure()
    ids, classes = toy.examples(40, seed=3)
    logits = np.asarray(model(ids, training=False), "float64")
    temperature = calibration.temperature(logits, classes)
    probabilities = scipy.special.softmax(logits / temperature, axis=1)
    assert temperature > 1.5, "the case says nothing unless calibration matters"
    assert logs == {
        "val_loss": pytest.approx(-np.log(probabilities[range(40), classes]).mean(), rel=1e-4),
        "val_accuracy": pytest.approx((probabilities.argmax(1) == classes).mean()),
        "val_temperature": pytest.approx(temperature, rel=1e-3),
    }


def test_figures_follow_the_weights(model):
    validation = CalibratedValidation(model, toy.batches(40))
    first = validation.measure()
    model.layers[-1].bias.assign([100.0, 0.0])
    second = validation.measure()
    assert second["val_accuracy"] == pytest.approx((toy.examples(40)[1] == 0).mean())
    assert second["val_loss"] != first["val_loss"]


def test_figures_of_outputs_that_are_not_finite_are_not_numbers(model):
    model.layers[-1].kernel.assign(model.layers[-1].kernel * float("nan"))
    figures = CalibratedValidation(model, toy.batches(8)).measure()
    assert np.isnan([*figures.values()]).all()
