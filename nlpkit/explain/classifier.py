"""Explains classifiers: probabilities of the classes after each token, and what each adds."""

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from nlpkit.errors import InputError
from nlpkit.explain.explainer import Explainer, log_odds, not_the_same
from nlpkit.explain.explanation import Curve
from nlpkit.explain.linear_part import token_logits
from nlpkit.models import BagOfNgrams, Mixture, PieceEmbedding, TemperatureScaling
from nlpkit.text import token_strings

__all__ = ["ClassifierExplainer"]

_SHOWN = 5  # classes
_AT_ONCE = 64  # beginnings of a text that are read together


class ClassifierExplainer(Explainer):
    """Explains a classifier that `nlpkit sentiment` trained; see `Explainer`."""

    task = "classifier"

    def __init__(self, model: keras.Model, served: Any) -> None:
        super().__init__(model, served)
        parts = {type(layer): layer for layer in model.layers}
        if not {PieceEmbedding, TemperatureScaling} <= parts.keys():
            raise InputError("model.keras must be as `nlpkit sentiment` wrote it, and is not.")
        if model.output_shape[-1] != len(served.classes):
            raise not_the_same()
        self._pieces, self._linear = parts[PieceEmbedding], parts.get(BagOfNgrams)
        self._mixture, self._scaling = parts.get(Mixture), parts[TemperatureScaling]
        others = (keras.layers.InputLayer, PieceEmbedding, BagOfNgrams, Mixture, TemperatureScaling)
        self._network = [layer for layer in model.layers if not isinstance(layer, others)]

    def encode(self, text: str, *, whole: bool = True) -> tuple[tuple[str, ...], np.ndarray]:
        ids = self.served.encode([text])
        if ids.shape[2:] != self.model.input_shape[2:]:
            raise not_the_same()
        (row,) = token_strings(tf.constant([text])).to_list()
        tokens = tuple(token.decode() for token in row)
        if min(len(tokens), ids.shape[1]) != np.count_nonzero(ids[0, :, 0]):
            raise InputError(
                "saved_model/ must cut texts as this nlpkit does, but another version wrote it; "
                "use that version, or train again."
            )
        if whole and len(tokens) > ids.shape[1]:
            raise InputError(
                f"a text must have at most {ids.shape[1]} tokens for this model, which cuts off "
                f"the rest, got {len(tokens)}; give a part of it, or train with "
                f"`--max-length {len(tokens)}`."
            )
        return tokens[: ids.shape[1]], ids

    def answer(
        self, tokens: Sequence[str], ids: np.ndarray
    ) -> tuple[list[dict[str, float]], Curve, int, float]:
        probabilities = self._running(ids)
        target = int(np.argmax(probabilities[-1]))
        curve = Curve(f"probability of {self.name(target)}", probabilities[:, target])
        best = np.argsort(-probabilities, axis=1, kind="stable")[:, :_SHOWN]
        answers = [
            {self.name(index): float(row[index]) for index in order}
            for row, order in zip(probabilities, best, strict=True)
        ]
        return answers, curve, target, float(probabilities[-1, target])

    def _running(self, ids: np.ndarray) -> np.ndarray:
        """The probabilities after each token: those of the text's beginnings, [T, K]."""
        answers, time = [], ids.shape[1]
        for start in range(0, time, _AT_ONCE):
            lengths = np.arange(start, min(start + _AT_ONCE, time)) + 1
            inside = np.arange(lengths[-1]) < lengths[:, None]
            answers.append(self.served.answer(ids[:, : lengths[-1]] * inside[:, :, None]))
        return np.concatenate(answers).astype(float)

    def name(self, target: int) -> str:
        return self.served.classes[target]

    def path(self, tokens: Sequence[str], ids: np.ndarray, target: int) -> tuple[Any, list]:
        width = self._pieces.input.shape[-1]  # without the ids of phrases
        inputs = [self._pieces(ids[..., :width])[0]]
        if self._linear is not None:
            inputs.append(tf.constant(token_logits(self._linear, tokens, ids[0])))

        def function(vectors: tf.Tensor, linear: tf.Tensor | None = None) -> tf.Tensor:
            logits = vectors
            for layer in self._network:
                logits = layer(logits)
            if self._linear is not None and self._mixture is not None:
                added = self._linear.bias + tf.reduce_sum(linear, axis=1)
                logits = self._mixture([logits, added])
            return log_odds(logits / self._scaling.temperature, target)

        return function, inputs

    def groups(self, encoded: Sequence[np.ndarray]) -> dict[str, np.ndarray]:
        answers = np.array([np.argmax(self.served.answer(ids)[0]) for ids in encoded])
        classes = np.unique(answers)
        if len(classes) == 2:  # what goes with one goes against the other
            classes = classes[1:]
        return {self.name(index): answers == index for index in classes}
