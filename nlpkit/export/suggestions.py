"""What a language model suggests: words where they are written apart, else pieces of text."""

import tensorflow as tf

from nlpkit.export.generation import FIRST_WORD
from nlpkit.text.words.encoder import WordEncoder

__all__ = ["Suggestions"]

_MOST = 5


class Suggestions(tf.Module):
    """The likeliest words, or texts.

    Where words are not written apart, a piece at the start of a sentence and the same inside it are
    two ids and one text. Such a text is suggested once, with the probability of both.

    Args:
        encoder: Strings to ids and back.
    """

    def __init__(self, encoder: WordEncoder) -> None:
        super().__init__(name="suggestions")
        self._encoder = encoder
        self._merges = not encoder.vocabulary.spaced
        if self._merges:
            written = encoder.vocabulary.written[FIRST_WORD:]
            texts = {text: place for place, text in enumerate(dict.fromkeys(written))}
            self._texts = tf.constant(list(texts))
            self._place = tf.constant([texts[text] for text in written], tf.int32)

    def __call__(self, probabilities: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Suggests what may follow.

        Args:
            probabilities: Of each id, float32 [N, V].

        Returns:
            The likeliest words or texts, no special token among them, string [N, k], k at most 5;
            and their probabilities, float32 [N, k].
        """
        probabilities = probabilities[:, FIRST_WORD:]
        if self._merges:
            count = self._texts.shape[0]
            columns = tf.transpose(probabilities)
            probabilities = tf.transpose(tf.math.unsorted_segment_sum(columns, self._place, count))
        best, places = tf.math.top_k(probabilities, min(_MOST, probabilities.shape[1]))
        if self._merges:
            return tf.gather(self._texts, places), best
        return self._encoder.decode(FIRST_WORD + places), best
