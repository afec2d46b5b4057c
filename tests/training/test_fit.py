"""Fitting learns, stops, keeps the best epoch, writes its log and repeats itself."""

import csv
import importlib
import itertools

import keras
import numpy as np
import pytest
import tensorflow as tf

from nlpkit.training import LazyAdam, class_weights, fit, predict_dataset
from nlpkit.training import validation as validation_module
from tests.training import toy

fit_module = importlib.import_module("nlpkit.training.fit")  # the package has the function

MODELS = [toy.model, pytest.param(toy.recurrent_model, marks=pytest.mark.slow)]


def run(folder, *, epochs=6, model=None, **options):
    """A model fitted to the toy task, the temperature, and the rows of its log."""
    model = model or toy.model()
    options = {"learning_rate": 0.03, "quiet": True} | options
    temperature = fit(
        model,
        toy.batches(256),
        toy.batches(64, seed=1),
        epochs=epochs,
        log=folder / "training.csv",
        **options,
    )
    with (folder / "training.csv").open(encoding="utf-8", newline="") as file:
        return model, temperature, list(csv.DictReader(file))


@pytest.fixture
def scripted(monkeypatch):
    """Lets a test say what the validation losses are; temperatures count the epochs."""

    def losses(model, *values):
        epochs = itertools.count(1)
        monkeypatch.setattr(
            validation_module.calibration, "temperature", lambda *_: float(next(epochs))
        )
        measure, scripted, seen = (
            validation_module.CalibratedValidation.measure, iter(values), []
        )  # fmt: skip

        def measured(self):
            seen.append(model.get_weights())
            return measure(self) | {"val_loss": next(scripted)}

        monkeypatch.setattr(validation_module.CalibratedValidation, "measure", measured)
        return seen

    return losses


def test_the_step_is_traced_once(tmp_path):
    traced = []

    class Noted(keras.layers.Layer):
        def call(self, inputs, training=False):
            traced.append(training)
            return inputs

    model = toy.model()
    model = keras.Model(model.input, Noted()(model.output))
    traced.clear()
    run(tmp_path, model=model, epochs=2)
    assert sorted(traced) == [False, True]  # validation and training


def test_all_epochs_share_two_iterators(tmp_path, monkeypatch):
    """Each would instantiate the graph of the encoder again, which takes longer than small data."""
    made, make = [], tf.data.Dataset.__iter__
    monkeypatch.setattr(
        tf.data.Dataset, "__iter__", lambda dataset: made.append(dataset) or make(dataset)
    )
    _, _, rows = run(tmp_path, epochs=4)
    assert (len(rows), len(made)) == (4, 2)  # training and validation


@pytest.mark.parametrize("build", MODELS)
def test_it_learns_the_toy_task(tmp_path, build):
    model, temperature, rows = run(tmp_path, model=build())
    logits, labels = predict_dataset(model, toy.batches(200, seed=2))
    assert (logits.argmax(1) == labels).mean() > 0.9
    assert float(rows[-1]["loss"]) < float(rows[0]["loss"])
    assert isinstance(temperature, float) and temperature > 0


def test_the_log_has_a_line_an_epoch(tmp_path):
    _, temperature, rows = run(tmp_path, epochs=2)
    assert [row["epoch"] for row in rows] == ["1", "2"]
    assert set(rows[0]) == {"epoch", "loss", "val_accuracy", "val_loss", "val_temperature"}
    assert temperature in [float(row["val_temperature"]) for row in rows]


@pytest.mark.parametrize(
    ("losses", "best", "ran"),
    [
        ([0.5, 0.4, 0.3, 0.2], 3, 4),
        ([0.2, 0.1, 0.3, 0.4], 1, 4),
        ([0.1, 0.2, 0.3, 0.4], 0, 3),
        ([0.3, 0.4, 0.2, 0.5], 2, 4),
    ],
    ids=["last", "second", "first, stopped", "third"],
)
def test_weights_and_temperature_are_those_of_the_best_epoch(tmp_path, scripted, losses, best, ran):
    model = toy.model()
    seen = scripted(model, *losses)
    model, temperature, rows = run(tmp_path, epochs=4, patience=2, model=model)
    assert len(rows) == len(seen) == ran
    assert temperature == best + 1.0
    for got, expected in zip(model.get_weights(), seen[best], strict=True):
        np.testing.assert_array_equal(got, expected)


def test_the_rate_falls_linearly_to_a_fiftieth(tmp_path, monkeypatch):
    made = []
    monkeypatch.setattr(fit_module, "LazyAdam", lambda rate: made.append(LazyAdam(rate)) or made[0])
    run(tmp_path, epochs=2, patience=5, learning_rate=0.01)
    (optimizer,) = made
    assert optimizer.iterations == 2 * 16
    rates = [float(optimizer._learning_rate(step)) for step in (0, 16, 32)]
    np.testing.assert_allclose(rates, [0.01, 0.0051, 0.0002], rtol=1e-4)


@pytest.mark.parametrize("build", MODELS)
def test_the_same_seed_gives_bit_equal_weights(tmp_path, build):
    results = []
    for _ in range(2):
        keras.backend.clear_session()
        model, temperature, _ = run(tmp_path, epochs=2, model=build(seed=4))
        results.append([*model.get_weights(), temperature])
    for one, other in zip(*results, strict=True):
        np.testing.assert_array_equal(one, other)


def test_class_weights_reach_the_loss(tmp_path):
    """Where one class weighs nothing, the other is always the answer."""
    model, _, _ = run(tmp_path, epochs=2, class_weight={0: 0.0, 1: 1.0})
    logits, _ = predict_dataset(model, toy.batches(64))
    assert (logits.argmax(1) == 1).all()


@pytest.mark.parametrize("quiet", [True, False])
def test_progress_goes_to_standard_error_alone(tmp_path, capsys, quiet):
    run(tmp_path, epochs=1, quiet=quiet)
    out, err = capsys.readouterr()
    assert out == "" and err.count("\n") == (0 if quiet else 2)
    assert quiet or err.startswith("epoch 1/1: loss ") and "\nfinished epoch 1 of 1; " in err


@pytest.mark.parametrize("counts", [(10, 29), (5, 5, 5), (7,)])
def test_nearly_balanced_classes_have_no_weights(counts):
    assert class_weights(counts) is None


@pytest.mark.parametrize("counts", [(10, 30), (1, 100, 1000), (3, 1)])
def test_skewed_classes_weigh_alike_in_all_and_one_on_average(counts):
    weights = class_weights(counts)
    shares = [weights[index] * count for index, count in enumerate(counts)]
    np.testing.assert_allclose(shares, [sum(counts) / len(counts)] * len(counts))
    assert sum(shares) == pytest.approx(sum(counts))
