"""The loop: stopped anywhere and resumed, it gives the numbers of a training left alone."""

import signal

import numpy as np
import pytest
import tensorflow as tf

from nlpkit.data import TokenStream
from nlpkit.errors import InputError
from nlpkit.models import LanguageModel
from nlpkit.training import Allowance, Checkpoints, fit, fit_language_model, loop
from tests.training import toy

EPOCHS, STEPS = 3, 4


def shuffled(seed):
    """Batches that are shuffled anew in each epoch, twice, as those of a corpus are."""
    data = tf.data.Dataset.from_tensor_slices(toy.examples(64, seed)).shuffle(64, seed=seed)
    data = data.batch(toy.BATCH).shuffle(3, seed=seed)
    return data.apply(tf.data.experimental.assert_cardinality(STEPS)).prefetch(2)


def classifier(folder, **options):
    """The weights and the log of a classifier's training."""
    model = toy.recurrent_model()
    temperature = fit(
        model,
        shuffled(1),
        toy.batches(32, seed=2),
        epochs=EPOCHS,
        learning_rate=0.03,
        class_weight={0: 1.0, 1: 2.0},
        log=folder / "log.csv",
        quiet=True,
        **options,
    )
    return [*model.get_weights(), np.array(temperature)], (folder / "log.csv").read_bytes()


def language_model(folder, **options):
    """Likewise of a language model's."""
    for name, size in (("train", 64), ("validation", 20)):
        np.r_[0, 2 + np.arange(size) ** 2 % 10].astype(np.int32).tofile(folder / name)
    streams = TokenStream(folder / "train", 64), TokenStream(folder / "validation", 20)
    rates = dict.fromkeys(("word_dropout", "input_dropout", "output_dropout", "weight_drop"), 0.2)
    model = LanguageModel(12, units=4, layers=2, seed=1, **rates)
    sizes = {"batch_size": 4, "steps": 4, "epochs": EPOCHS}
    fit_language_model(model, *streams, log=folder / "log.csv", quiet=True, **sizes, **options)
    return model.get_weights(), (folder / "log.csv").read_bytes()


TRAININGS = pytest.mark.parametrize("training", [classifier, language_model])


@pytest.fixture
def stopped(monkeypatch):
    """A function that has Ctrl-C come in a step."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)

    def at(step):
        count, name = [0], "step_done"
        original = getattr(loop, name)

        def counted():
            count[0] += 1
            if count[0] == step:
                signal.raise_signal(signal.SIGINT)
            original()

        monkeypatch.setattr(loop, name, counted)

    yield at
    signal.signal(signal.SIGINT, before)


def checkpoints(folder, **options):
    return Checkpoints(folder / "checkpoint", {"units": 8}, **options)


@TRAININGS
@pytest.mark.parametrize("step", [1, 2, STEPS, STEPS + 1, 2 * STEPS + 3, EPOCHS * STEPS])
def test_ctrl_c_saves_after_the_batch_and_the_resumed_training_ends_alike(
    tmp_path, monkeypatch, stopped, training, step
):
    weights, log = training(tmp_path)
    stopped(step)
    run = checkpoints(tmp_path)
    with pytest.raises(KeyboardInterrupt):
        training(tmp_path, checkpoints=run)
    run.close()
    monkeypatch.undo()
    again = checkpoints(tmp_path, resume=True)
    assert again.resumed
    resumed, log_again = training(tmp_path, checkpoints=again)
    assert log_again == log
    for one, other in zip(resumed, weights, strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_resumed_training_has_the_time_that_was_left(tmp_path, monkeypatch):
    now, step_done = [0.0], loop.step_done

    def ticking(progress):
        now[0] += 6.0

    def killed():
        if now[0] == 42.0:  # after seven of the ten batches that a minute allows
            raise KeyboardInterrupt
        step_done()

    def allowance():
        return Allowance(1, clock=lambda: now[0])

    monkeypatch.setattr(loop.Progress, "batch_done", ticking)
    weights, log = language_model(tmp_path, allowance=allowance())
    now[0] = 0.0
    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(loop, "step_done", killed)
        run = checkpoints(tmp_path, minutes=1e-9)
        language_model(tmp_path, allowance=allowance(), checkpoints=run)
    run.close()
    now[0] = 1000.0
    again = checkpoints(tmp_path, resume=True)
    resumed, log_again = language_model(tmp_path, allowance=allowance(), checkpoints=again)
    assert log_again == log and now[0] == 1000.0 + 4 * 6.0  # the time is over at the eleventh
    for one, other in zip(resumed, weights, strict=True):
        np.testing.assert_array_equal(one, other)


@TRAININGS
def test_a_training_that_was_done_is_not_done_again(tmp_path, monkeypatch, training):
    run = checkpoints(tmp_path)
    weights, log = training(tmp_path, checkpoints=run)
    run.close()
    monkeypatch.setattr(loop._Loop, "epoch", lambda *_: pytest.fail("this was done"))
    resumed, log_again = training(tmp_path, checkpoints=checkpoints(tmp_path, resume=True))
    assert log_again == log
    for one, other in zip(resumed, weights, strict=True):
        np.testing.assert_array_equal(one, other)


@TRAININGS
def test_checkpoints_change_nothing(tmp_path, training):
    weights, log = training(tmp_path)
    run = checkpoints(tmp_path, minutes=1e-9)
    watched, log_again = training(tmp_path, checkpoints=run)
    assert log_again == log
    for one, other in zip(watched, weights, strict=True):
        np.testing.assert_array_equal(one, other)


@TRAININGS
def test_a_checkpoint_of_another_model_is_refused(tmp_path, monkeypatch, training):
    run = checkpoints(tmp_path)
    training(tmp_path, checkpoints=run)
    run.close()
    latest = Checkpoints.latest

    def of_another_version(found):
        stored = latest(found)
        stored.variables[0] = stored.variables[0][..., None]
        return stored

    monkeypatch.setattr(Checkpoints, "latest", of_another_version)
    with pytest.raises(InputError, match=r"other variables.* another version .*leave out `--res"):
        training(tmp_path, checkpoints=checkpoints(tmp_path, resume=True))
