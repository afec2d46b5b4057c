"""Scores a stream with a language model, which reads it once, from its start to its end."""

from typing import NamedTuple

import numpy as np
import tensorflow as tf

from nlpkit.data import TokenStream
from nlpkit.evaluation.measuring import measure
from nlpkit.evaluation.neural_cache import cache_log_probabilities, tune
from nlpkit.evaluation.next_word import NextWordMetrics, perplexity
from nlpkit.models import LanguageModel
from nlpkit.training.decoding import IncrementalDecoder
from nlpkit.training.interrupts import step_done
from nlpkit.training.uncompiled import uncompiled

__all__ = [
    "StreamScorer",
    "StreamScores",
    "evaluate_language_model",
    "perplexity_with_cache",
]

_STEPS = 512


class StreamScores(NamedTuple):
    """The scores that a model gives to the n words of a stream.

    Attributes:
        log_probabilities: Of each word after all words before it, float64 [n], in nats.
        features: The outputs of the last layer before each word, float32 [n, D], or None.
    """

    log_probabilities: np.ndarray
    features: np.ndarray | None


class StreamScorer:
    """Scores streams with a model; its graph is traced once.

    Args:
        model: The language model.
    """

    def __init__(self, model: LanguageModel) -> None:
        self._model = model
        self._window = uncompiled(self._window_scores, reduce_retracing=True)

    def score(self, stream: TokenStream, *, features: bool = False) -> StreamScores:
        """Reads a stream from zero states, which are carried from window to window to its end.

        The softmax is over all words, and every word is predicted exactly once.

        Args:
            stream: The words.
            features: Whether to keep the features, 4·D bytes a word.

        Returns:
            The scores of each word.
        """
        parts, states = [], self._model.zero_states(1)
        for inputs, targets in stream.windows(1, _STEPS):
            scores, states = self._window(inputs, targets, states, features=features)
            parts.append([part.numpy() for part in scores])
            step_done()
        log_probabilities, *kept = map(np.concatenate, zip(*parts, strict=True))
        return StreamScores(log_probabilities.astype(np.float64), kept.pop() if features else None)

    def _window_scores(self, inputs, targets, states, *, features: bool) -> tuple:
        h, states = self._model.read(inputs, states)
        logits = tf.cast(self._model.logits(h[0]), tf.float32)
        loss = tf.nn.sparse_softmax_cross_entropy_with_logits(targets[0], logits)
        return [-loss, h[0]] if features else [-loss], states


def evaluate_language_model(
    model: LanguageModel,
    stream: TokenStream,
    *,
    continues: np.ndarray,
    characters: np.ndarray | None = None,
) -> NextWordMetrics:
    """Measures a model on a stream.

    Args:
        model: The language model.
        stream: The words.
        continues: bool [V], which ids continue a word; see `nlpkit.evaluation.measure`.
        characters: int [V], how many characters each id stands for, likewise.

    Returns:
        The metrics.
    """
    return measure(IncrementalDecoder(model), stream, continues=continues, characters=characters)


def perplexity_with_cache(
    model: LanguageModel, validation: TokenStream, test: TokenStream, *, size: int
) -> float:
    """The perplexity of the model with a neural cache; see `nlpkit.evaluation.neural_cache`.

    Args:
        model: The language model.
        validation: The stream on which the cache is tuned.
        test: The stream to measure.
        size: Words that the cache reaches back, at least 1.

    Returns:
        The perplexity of the test stream.
    """
    scorer = StreamScorer(model)
    scores = scorer.score(validation, features=True)
    settings = tune(scores.features, validation.ids, scores.log_probabilities, size=size)
    scores = scorer.score(test, features=True)
    return perplexity(
        cache_log_probabilities(
            scores.features,
            test.ids,
            scores.log_probabilities,
            size=size,
            theta=settings.theta,
            weight=settings.weight,
        )
    )
