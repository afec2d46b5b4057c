"""How the words of a vocabulary are found by their spelling."""

from collections.abc import Sequence

import numpy as np
import tensorflow as tf

from nlpkit.text.words.encoder import WordEncoder
from nlpkit.text.words.vocabulary import SPECIALS

__all__ = ["WordFinder"]


class WordFinder:
    """Finds the ids of words; of pieces, those that can be a whole word.

    Words are composed and cut as texts are. Case counts, as it does in texts.

    Args:
        encoder: The encoder of texts to ids.

    Example:
        >>> from nlpkit.text import WordVocabulary
        >>> words = WordVocabulary(("</s>", "<unk>", "영화", "##가"), "subwords")
        >>> find = WordFinder(WordEncoder(words))
        >>> len(find), find(["영화".encode(), "영화가".encode(), "가".encode(), b"</s>"]).tolist()
        (1, [2, -1, -1, -1])
    """

    def __init__(self, encoder: WordEncoder) -> None:
        self._size = int(np.sum(~encoder.continues)) - len(SPECIALS)
        text = tf.TensorSpec([None], tf.string)
        self._ragged = tf.function(encoder.ragged, input_signature=[text], autograph=False)

    def __len__(self) -> int:
        """Number of words that have an id."""
        return self._size

    def __call__(self, words: Sequence[bytes]) -> np.ndarray:
        """Finds words.

        Args:
            words: Strings in UTF-8, n of them.

        Returns:
            int [n]: the id of each; −1 for what has none, or is no single word.
        """
        ids = self._ragged(tf.constant(words, tf.string, [len(words)]))
        lengths, starts = ids.row_lengths().numpy(), ids.row_starts().numpy()
        first = np.append(ids.values.numpy(), -1)[starts]
        return np.where((lengths == 1) & (first >= len(SPECIALS)), first, -1)
