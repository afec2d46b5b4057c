"""Incremental decoding: reads a language model step by step, with the states kept by the caller."""

import numpy as np
import tensorflow as tf

from nlpkit.models import LanguageModel
from nlpkit.training.interrupts import step_done
from nlpkit.training.uncompiled import uncompiled

__all__ = ["IncrementalDecoder"]


class IncrementalDecoder:
    """A language model in the form that `nlpkit.evaluation.measure` takes.

    Args:
        model: The language model.
    """

    def __init__(self, model: LanguageModel) -> None:
        self._model = model
        # Two functions, since one that gets two ranks is retraced for tensors of unknown rank.
        self._step, self._window = (
            uncompiled(self._advance, reduce_retracing=True) for _ in range(2)
        )
        self._history = uncompiled(self._follow, reduce_retracing=True)

    def start(self, n: int) -> tuple:
        """The states before the first word.

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
            ids: The words, int [N], one for each history, or [N, T].

        Returns:
            Log-probabilities of the word after each, float32 [N, V] or [N, T, V], and the states
            after the last.
        """
        ids = tf.cast(ids, tf.int32)
        advanced = self._step if len(ids.shape) == 1 else self._window
        scores, states = advanced(tuple(map(tf.convert_to_tensor, states)), ids)
        step_done()
        return scores.numpy(), states

    def follow(self, ids: np.ndarray, lengths: np.ndarray) -> tuple[np.ndarray, tuple]:
        """Reads whole histories.

        Args:
            ids: The words, int [N, T], padded on the right.
            lengths: The length of each row without its padding, int [N].

        Returns:
            What `advance` returns, after the last word of each row.
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
