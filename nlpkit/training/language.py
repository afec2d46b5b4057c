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
from nlpkit.training.interrupts import interrupts_between_steps, step_done
from nlpkit.training.progress import Progress
from nlpkit.training.scoring import StreamScorer
from nlpkit.training.softmax import next_word_loss

__all__ = ["fit_language_model"]

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
    log: str | Path,
    quiet: bool = False,
) -> None:
    """Trains a model and restores the weights of its best epoch.

    The optimizer is Adam; its learning rate warms up over the first 100 windows and then decays
    linearly to a hundredth. Gradients are clipped to a norm of 1. The softmax of a large vocabulary
    is sampled; see `nlpkit.training.softmax`. Validation uses the full softmax, and the best epoch
    is the one with the lowest validation loss.

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
        log: CSV file that gets a line for each epoch.
        quiet: Whether to hide the progress. Default false.

    Raises:
        InputError: If the training diverges, or `batch_size`, `steps` or `epochs` is not a
            positive integer.

    Reference: Merity, Keskar & Socher 2018, section 4.3, for AR and TAR.
    """
    for name, value in {"batch_size": batch_size, "steps": steps, "epochs": epochs}.items():
        check_positive_integer(name, value)
    windows = train.windows(min(batch_size, max(1, train.size // steps)), steps)
    count = int(windows.cardinality())
    optimizer = LazyAdam(_Rate(learning_rate, epochs * count))
    step = _training_step(
        model, optimizer, next_word_loss(model.vocabulary), activation_penalty, change_penalty
    )
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
            loss = _run(step, windows, model, (seed, epoch * count), progress)
            val_loss = -scorer.score(validation).log_probabilities.mean()
            if not math.isfinite(loss + val_loss):
                raise InputError(
                    "the training diverged: the model's outputs are NaN or infinite; "
                    "a smaller `--learning-rate` helps."
                )
            if val_loss < least:
                best, least, kept = model.get_weights(), val_loss, epoch + 1
            logs = {"loss": loss, "val_loss": val_loss}
            rate = float(optimizer.learning_rate)
            table.writerow({"epoch": epoch + 1, **logs, "learning_rate": rate})
            progress.on_epoch_end(epoch, logs)
        progress.ended(epochs, kept)
    model.set_weights(best)


def _run(step: Callable, windows, model: LanguageModel, seed: tuple[int, int], progress) -> float:
    """One pass over the training words; the mean loss of a word."""
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
    return float(total) / words


def _training_step(model, optimizer, next_word, activation_penalty, change_penalty) -> Callable:
    """A function of a window and the states before it: the loss and the states after it."""
    weights = model.trainable_variables

    @tf.function(autograph=False)
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
    """A linear warm-up, then a linear decay."""

    def __init__(self, highest: float, steps: int) -> None:
        self.highest, self.steps = highest, steps

    def __call__(self, step):
        step = tf.cast(step, tf.float32)
        left = 1.0 - step / self.steps
        return self.highest * tf.minimum(
            (step + 1.0) / _WARM_UP, _LAST_RATE + (1.0 - _LAST_RATE) * left
        )

    def get_config(self):
        return {"highest": self.highest, "steps": self.steps}


def _describe(logs: Mapping[str, float]) -> str:
    """The metrics of an epoch, for the progress line."""
    return (
        f"perplexity {math.exp(min(logs['loss'], 100)):,.1f} in training, "
        f"{math.exp(min(logs['val_loss'], 100)):,.2f} in validation"
    )
