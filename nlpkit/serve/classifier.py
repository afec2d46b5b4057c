"""An exported classifier behind a few plain methods."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import tensorflow as tf

from nlpkit.export.artefact import read_extra
from nlpkit.serve.answers import short
from nlpkit.serve.batches import answer_in_batches

__all__ = ["Prediction", "ServedClassifier"]


class Prediction(NamedTuple):
    """The prediction for one text.

    Attributes:
        text: The text.
        label: The most probable class, by name.
        score: Its probability.
        probabilities: The probability of each class, float32 [K].
    """

    text: str
    label: str
    score: float
    probabilities: np.ndarray


class ServedClassifier:
    """An exported classifier, returned by `load`; its arguments are attributes too.

    Args:
        directory: The folder of the artefact.
        classes: Names of the K classes, in the order of the probabilities.
        loaded: The result of `tf.saved_model.load`.
    """

    def __init__(self, directory: Path, classes: tuple[str, ...], loaded: Any) -> None:
        self.directory = directory
        self.classes = classes
        self.loaded = loaded  # the signature's variables live as long as the loaded object
        self._serve = loaded.signatures["serving_default"]

    def classify(
        self, texts: Iterable[str], *, batch_size: int = 64, window: int = 1024
    ) -> Iterator[Prediction]:
        """Yields a prediction for each text, in order; the stream may have any length.

        Args:
            texts: Any strings; a lone surrogate, which is not a character, becomes U+FFFD.
            batch_size: The most texts in a batch, at least 1.
            window: Texts that are read before the first is answered, at least 1. They are
                computed in the order of their lengths; 1 answers each text at once.

        Yields:
            The predictions.

        Raises:
            InputError: If `batch_size` or `window` is not a positive integer.
        """
        return answer_in_batches(texts, self._answer, batch_size=batch_size, window=window)

    def predict(
        self, texts: Iterable[str], *, batch_size: int = 64, window: int = 1024
    ) -> Iterator[dict[str, Any]]:
        """Yields `{"text", "label", "score", "probabilities": {label: p}}` for each text, in order.

        Args:
            texts: See `classify`.
            batch_size: See `classify`.
            window: See `classify`.

        Yields:
            The answers, ready for JSON. Numbers have the digits that identify a float32.

        Raises:
            InputError: If `batch_size` or `window` is not a positive integer.
        """
        return map(self._plain, self.classify(texts, batch_size=batch_size, window=window))

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """Encodes texts as the model reads them.

        Args:
            texts: Any strings without lone surrogates.

        Returns:
            int32 [N, T, …]; 0 is padding.
        """
        text = tf.constant(list(texts), tf.string, [len(texts)])
        return self.loaded.signatures["encode"](text=text)["ids"].numpy()

    def answer(self, ids: np.ndarray) -> np.ndarray:
        """Answers texts that are encoded.

        Args:
            ids: From `encode`, int32 [N, T, …].

        Returns:
            The probability of each class, float32 [N, K].
        """
        ids = tf.constant(ids, tf.int32)
        return self.loaded.signatures["ids"](ids=ids)["probabilities"].numpy()

    def extra(self, name: str) -> str | None:
        """The content of a file that the trainer left in assets.extra/.

        Args:
            name: The file's name.

        Returns:
            Its text; None if there is no such file.
        """
        return read_extra(self.directory, name)

    def _plain(self, prediction: Prediction) -> dict[str, Any]:
        """A prediction in the form that the command line writes."""
        probabilities = map(short, prediction.probabilities)
        return {
            "text": prediction.text,
            "label": prediction.label,
            "score": short(prediction.score),
            "probabilities": dict(zip(self.classes, probabilities, strict=True)),
        }

    def _answer(self, batch: list[str]) -> list[Prediction]:
        """The predictions for one batch."""
        answers = self._serve(text=tf.constant(batch, tf.string))
        labels = [label.decode() for label in answers["label"].numpy().tolist()]
        columns = (batch, labels, answers["score"].numpy(), answers["probabilities"].numpy())
        return [Prediction(*row) for row in zip(*columns, strict=True)]
