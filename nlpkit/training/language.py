"""Trains a language model by truncated back-propagation through time.

    window k−1          window k            window k+1
    ┌───────────┐ h, c  ┌───────────┐ h, c  ┌───────────┐
  → │ T words   │ ────► │ T words   │ ────► │ T words   │ →     values flow on,
    └───────────┘       └───────────┘       └───────────┘       gradients stop at the window

Each row of a batch is one continuous part of the text, so its next window begins with the states in
which the last one ended (Mikolov et al. 2010; Zaremba et al. 2014).
"""

import functools
import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras.ops import convert_to_numpy

from nlpkit.checks import check_positive_integer
from nlpkit.data import TokenStream
from nlpkit.models import LanguageModel
from nlpkit.optimizers import LazyAdam
from nlpkit.training.budget import USED, Allowance
from nlpkit.training.checkpoints import Checkpoints
from nlpkit.training.distribution import ALONE, Distribution
from nlpkit.training.loop import Learner
from nlpkit.training.loop import train as run_loop
from nlpkit.training.replicas import (
    own_draws,
    own_rows,
    part_of_mean,
    summed,
    update,
    whole_rows,
)
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
    checkpoints: Checkpoints | None = None,
    distribution: Distribution = ALONE,
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
        checkpoints: Where the training is saved and resumed; None for nowhere. Default None.
        distribution: The replicas that share the rows of each batch. Default: one.
        log: CSV file that gets a line for each epoch.
        quiet: Whether to hide the progress. Default false.

    Raises:
        InputError: If the training diverges, or `batch_size`, `steps` or `epochs` is not a
            positive integer.
        WorkerError: If another worker is gone.

    Reference: Merity, Keskar & Socher 2018, section 4.3, for AR and TAR.
    """
    for name, value in {"batch_size": batch_size, "steps": steps, "epochs": epochs}.items():
        check_positive_integer(name, value)
    windows = training_windows(train, batch_size, steps)
    replica = distribution.copy(model)
    with distribution.scope():
        rate = _Rate(learning_rate, epochs * int(windows.cardinality()))
        optimizer = LazyAdam(rate)
        step = training_step(
            replica, optimizer, activation_penalty, change_penalty, distribution=distribution
        )
    timer = _Timer(allowance, rate, distribution)
    learner = _LanguageLearner(model, replica, windows, validation, optimizer, step, seed, timer)
    run_loop(learner, epochs=epochs, checkpoints=checkpoints, log=log, quiet=quiet)


class _LanguageLearner(Learner):
    """A language model, its optimizer and its streams."""

    columns = ("loss", "val_loss", "learning_rate")

    def __init__(
        self,
        model: LanguageModel,
        replica: LanguageModel,
        windows: tf.data.Dataset,
        validation: TokenStream,
        optimizer: LazyAdam,
        step: Callable,
        seed: int,
        timer: "_Timer",
    ) -> None:
        self.model, self.replica, self.steps = model, replica, int(windows.cardinality())
        self._windows, self._validation, self._scorer = windows, validation, StreamScorer(model)
        self._optimizer, self._step, self._seed, self._timer = optimizer, step, seed, timer
        self.distribution = timer.distribution
        self._states: list[Any] = []
        self._number = 0

    @property
    def over(self):
        return self._timer.over

    def variables(self):
        return [*self.replica.variables, *self._optimizer.variables, self._timer.rate.time_gone]

    def carried(self):
        return self._timer.carried() | {f"state-{k}": s for k, s in enumerate(self._states)}

    def resume(self, epoch, batch, carried):
        self._timer.resume(carried)
        names = [name for name in carried if name.startswith("state-")]
        self._states = [tf.constant(carried[f"state-{k}"]) for k in range(len(names))]

    def batches(self, epoch, batch):
        self._number = epoch * self.steps + batch
        if batch == 0:
            rows, _ = self._windows.element_spec
            self._states = self.model.zero_states(rows.shape[0])
        return iter(self._windows.skip(batch))

    def learn(self, batch):
        drawn = tf.constant([self._seed, self._number])
        loss, self._states = self._step(*batch, self._states, drawn)
        self._number += 1
        self._timer.window_done()
        return loss, int(np.prod(batch[0].shape))

    def validate(self):
        val_loss = -self._scorer.score(self._validation).log_probabilities.mean()
        rate = float(self._timer.rate(int(convert_to_numpy(self._optimizer.iterations))))
        return {"val_loss": float(val_loss), "learning_rate": rate}

    def describe(self, logs):
        return (
            f"perplexity {math.exp(min(logs['loss'], 100)):,.1f} in training, "
            f"{math.exp(min(logs['val_loss'], 100)):,.2f} in validation"
        )


def training_windows(train: TokenStream, batch_size: int, steps: int) -> tf.data.Dataset:
    """The windows of a pass; fewer rows if the stream is short."""
    return train.windows(min(batch_size, max(1, train.size // steps)), steps)


def training_step(
    model: LanguageModel,
    optimizer: LazyAdam,
    activation_penalty: float = 0.0,
    change_penalty: float = 0.0,
    *,
    distribution: Distribution = ALONE,
) -> Callable:
    """A function of a window and the states before it: the loss and the states after it."""
    weights, next_word = model.trainable_variables, next_word_loss(model.vocabulary)
    optimizer.build(weights)  # else the first window would be traced twice

    def step(inputs, targets, states, seed):
        rows = inputs.shape[0]
        inputs, targets, *states = own_rows(inputs, targets, *states)
        with own_draws(model), tf.GradientTape() as tape:
            h, raw, states = model.read_both(inputs, states, training=True)
            features = tf.reshape(h, [-1, h.shape[-1]])
            table, bias = model.embeddings.value, model.bias.value
            losses = next_word(features, tf.reshape(targets, [-1]), table, bias, seed)
            loss = objective = tf.reduce_mean(losses)
            if activation_penalty:
                objective += activation_penalty * tf.reduce_mean(tf.square(h))
            if change_penalty:
                objective += change_penalty * tf.reduce_mean(tf.square(raw[:, 1:] - raw[:, :-1]))
            objective = part_of_mean(objective, rows)
        gradients = summed(tape.gradient(objective, weights))
        loss, *states = summed([part_of_mean(loss, rows), *whole_rows(states, rows)])
        # The gradient of a table may hold a row several times; the norm counts each part by itself.
        gradients, _ = tf.clip_by_global_norm(gradients, _CLIP)
        update(optimizer, gradients, weights)
        return loss, states

    return uncompiled(functools.partial(distribution.run, step))


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
    """Watches the time that the training may take."""

    def __init__(
        self, allowance: Allowance | None, rate: _Rate, distribution: Distribution
    ) -> None:
        self._allowance, self.rate, self.distribution = allowance, rate, distribution
        self._begun = distribution.from_chief(allowance.spent) if allowance else 0.0
        self.over = False

    def window_done(self) -> None:
        """To be called after each window."""
        if self._allowance is None:
            return
        spent = self.distribution.from_chief(self._allowance.spent)
        self.over = spent >= 1.0
        # A plan leaves some time over: only a training that is later than this is hurried.
        gone = (spent - self._begun) / (1.0 - self._begun) if self._begun < 1.0 else 1.0
        self.rate.time_gone.assign(min(1.0, max(0.0, 1.0 - (1.0 - gone) / USED)))

    def carried(self) -> dict[str, float]:
        """How much of the time is gone, and was gone when the training began."""
        if self._allowance is None:
            return {}
        return {"begun": self._begun, "spent": self._allowance.spent()}

    def resume(self, carried: Mapping[str, np.ndarray]) -> None:
        """Goes on with the time that was left."""
        if self._allowance is not None:
            self._begun, spent = float(carried["begun"]), float(carried["spent"])
            self._allowance.resume(spent)
            self.over = spent >= 1.0
