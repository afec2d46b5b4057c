"""fit_language_model: it learns, carries states, keeps the best epoch, and repeats itself."""

import csv
import itertools

import numpy as np
import pytest

from nlpkit import training
from nlpkit.data import TokenStream
from nlpkit.models import LanguageModel
from nlpkit.training import Allowance, LazyAdam, StreamScorer, fit_language_model
from nlpkit.training.language import training_step, training_windows
from tests.layers.members import KINDS

V = 12
OPTIONS = {"batch_size": 4, "steps": 5, "epochs": 3, "learning_rate": 0.02, "quiet": True}


def stream(path, size=600):
    """Words that count up, from one to the next: easy to learn."""
    ids = 2 + np.arange(size) % (V - 2)
    path.write_bytes(np.concatenate([[0], ids]).astype(np.int32).tobytes())
    return TokenStream(path, size)


@pytest.fixture
def streams(tmp_path):
    return stream(tmp_path / "train"), stream(tmp_path / "validation", 50)


def language_model(**options):
    return LanguageModel(V, **{"units": 8, "layers": 1, "seed": 1, **options})


def perplexity(model, words):
    return np.exp(-StreamScorer(model).score(words).log_probabilities.mean())


# A word out of ten has a perplexity of 10. Along a stream whose states are carried, the cell state
# of 1997 grows without end, since nothing forgets it (Gers et al. 2000): it learns slowly.
@pytest.mark.parametrize(
    ("cell", "bound"), [*((name, 2) for name in (*KINDS, "keras-gru")), ("lstm-1997", 6)]
)
def test_it_learns(cell, bound, streams, tmp_path):
    model = language_model(cell=cell)
    fit_language_model(model, *streams, log=tmp_path / "log.csv", **{**OPTIONS, "epochs": 9})
    assert perplexity(model, streams[1]) < bound


def test_the_log_has_a_line_an_epoch(streams, tmp_path):
    model = language_model()
    fit_language_model(model, *streams, log=tmp_path / "log.csv", **OPTIONS)
    with (tmp_path / "log.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["epoch"] for row in rows] == ["1", "2", "3"]
    best = min(float(row["val_loss"]) for row in rows)
    assert np.log(perplexity(model, streams[1])) == pytest.approx(best, abs=1e-5)
    rates = [float(row["learning_rate"]) for row in rows]
    assert rates[-1] < rates[0] <= OPTIONS["learning_rate"]


def test_the_weights_of_the_best_epoch_are_kept(streams, tmp_path, monkeypatch):
    """Validation by a script: the second epoch is said to be the best."""
    model, losses, seen = language_model(), iter([2.0, 1.0, 3.0]), []

    def script(scorer, _):
        seen.append([weight.copy() for weight in scorer._model.get_weights()])
        return training.StreamScores(np.array([-next(losses)]), None)

    monkeypatch.setattr(StreamScorer, "score", script)
    fit_language_model(model, *streams, log=tmp_path / "log.csv", **OPTIONS)
    for kept, second in zip(model.get_weights(), seen[1], strict=True):
        np.testing.assert_array_equal(kept, second)


def test_the_same_seed_gives_the_same_model(streams, tmp_path):
    models = []
    for _ in range(2):
        model = language_model(input_dropout=0.3, weight_drop=0.3, word_dropout=0.2)
        fit_language_model(model, *streams, log=tmp_path / "log.csv", **OPTIONS)
        models.append(model.get_weights())
    for first, second in zip(*models, strict=True):
        np.testing.assert_array_equal(first, second)


def test_the_loss_of_windows_with_carried_states_is_that_of_one_long_pass(streams, tmp_path):
    """A rate too small to change a weight: the loss of the epoch is that of the model as it was."""
    model, (words, _) = language_model(), streams
    options = {**OPTIONS, "epochs": 1, "learning_rate": 1e-30}
    fit_language_model(model, *streams, log=tmp_path / "log.csv", **options)
    with (tmp_path / "log.csv").open(newline="") as file:
        (row,) = csv.DictReader(file)
    rows = OPTIONS["batch_size"]
    inputs = np.concatenate([[0], words.ids[:-1]]).reshape(rows, -1)
    scores = np.asarray(model(inputs), np.float64)
    actual = np.take_along_axis(scores, words.ids.reshape(rows, -1, 1), axis=2)[..., 0]
    expected = np.mean(np.log(np.exp(scores).sum(-1)) - actual)
    assert float(row["loss"]) == pytest.approx(expected, abs=1e-5)


def test_states_are_carried_through_an_epoch_and_begin_at_zero(streams, tmp_path, monkeypatch):
    model = language_model()
    begun, ended = [], []
    read_both = model.read_both

    def watched(ids, states, **options):
        import tensorflow as tf

        actual = read_both(ids, states, **options)
        if options.get("training"):
            tf.py_function(lambda h: begun.append(h.numpy()), [states[0]], [])
            tf.py_function(lambda h: ended.append(h.numpy()), [actual[2][0]], [])
        return actual

    monkeypatch.setattr(model, "read_both", watched)
    fit_language_model(model, *streams, log=tmp_path / "log.csv", **{**OPTIONS, "epochs": 2})
    windows = len(begun) // 2
    for epoch in (0, windows):
        assert not begun[epoch].any()
        for before, after in zip(
            ended[epoch : epoch + windows - 1], begun[epoch + 1 : epoch + windows], strict=True
        ):
            np.testing.assert_array_equal(before, after)


def test_the_step_is_traced_once(streams):
    model = language_model()
    step = training_step(model, LazyAdam(0.01))
    for inputs, targets in training_windows(streams[0], 4, 5).take(2):
        step(inputs, targets, model.zero_states(4), [0, 0])
    assert step.experimental_get_tracing_count() == 1


@pytest.mark.parametrize("penalty", ["activation_penalty", "change_penalty"])
def test_penalties_make_features_smaller(streams, tmp_path, penalty):
    def feature(**options):
        model = language_model()
        fit_language_model(model, *streams, log=tmp_path / "log.csv", **OPTIONS, **options)
        h = StreamScorer(model).score(streams[1], features=True).features
        return (
            np.mean(h**2) if penalty == "activation_penalty" else np.mean(np.diff(h, axis=0) ** 2)
        )

    assert feature(**{penalty: 20.0}) < feature()


def test_a_stream_shorter_than_a_batch_is_learnt_from_all_the_same(tmp_path):
    words = stream(tmp_path / "short", 7)
    model = language_model()
    fit_language_model(model, words, words, log=tmp_path / "log.csv", **OPTIONS)
    assert perplexity(model, words) < V


def test_divergence_is_said(streams, tmp_path):
    model = language_model()
    with pytest.raises(ValueError, match=r"^the training diverged: .* `--learning-rate` helps\.$"):
        fit_language_model(
            model, *streams, log=tmp_path / "log.csv", **{**OPTIONS, "learning_rate": float("nan")}
        )


def allowance(minutes):
    """A time of which each look at the clock takes a second."""
    return Allowance(minutes, clock=itertools.count().__next__)


def rows_of(log):
    with log.open(newline="") as file:
        return list(csv.DictReader(file))


def test_the_training_ends_with_its_time_and_keeps_the_best_weights(streams, tmp_path, capfd):
    """An epoch has 30 windows, so that the second has 29 when a minute is over."""
    model, log, options = language_model(), tmp_path / "log.csv", {**OPTIONS, "quiet": False}
    fit_language_model(model, *streams, log=log, allowance=allowance(1), **options)
    rows = rows_of(log)
    assert [row["epoch"] for row in rows] == ["1", "2"]
    best = min(float(row["val_loss"]) for row in rows)
    assert np.log(perplexity(model, streams[1])) == pytest.approx(best, abs=1e-5)
    assert float(rows[-1]["learning_rate"]) == pytest.approx(OPTIONS["learning_rate"] / 100)
    said = capfd.readouterr().err
    assert "the time is over: stopped in epoch 2 of 3; kept the weights of epoch" in said


def test_a_training_without_any_time_has_learnt_from_one_window(streams, tmp_path):
    model, log = language_model(), tmp_path / "log.csv"
    before = model.get_weights()
    fit_language_model(model, *streams, log=log, allowance=allowance(1 / 60), **OPTIONS)
    assert len(rows_of(log)) == 1
    assert any(map(np.any, map(np.not_equal, before, model.get_weights())))


def test_a_time_that_suffices_changes_nothing(streams, tmp_path):
    """Of 100 seconds 90 windows take 90, as a plan would have it."""
    models = []
    for time in (None, allowance(101 / 60)):
        model = language_model(input_dropout=0.3)
        fit_language_model(model, *streams, log=tmp_path / "log.csv", allowance=time, **OPTIONS)
        models.append(model.get_weights())
    for first, second in zip(*models, strict=True):
        np.testing.assert_array_equal(first, second)


@pytest.mark.parametrize("name", ["batch_size", "steps", "epochs"])
def test_a_wrong_size_is_named(streams, tmp_path, name):
    with pytest.raises(ValueError, match=f"^`{name}` must be a positive integer, got 0\\.$"):
        fit_language_model(
            language_model(), *streams, log=tmp_path / "log.csv", **{**OPTIONS, name: 0}
        )
