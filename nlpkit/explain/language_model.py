"""Explains language models: suggestions after each word, the surprise, and what each word adds."""

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from nlpkit.errors import InputError
from nlpkit.explain.explainer import Explainer, log_odds, not_the_same
from nlpkit.explain.explanation import Curve
from nlpkit.export.generation import FIRST_WORD
from nlpkit.export.suggestions import Suggestions
from nlpkit.models import LanguageModel
from nlpkit.text import UNKNOWN, WordEncoder
from nlpkit.text.words.tokenization import word_strings

__all__ = ["LanguageModelExplainer"]

_AT_ONCE = 256  # words that are scored together


class LanguageModelExplainer(Explainer):
    """Explains a language model that `nlpkit next-word` trained; see `Explainer`.

    The first token is the start id, `</s>`. A word that the vocabulary lacks is shown with what the
    model reads in its place, "word→<unk>".
    """

    task = "next-word model"

    def __init__(self, model: keras.Model, served: Any) -> None:
        super().__init__(model, served)
        if not isinstance(model, LanguageModel):
            raise InputError("model.keras must be as `nlpkit next-word` wrote it, and is not.")
        if model.vocabulary != len(served.words):
            raise not_the_same()
        self._suggestions = Suggestions(WordEncoder(served.vocabulary))

    def encode(self, text: str, *, whole: bool = True) -> tuple[tuple[str, ...], np.ndarray]:
        row = self.served.ragged(tf.constant([text])).numpy()[0]
        if not len(row):
            return (), np.zeros([1, 0], np.int32)
        words = [self.served.words[index] for index in row]
        kind = self.served.vocabulary.tokenization
        if UNKNOWN in row and kind != "subwords":
            (spelled,) = word_strings(tf.constant([text]), tokenization=kind).to_list()
            for at in np.flatnonzero(row == UNKNOWN):
                words[at] = f"{spelled[at].decode()}→{words[at]}"
        return (self.served.words[0], *words), np.append(0, row)[None].astype(np.int32)

    def answer(
        self, tokens: Sequence[str], ids: np.ndarray
    ) -> tuple[list[dict[str, float]], Curve, int, float]:
        answers: list[dict[str, float]] = []
        surprise = np.full(len(tokens), np.nan)
        states = self.served.start(1)
        for start in range(0, len(tokens), _AT_ONCE):
            here = ids[:, start : start + _AT_ONCE]
            log_probabilities, states = self.served.advance(states, here)
            words, probabilities = self._suggestions(tf.exp(log_probabilities[0]))
            answers += map(_named, words.numpy().tolist(), probabilities.numpy().tolist())
            after = ids[0, start + 1 : start + 1 + here.shape[1]]
            log = log_probabilities.numpy()[0, np.arange(len(after)), after]
            surprise[start + 1 : start + 1 + len(after)] = -log / np.log(2)
        last = log_probabilities.numpy()[0, -1]
        target = FIRST_WORD + int(np.argmax(last[FIRST_WORD:]))
        return answers, Curve("surprise, bits", surprise), target, float(np.exp(last[target]))

    def name(self, target: int) -> str:
        return self.served.words[target]

    def path(self, tokens: Sequence[str], ids: np.ndarray, target: int) -> tuple[Any, list]:
        def function(vectors: tf.Tensor) -> tf.Tensor:
            states = self.model.zero_states(vectors.shape[0])
            features, _, _ = self.model.read_vectors(vectors, states)
            return log_odds(self.model.logits(features[:, -1]), target)

        return function, [tf.gather(self.model.embeddings, ids[0])]


def _named(words: list[bytes], probabilities: list[float]) -> dict[str, float]:
    """Suggestions with their probabilities."""
    return {
        word.decode(): probability for word, probability in zip(words, probabilities, strict=True)
    }
