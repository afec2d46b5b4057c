"""Dynamic evaluation: a model that keeps learning from the text it has just been scored on.

The text is read in segments. Each is scored with the weights as they are; then its mean loss L
moves them, and a decay draws them back towards the weights that were trained, θ_0:

    θ ← θ − η ∇L / (R + ε) + min(1, λ R / R̄) (θ_0 − θ)                                           (1)

R is the root mean square of each weight's gradient over the training data, and R̄ the mean of R: of
each tensor, then over the tensors. Only η and λ are tuned, on the validation split.

The model adapts to the text being read, so the perplexity holds for whole streams in their order
and says nothing about single sentences. The trained weights are restored afterwards.

Reference:
    Krause, Kahembwe, Murray and Renals, "Dynamic Evaluation of Neural Sequence Models", ICML 2018,
    section 4. The bound of 1, ε and R̄ are those of the authors' program.
"""

import dataclasses
import functools
import itertools
from collections.abc import Sequence

import numpy as np
import tensorflow as tf

from nlpkit.checks import check_fraction, check_positive_integer
from nlpkit.data import TokenStream
from nlpkit.errors import InputError
from nlpkit.evaluation.next_word import perplexity
from nlpkit.models import LanguageModel
from nlpkit.training.interrupts import interrupts_between_steps, step_done
from nlpkit.training.scoring import StreamScorer
from nlpkit.training.uncompiled import uncompiled

__all__ = ["DynamicScorer", "DynamicSettings", "perplexity_with_dynamic_evaluation", "tune"]

SEGMENT = 20
"""Words of a segment by default."""

RATES = (1e-4, 2e-4, 4e-4, 8e-4)
DECAYS = (0.004, 0.02)

_EPSILON = 2e-5
_ROWS = 20  # with the default segment, nearly as many words a window as the authors take
_WINDOWS = 500
_TUNED = 10_000


@dataclasses.dataclass(frozen=True)
class DynamicSettings:
    """What `tune` chose.

    Attributes:
        rate: How far a segment moves the weights, η; 0 where adapting did not help.
        decay: How fast they return, λ.
        perplexity: The validation perplexity with them.
    """

    rate: float
    decay: float
    perplexity: float


class DynamicScorer:
    """Scores streams with a model that adapts to them, and leaves the model as it was.

    R is measured once, before the first stream, on 500 windows of 20 rows at most.

    Args:
        model: The language model.
        train: The stream that it was trained on.
        segment: Words between two updates, at least 1. Default 20.

    Raises:
        InputError: If `segment` is not a positive integer.
    """

    def __init__(self, model: LanguageModel, train: TokenStream, *, segment: int = SEGMENT) -> None:
        check_positive_integer("segment", segment)
        self._model, self._train, self._segment = model, train, segment
        self._weights = [variable.value for variable in model.trainable_variables]
        self._adapt, self._add_squares = (
            uncompiled(function, reduce_retracing=True)
            for function in (self._score_and_update, self._squares_of_a_window)
        )

    def score(self, stream: TokenStream, *, rate: float, decay: float) -> np.ndarray:
        """Reads a stream from its start to its end, and adapts to each segment after scoring it.

        The softmax is over all words, and every word is predicted exactly once.

        Args:
            stream: The words.
            rate: How far a segment moves the weights, η, at least 0: at 0 nothing is adapted.
            decay: How fast they return, λ, from 0 to 1.

        Returns:
            The log-probability of each word after all words before it, float64 [n], in nats.

        Raises:
            InputError: If `rate` or `decay` is out of its range.
        """
        _check_rate(rate)
        check_fraction("decay", decay)
        roots, mean = self._statistics
        rates = [rate / (root + _EPSILON) for root in roots]
        decays = [tf.minimum(1.0, decay * root / mean) for root in roots]
        trained = [tf.identity(weight) for weight in self._weights]
        parts, states = [], self._model.zero_states(1)
        try:
            with interrupts_between_steps():
                for inputs, targets in stream.windows(1, self._segment):
                    losses, states = self._adapt(inputs, targets, states, rates, decays, trained)
                    parts.append(losses.numpy())
                    step_done()
        finally:
            for weight, before in zip(self._weights, trained, strict=True):
                weight.assign(before)
        return -np.concatenate(parts).astype(np.float64)

    @functools.cached_property
    def _statistics(self) -> tuple[list[tf.Tensor], tf.Tensor]:
        """R, a tensor for each of the weights, and R̄."""
        rows = min(_ROWS, self._train.size)
        windows = self._train.windows(rows, self._segment).take(_WINDOWS)
        squares = [tf.zeros_like(weight) for weight in self._weights]
        states = self._model.zero_states(rows)
        with interrupts_between_steps():
            for inputs, targets in windows:
                squares, states = self._add_squares(inputs, targets, states, squares)
                step_done()
        roots = [tf.sqrt(square / float(windows.cardinality())) for square in squares]
        return roots, tf.reduce_mean([tf.reduce_mean(root) for root in roots])

    def _score_and_update(self, inputs, targets, states, rates, decays, trained) -> tuple:
        """One segment: its losses [T] and the states after it; moves the weights, equation (1)."""
        losses, gradients, states = self._losses_and_gradients(inputs, targets, states)
        for weight, g, rate, decay, before in zip(
            self._weights, gradients, rates, decays, trained, strict=True
        ):
            weight.assign(weight - rate * g + decay * (before - weight))
        return losses, states

    def _squares_of_a_window(self, inputs, targets, states, squares) -> tuple:
        """Adds the squares of a window's gradients to those of the windows before it."""
        _, gradients, states = self._losses_and_gradients(inputs, targets, states)
        return [sum_ + g * g for sum_, g in zip(squares, gradients, strict=True)], states

    def _losses_and_gradients(self, inputs, targets, states) -> tuple:
        """The loss of each word, the gradients of their mean, and the states after the last."""
        with tf.GradientTape() as tape:
            h, states = self._model.read(inputs, states)
            features = tf.reshape(h, [-1, h.shape[-1]])
            logits = tf.cast(self._model.logits(features), tf.float32)
            losses = tf.nn.sparse_softmax_cross_entropy_with_logits(
                tf.reshape(targets, [-1]), logits
            )
            loss = tf.reduce_mean(losses)
        gradients = tape.gradient(loss, self._weights, unconnected_gradients="zero")
        return losses, [tf.convert_to_tensor(gradient) for gradient in gradients], states


def tune(
    scorer: DynamicScorer,
    validation: TokenStream,
    *,
    plain: float,
    rates: Sequence[float] = RATES,
    decays: Sequence[float] = DECAYS,
) -> DynamicSettings:
    """Finds the η and λ with the smallest perplexity on a validation stream.

    Args:
        scorer: What scores the stream.
        validation: The stream.
        plain: Its perplexity without adapting.
        rates: Values of η to try. Default: four from 0.0001 to 0.0008.
        decays: Values of λ to try. Default: 0.004 and 0.02.

    Returns:
        The `DynamicSettings` with the smallest perplexity, the first of equals.

    Raises:
        InputError: If a rate or a decay is out of its range.
    """
    tried = (
        DynamicSettings(rate, decay, perplexity(scorer.score(validation, rate=rate, decay=decay)))
        for rate, decay in itertools.product(rates, decays)
    )
    return min([DynamicSettings(0.0, 0.0, plain), *tried], key=lambda settings: settings.perplexity)


def perplexity_with_dynamic_evaluation(
    model: LanguageModel, train: TokenStream, validation: TokenStream, test: TokenStream
) -> float:
    """The perplexity of a model that adapts to the text, whose weights are the same afterwards.

    Args:
        model: The language model.
        train: The stream that it was trained on.
        validation: The stream on which η and λ are tuned: its first 10,000 words at most.
        test: The stream to measure.

    Returns:
        The perplexity of the test stream.
    """
    scorer = DynamicScorer(model, train)
    beginning = dataclasses.replace(validation, size=min(validation.size, _TUNED))
    plain = perplexity(StreamScorer(model).score(beginning).log_probabilities)
    settings = tune(scorer, beginning, plain=plain)
    return perplexity(scorer.score(test, rate=settings.rate, decay=settings.decay))


def _check_rate(rate: float) -> None:
    """Requires a number of at least 0."""
    if not 0 <= rate < np.inf:
        raise InputError(f"`rate` must be a number of at least 0, got {rate!r}.")
