"""Explains classifiers: probabilities of the classes after each token, and what each adds."""

from collections.abc import Sequence
from inspect import signature
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from nlpkit.errors import InputError
from nlpkit.explain.explainer import Explainer, log_odds, not_the_same
from nlpkit.explain.explanation import Curve
from nlpkit.explain.linear_part import beginning_logits, token_logits
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
        served = float(self.served.answer(ids)[0, target])
        curve = Curve(f"probability of {self.name(target)}", probabilities[:, target])
        best = np.argsort(-probabilities, axis=1, kind="stable")[:, :_SHOWN]
        answers = [
            {self.name(index): float(row[index]) for index in order}
            for row, order in zip(probabilities, best, strict=True)
        ]
        return answers, curve, target, served

    def _running(self, ids: np.ndarray) -> np.ndarray:
        """The probabilities after each token: those of the text's beginnings, [T, K].

        Each token is embedded once, and the linear part is summed once, for all beginnings.
        """
        time, vectors = ids.shape[1], self._vectors(ids)
        logits = np.concatenate(
            [
                self._logits(
                    tf.repeat(vectors[:, : lengths[-1]], len(lengths), axis=0),
                    tf.sequence_mask(lengths),
                )
                for lengths in np.split(1 + np.arange(time), range(_AT_ONCE, time, _AT_ONCE))
            ]
        )
        if self._linear is not None and self._mixture is not None:
            logits = self._mixture([logits, beginning_logits(self._linear, ids[0])])
        return self._scaling(tf.convert_to_tensor(logits)).numpy().astype(float)

    def _vectors(self, ids: np.ndarray) -> tf.Tensor:
        """The vectors of the tokens, [B, T, D]."""
        width = self._pieces.input.shape[-1]  # without the ids of phrases
        return self._pieces(ids[..., :width])

    def _logits(self, vectors: tf.Tensor, mask: tf.Tensor | None = None) -> tf.Tensor:
        """The logits of the network, [B, K]."""
        for layer in self._network:
            masks = {"mask": mask} if "mask" in signature(layer.call).parameters else {}
            vectors = layer(vectors, **masks)
        return vectors

    def name(self, target: int) -> str:
        return self.served.classes[target]

    def path(self, tokens: Sequence[str], ids: np.ndarray, target: int) -> tuple[Any, list]:
        inputs = [self._vectors(ids)[0]]
        if self._linear is not None:
            inputs.append(tf.constant(token_logits(self._linear, tokens, ids[0])))

        def function(vectors: tf.Tensor, linear: tf.Tensor | None = None) -> tf.Tensor:
            logits = self._logits(vectors)
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
