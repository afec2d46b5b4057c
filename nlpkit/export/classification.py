"""A classifier in the form in which it is served: strings in, labels and probabilities out."""

from collections.abc import Callable, Sequence
from typing import Any

import keras
import tensorflow as tf

from nlpkit.errors import InputError
from nlpkit.export.artefact import Description
from nlpkit.export.interfaces import CLASSIFIER

__all__ = ["Classifier", "classifier"]


class Classifier(tf.Module):
    """The three signatures of a classifier, ready to be written.

        serving_default(text: string[N])  → label: string[N], score: float[N],
                                            probabilities: float[N, K]
        encode(text: string[N])           → ids: int32[N, T, …], 0 is padding
        ids(ids: int32[N, T, …])          → probabilities: float[N, K]

    N and T are free, and N may be 0. `ids` holds no string op, so it compiles for XLA and TPU.

    The module tracks tensors, tables and traced functions only. The Keras model is held by a
    closure, so loading the artefact needs nothing of Keras.

    Args:
        encoder: Maps text, string [N], to ids; see `classifier`.
        model: Maps ids to probabilities, float32 [N, K].
        label_names: Names of the K classes, in the order of the probabilities.

    Raises:
        InputError: If the model does not have one output for each name.
    """

    TASK, SIGNATURES = CLASSIFIER

    def __init__(
        self,
        encoder: Callable[[tf.Tensor], tf.Tensor],
        model: keras.Model,
        label_names: Sequence[str],
    ) -> None:
        super().__init__(name="classifier")
        text = tf.TensorSpec([None], tf.string, name="text")
        self.encoder = encoder
        self.label_names = tf.constant(list(label_names))
        self.encode = tf.function(self._encode, input_signature=[text], autograph=False)
        ids = self.encode.get_concrete_function().structured_outputs["ids"]
        ids = tf.TensorSpec([None, None, *ids.shape[2:]], ids.dtype, name="ids")
        self.ids = tf.function(_caller(model), input_signature=[ids], autograph=False)
        self.serving_default = tf.function(self._serve, input_signature=[text], autograph=False)
        answer = self.ids.get_concrete_function()
        _check_classes(answer.structured_outputs["probabilities"], len(label_names))
        self.weights = list(answer.variables)

    @property
    def description(self) -> Description:
        """The description for the artefact."""
        names = (name.decode() for name in self.label_names.numpy().tolist())
        return Description(self.TASK, tuple(names))

    def calls(self, texts: Sequence[str]) -> list[tuple[str, dict[str, Any]]]:
        """The calls whose answers are stored in the artefact.

        Args:
            texts: Any texts.

        Returns:
            One call, of `serving_default`: pairs of a signature and its inputs by name.
        """
        return [("serving_default", {"text": list(texts)})]

    def _encode(self, text: tf.Tensor) -> dict[str, tf.Tensor]:
        return {"ids": self.encoder(text)}

    def _serve(self, text: tf.Tensor) -> dict[str, tf.Tensor]:
        probabilities = self.ids(self.encode(text)["ids"])["probabilities"]
        return {
            "label": tf.gather(self.label_names, tf.argmax(probabilities, axis=-1)),
            "score": tf.reduce_max(probabilities, axis=-1),
            "probabilities": probabilities,
        }


def classifier(
    encoder: Callable[[tf.Tensor], tf.Tensor], model: keras.Model, label_names: Sequence[str]
) -> Classifier:
    """Combines an encoder and a model into the module to serve.

    Args:
        encoder: A `tf.Module` that maps text, string [N], to ids, int32 [N, T] or [N, T, F], with
            T at least 1. Core TensorFlow ops only; its tables are tracked by it.
        model: Maps these ids to probabilities, float32 [N, K], calibrated if so desired.
        label_names: Names of the K classes, in the order of the probabilities.

    Returns:
        The module that `nlpkit.export.write` writes.

    Raises:
        InputError: If the model does not have one output for each name.
    """
    return Classifier(encoder, model, label_names)


def _caller(model: keras.Model) -> Callable[[tf.Tensor], dict[str, tf.Tensor]]:
    """The model's inference as a function that hides the model from tracking."""

    def ids(ids: tf.Tensor) -> dict[str, tf.Tensor]:
        return {"probabilities": tf.cast(model(ids, training=False), tf.float32)}

    return ids


def _check_classes(probabilities: tf.TensorSpec, names: int) -> None:
    """Requires one output for each name."""
    if probabilities.shape.rank != 2 or probabilities.shape[-1] != names:
        raise InputError(
            f"`label_names` must name each output of the model, got {names} names for "
            f"probabilities of shape {tuple(probabilities.shape)}."
        )
