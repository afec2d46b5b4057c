"""Texts to the ids of their words and back, inside the graph: for training and for serving."""

import numpy as np
import tensorflow as tf

from nlpkit.text.words.detokenizer import Detokenizer
from nlpkit.text.words.lexicon import Lexicon
from nlpkit.text.words.tokenization import tokenize
from nlpkit.text.words.vocabulary import END, SPECIALS, WordVocabulary

__all__ = ["WordEncoder"]


class WordEncoder(tf.Module):
    """Texts ↔ ids of words, with core TensorFlow operations only.

    Args:
        vocabulary: The words that have an id, and the tokenization.

    Attributes:
        vocabulary: The vocabulary.

    Example:
        >>> texts = tf.constant(["the cat, the dog", ""])
        >>> encoder = WordEncoder(WordVocabulary.learn([texts], tokenization="words", min_count=1))
        >>> ids, lengths = encoder(texts)
        >>> ids.numpy()                     # every text begins after `</s>`, which also pads
        array([[0, 2, 4, 3, 2, 5],
               [0, 0, 0, 0, 0, 0]], dtype=int32)
        >>> encoder.join(texts[:1], tf.constant([[3, 2, 5]]))[0].numpy().decode()
        'the cat, the dog, the dog'
    """

    def __init__(self, vocabulary: WordVocabulary) -> None:
        super().__init__(name="word_encoder")
        self.vocabulary = vocabulary
        self._cuts = vocabulary.tokenization == "subwords"
        self._lexicon = Lexicon(
            vocabulary.words[len(SPECIALS) :], pieces=self._cuts, first=len(SPECIALS)
        )
        self._joiner = Detokenizer(vocabulary)
        self._words = tf.constant(vocabulary.words)

    @property
    def continues(self) -> np.ndarray:
        """The vocabulary's."""
        return self.vocabulary.continues

    def ragged(self, texts: tf.Tensor) -> tf.RaggedTensor:
        """Encodes texts, without a start or an end.

        Args:
            texts: string [N], UTF-8.

        Returns:
            int32 [N, None]; a word that the vocabulary lacks is UNKNOWN.
        """
        words = tokenize(texts, tokenization=self.vocabulary.tokenization)
        if self._cuts:
            ids, word = self._lexicon.longest_match(words)
            text = tf.gather(words.text, word)
        else:
            ids, text = self._lexicon.whole(words), words.text
        count = tf.size(texts, out_type=tf.int64)
        return tf.RaggedTensor.from_value_rowids(ids, text, count, validate=False)

    def __call__(self, texts: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Encodes texts as a model reads them.

        Args:
            texts: string [N], UTF-8.

        Returns:
            The ids, int32 [N, T], T at least 1: for each text END, its ids, and padding with END;
            and their lengths without the padding, int32 [N].
        """
        ids = self.ragged(texts)
        padded = tf.pad(ids.to_tensor(END), [[0, 0], [1, 0]], constant_values=END)
        return padded, 1 + tf.cast(ids.row_lengths(), tf.int32)

    def decode(self, ids: tf.Tensor) -> tf.Tensor:
        """The words of ids, as in the vocabulary.

        Args:
            ids: int32 of any shape. Values outside the vocabulary are clipped to it.

        Returns:
            string of the same shape.
        """
        return tf.gather(self._words, tf.clip_by_value(ids, 0, len(self.vocabulary) - 1))

    def join(self, prompts: tf.Tensor, ids: tf.Tensor) -> tf.Tensor:
        """Writes words after prompts as running text.

        Args:
            prompts: string [N], kept as they are.
            ids: int32 [N, L], the words that follow each. END is not written.

        Returns:
            string [N].
        """
        return self._joiner(prompts, ids)
