"""Suggestions of a language model: words where they are written apart, else pieces of text."""

import tensorflow as tf

from nlpkit.export.generation import FIRST_WORD
from nlpkit.text.words.encoder import WordEncoder

__all__ = ["Suggestions"]

_MOST = 5


class Suggestions(tf.Module):
    """The most probable words or texts.

    Where words are not written apart, the same piece has one id at the start of a sentence and
    another inside it. Its text is suggested once, with the probability of both.

    Args:
        encoder: Strings to ids and back.
    """

    def __init__(self, encoder: WordEncoder) -> None:
        super().__init__(name="suggestions")
        self._encoder = encoder
        self._merges = not encoder.vocabulary.spaced
        if self._merges:
            written = encoder.vocabulary.written[FIRST_WORD:]
            texts = {text: index for index, text in enumerate(dict.fromkeys(written))}
            self._texts = tf.constant(list(texts))
            self._index = tf.constant([texts[text] for text in written], tf.int32)

    def __call__(self, probabilities: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Suggests the next word.

        Args:
            probabilities: The probability of each id, float32 [N, V].

        Returns:
            The most probable words or texts, without special tokens, string [N, k], k at most 5;
            and their probabilities, float32 [N, k].
        """
        probabilities = probabilities[:, FIRST_WORD:]
        if self._merges:
            count = self._texts.shape[0]
            columns = tf.transpose(probabilities)
            probabilities = tf.transpose(tf.math.unsorted_segment_sum(columns, self._index, count))
        best, indices = tf.math.top_k(probabilities, min(_MOST, probabilities.shape[1]))
        if self._merges:
            return tf.gather(self._texts, indices), best
        return self._encoder.decode(FIRST_WORD + indices), best
