"""Trains a language model by truncated back-propagation through time.

    window k−1          window k            window k+1
    ┌───────────┐ h, c  ┌───────────┐ h, c  ┌───────────┐
  → │ T words   │ ────► │ T words   │ ────► │ T words   │ →     values flow on,
    └───────────┘       └───────────┘       └───────────┘       gradients stop at the window

Each row of a batch is one continuous part of the text, so its next window begins with the states in
which the last one ended (Mikolov et al. 2010; Zaremba et al. 2014).
"""

import csv
import math
from collections.abc import Callable, Mapping
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from nlpkit.checks import check_positive_integer
from nlpkit.data import TokenStream
from nlpkit.errors import InputError
from nlpkit.models import LanguageModel
from nlpkit.optimizers import LazyAdam
from nlpkit.training.budget import USED, Allowance
from nlpkit.training.interrupts import interrupts_between_steps, step_done
from nlpkit.training.progress import Progress
from nlpkit.training.scoring import StreamScorer
from nlpkit.training.softmax import next_word_loss
from nlpkit.training.uncompiled import uncompiled

__all__ = ["fit_language_model", "training_step", "training_windows"]

_CLIP = 1.0
_LAST_RATE = 0.01
_WARM_UP = 100


def fit_language_model(
    model: LanguageModel,
    train: TokenStream,
    validation: TokenStream,
    *,
    batch_size: int = 32,
    steps: int = 35,
    epochs: int = 12,
    learning_rate: float = 5e-3,
    activation_penalty: float = 0.0,
    change_penalty: float = 0.0,
    seed: int = 0,
    allowance: Allowance | None = None,
    log: str | Path,
    quiet: bool = False,
) -> None:
    """Trains a model and restores the weights of its best epoch.

    The optimizer is Adam; its learning rate warms up over the first 100 windows and then decays
    linearly to a hundredth. Gradients are clipped to a norm of 1. The softmax of a large vocabulary
    is sampled; see `nlpkit.training.softmax`. Validation uses the full softmax, and the best epoch
    is the one with the lowest validation loss.

    When the time allowed is over, the epoch ends after the window at hand and counts like any
    other. Where that would come too early for the epochs planned, the rate decays with the time.

    Args:
        model: The language model.
        train: The training stream.
        validation: The validation stream, which selects the best epoch.
        batch_size: Rows of a batch, B, at least 1; fewer if the stream is short. Default 32.
        steps: Words of a window, T, at least 1. Default 35.
        epochs: Passes over the training words, at least 1. Default 12.
        learning_rate: The peak learning rate of Adam. Default 0.005.
        activation_penalty: Weight of the mean square of the features in the loss (AR). Default 0.
        change_penalty: Weight of the mean square of their change from step to step (TAR).
            Default 0.
        seed: Seed of the words that a sampled softmax draws. Default 0.
        allowance: The time that the training may take, or None for any. Default None.
        log: CSV file that gets a line for each epoch.
        quiet: Whether to hide the progress. Default false.

    Raises:
        InputError: If the training diverges, or `batch_size`, `steps` or `epochs` is not a
            positive integer.

    Reference: Merity, Keskar & Socher 2018, section 4.3, for AR and TAR.
    """
    for name, value in {"batch_size": batch_size, "steps": steps, "epochs": epochs}.items():
        check_positive_integer(name, value)
    windows = training_windows(train, batch_size, steps)
    count = int(windows.cardinality())
    rate = _Rate(learning_rate, epochs * count)
    timer = _Timer(allowance, rate)
    step = training_step(model, LazyAdam(rate), activation_penalty, change_penalty)
    scorer = StreamScorer(model)
    best, least, kept = model.get_weights(), math.inf, 0
    with (
        interrupts_between_steps(),
        Progress(epochs, count, quiet=quiet, describe=_describe) as progress,
        Path(log).open("w", newline="", encoding="utf-8", buffering=1) as file,
    ):
        table = csv.DictWriter(file, ["epoch", "loss", "val_loss", "learning_rate"])
        table.writeheader()
        for epoch in range(epochs):
            progress.on_epoch_begin(epoch)
            loss = _run(step, windows, model, (seed, epoch * count), progress, timer)
            val_loss = -scorer.score(validation).log_probabilities.mean()
            if not math.isfinite(loss + val_loss):
                raise InputError(
                    "the training diverged: the model's outputs are NaN or infinite; "
                    "a smaller `--learning-rate` helps."
                )
            if val_loss < least:
                best, least, kept = model.get_weights(), val_loss, epoch + 1
            logs = {"loss": loss, "val_loss": val_loss}
            done = timer.windows
            table.writerow({"epoch": epoch + 1, **logs, "learning_rate": float(rate(done))})
            progress.on_epoch_end(epoch, logs)
            if timer.over:
                break
        progress.ended(epoch + 1, kept, over=timer.windows < epochs * count)
    model.set_weights(best)


def training_windows(train: TokenStream, batch_size: int, steps: int) -> tf.data.Dataset:
    """The windows of a pass; fewer rows if the stream is short."""
    return train.windows(min(batch_size, max(1, train.size // steps)), steps)


def _run(
    step: Callable, windows, model: LanguageModel, seed: tuple[int, int], progress, timer: "_Timer"
) -> float:
    """One pass over the training words, or what there is time for; the mean loss of a word."""
    states, total, words = None, 0.0, 0
    for number, (inputs, targets) in enumerate(windows):
        if states is None:
            states = model.zero_states(inputs.shape[0])
        drawn = tf.constant([seed[0], seed[1] + number])
        loss, states = step(inputs, targets, states, drawn)
        size = int(np.prod(inputs.shape))
        total, words = total + loss * size, words + size
        progress.on_train_batch_end(number)
        step_done()
        timer.window_done()
        if timer.over:
            break
    return float(total) / words


def training_step(
    model: LanguageModel,
    optimizer: LazyAdam,
    activation_penalty: float = 0.0,
    change_penalty: float = 0.0,
) -> Callable:
    """A function of a window and the states before it: the loss and the states after it."""
    weights, next_word = model.trainable_variables, next_word_loss(model.vocabulary)
    optimizer.build(weights)  # else the first window would be traced twice

    @uncompiled
    def step(inputs, targets, states, seed):
        with tf.GradientTape() as tape:
            h, raw, states = model.read_both(inputs, states, training=True)
            features = tf.reshape(h, [-1, h.shape[-1]])
            table, bias = model.embeddings.value, model.bias.value
            losses = next_word(features, tf.reshape(targets, [-1]), table, bias, seed)
            loss = objective = tf.reduce_mean(losses)
            if activation_penalty:
                objective += activation_penalty * tf.reduce_mean(tf.square(h))
            if change_penalty:
                objective += change_penalty * tf.reduce_mean(tf.square(raw[:, 1:] - raw[:, :-1]))
        # The gradient of a table may hold a row several times; the norm counts each part by itself.
        gradients, _ = tf.clip_by_global_norm(tape.gradient(objective, weights), _CLIP)
        optimizer.apply(gradients, weights)
        return loss, states

    return step


class _Rate(keras.optimizers.schedules.LearningRateSchedule):
    """A linear warm-up, then a linear decay, with the steps or with the time if that runs out."""

    def __init__(self, highest: float, steps: int) -> None:
        self.highest, self.steps = highest, steps
        self.time_gone = tf.Variable(0.0, trainable=False)

    def __call__(self, step):
        step = tf.cast(step, tf.float32)
        left = 1.0 - tf.maximum(step / self.steps, self.time_gone)
        return self.highest * tf.minimum(
            (step + 1.0) / _WARM_UP, _LAST_RATE + (1.0 - _LAST_RATE) * left
        )

    def get_config(self):
        return {"highest": self.highest, "steps": self.steps}


class _Timer:
    """Counts windows and watches the time."""

    def __init__(self, allowance: Allowance | None, rate: _Rate) -> None:
        self._allowance, self._rate = allowance, rate
        self._begun = allowance.spent() if allowance else 0.0
        self.windows, self.over = 0, False

    def window_done(self) -> None:
        """To be called after each window."""
        self.windows += 1
        if self._allowance is None:
            return
        spent = self._allowance.spent()
        self.over = spent >= 1.0
        # A plan leaves some time over: only a training that is later than this is hurried.
        gone = (spent - self._begun) / (1.0 - self._begun) if self._begun < 1.0 else 1.0
        self._rate.time_gone.assign(min(1.0, max(0.0, 1.0 - (1.0 - gone) / USED)))


def _describe(logs: Mapping[str, float]) -> str:
    """The metrics of an epoch, for the progress line."""
    return (
        f"perplexity {math.exp(min(logs['loss'], 100)):,.1f} in training, "
        f"{math.exp(min(logs['val_loss'], 100)):,.2f} in validation"
    )
