"""Reads a stream with a language model, once and in one piece, or steps through it."""

from typing import NamedTuple

import numpy as np
import tensorflow as tf

from nlpkit.data import TokenStream
from nlpkit.evaluation.measuring import measure
from nlpkit.evaluation.neural_cache import cache_log_probabilities, tune
from nlpkit.evaluation.next_word import NextWordFigures, perplexity
from nlpkit.models import LanguageModel
from nlpkit.training.interrupts import step_done

__all__ = [
    "Stepper",
    "StreamScorer",
    "StreamScores",
    "figures",
    "perplexity_with_cache",
]

_STEPS = 512


class StreamScores(NamedTuple):
    """What a model thinks of the n words of a stream.

    Attributes:
        log_probabilities: Of each word after all words before it, float64 [n], in nats.
        features: What the last layer gives before each word, float32 [n, D]; None if not asked for.
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
        self._window = tf.function(self._window_scores, reduce_retracing=True, autograph=False)

    def score(self, stream: TokenStream, *, features: bool = False) -> StreamScores:
        """Reads a stream from zero states, which are carried from window to window to its end.

        The softmax is over all words, and every word is predicted exactly once.

        Args:
            stream: The words.
            features: Whether to keep the features, 4·D bytes a word.

        Returns:
            What the model thinks of each word.
        """
        parts, states = [], self._model.zero_states(1)
        for inputs, targets in stream.windows(1, _STEPS):
            found, states = self._window(inputs, targets, states, features=features)
            parts.append([part.numpy() for part in found])
            step_done()
        log_probabilities, *kept = map(np.concatenate, zip(*parts, strict=True))
        return StreamScores(log_probabilities.astype(np.float64), kept.pop() if features else None)

    def _window_scores(self, inputs, targets, states, *, features: bool) -> tuple:
        h, states = self._model.read(inputs, states)
        scores = tf.cast(self._model.logits(h[0]), tf.float32)
        found = [-tf.nn.sparse_softmax_cross_entropy_with_logits(targets[0], scores)]
        return found + [h[0]] * features, states


def figures(
    model: LanguageModel,
    stream: TokenStream,
    *,
    continues: np.ndarray,
    characters: np.ndarray | None = None,
) -> NextWordFigures:
    """Measures a model on a stream.

    Args:
        model: The language model.
        stream: The words.
        continues: bool [V], which ids continue a word; see `nlpkit.evaluation.measure`.
        characters: int [V], how many characters each id stands for, likewise.

    Returns:
        The figures.
    """
    return measure(Stepper(model), stream, continues=continues, characters=characters)


def perplexity_with_cache(
    model: LanguageModel, validation: TokenStream, test: TokenStream, *, size: int
) -> float:
    """The perplexity with a neural cache beside the model; see `nlpkit.evaluation.neural_cache`.

    Args:
        model: The language model.
        validation: The stream on which the cache is tuned.
        test: The stream to report on.
        size: Words that the cache reaches back, at least 1.

    Returns:
        The perplexity of the test stream.
    """
    scorer = StreamScorer(model)
    scores = scorer.score(validation, features=True)
    found = tune(scores.features, validation.ids, scores.log_probabilities, size=size)
    scores = scorer.score(test, features=True)
    return perplexity(
        cache_log_probabilities(
            scores.features,
            test.ids,
            scores.log_probabilities,
            size=size,
            theta=found.theta,
            share=found.share,
        )
    )


class Stepper:
    """A language model as `nlpkit.evaluation.measure` wants it.

    Args:
        model: The language model.
    """

    def __init__(self, model: LanguageModel) -> None:
        self._model = model
        # Two functions: one that has met two ranks is traced for tensors of unknown rank.
        self._step, self._window = (
            tf.function(self._advance, reduce_retracing=True, autograph=False) for _ in range(2)
        )
        self._history = tf.function(self._follow, reduce_retracing=True, autograph=False)

    def start(self, n: int) -> tuple:
        """The states before anything was read.

        Args:
            n: Number of histories.

        Returns:
            Zeros [n, U] for each state.
        """
        return tuple(self._model.zero_states(n))

    def advance(self, states: tuple, ids: np.ndarray) -> tuple[np.ndarray, tuple]:
        """Reads words in each history.

        Args:
            states: Before them.
            ids: The words, int [N], one of each history, or [N, T].

        Returns:
            Log-probabilities of the word after each, float32 [N, V] or [N, T, V], and the states
            after the last.
        """
        ids = tf.cast(ids, tf.int32)
        advanced = self._step if ids.shape.rank == 1 else self._window
        scores, states = advanced(tuple(map(tf.convert_to_tensor, states)), ids)
        step_done()
        return scores.numpy(), states

    def follow(self, ids: np.ndarray, lengths: np.ndarray) -> tuple[np.ndarray, tuple]:
        """Reads whole histories.

        Args:
            ids: The words, int [N, T], padded on the right.
            lengths: How many of each row count, int [N].

        Returns:
            As `advance`, after each row's last word.
        """
        scores, states = self._history(tf.constant(ids, tf.int32), tf.constant(lengths, tf.int32))
        return scores.numpy(), states

    def _follow(self, ids: tf.Tensor, lengths: tf.Tensor) -> tuple[tf.Tensor, tuple]:
        mask = tf.sequence_mask(lengths, tf.shape(ids)[1])
        h, states = self._model.read(ids, self._model.zero_states(tf.shape(ids)[0]), mask=mask)
        last = tf.gather(h, lengths - 1, batch_dims=1)
        return tf.nn.log_softmax(tf.cast(self._model.logits(last), tf.float32)), tuple(states)

    def _advance(self, states: tuple, ids: tf.Tensor) -> tuple[tf.Tensor, tuple]:
        single = ids.shape.rank == 1
        h, states = self._model.read(ids[:, None] if single else ids, states)
        scores = self._model.logits(h[:, 0] if single else h)
        return tf.nn.log_softmax(tf.cast(scores, tf.float32)), tuple(states)
