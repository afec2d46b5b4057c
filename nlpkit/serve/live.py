"""A model in memory, with the methods of a loaded artefact."""

import functools
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import tensorflow as tf

from nlpkit.export.classification import Classifier
from nlpkit.export.language import NextWord
from nlpkit.serve.classifier import ServedClassifier
from nlpkit.serve.language_model import ServedLanguageModel
from nlpkit.text.words.vocabulary import WordVocabulary

__all__ = ["serve_live"]

_NOWHERE = Path()


def serve_live(module: Classifier | NextWord) -> ServedClassifier | ServedLanguageModel:
    """Serves a module as if it had been written and loaded.

    Args:
        module: The result of `nlpkit.export.classifier` or `nlpkit.export.next_word`.

    Returns:
        The classifier, or the language model; each signature is traced on first use.
    """
    signatures = {name: _Signature(getattr(module, name)) for name in module.SIGNATURES}
    loaded = SimpleNamespace(signatures=signatures)
    if isinstance(module, Classifier):
        return ServedClassifier(_NOWHERE, module.description.classes, loaded)
    return _LiveLanguageModel(module.encoder.vocabulary, loaded)


class _LiveLanguageModel(ServedLanguageModel):
    """A language model with its vocabulary.

    Args:
        vocabulary: The vocabulary.
        loaded: As for `ServedLanguageModel`.
    """

    def __init__(self, vocabulary: WordVocabulary, loaded: Any) -> None:
        super().__init__(_NOWHERE, loaded)
        self._known = vocabulary

    @property
    def vocabulary(self) -> WordVocabulary:
        return self._known


class _Signature:
    """A function of a module, called by the names of its inputs as a loaded signature is.

    Args:
        function: One with an input signature.
    """

    def __init__(self, function: tf.types.experimental.PolymorphicFunction) -> None:
        self._function = function
        self._names = [spec.name for spec in function.input_signature]
        named = dict(zip(self._names, function.input_signature, strict=True))
        self.structured_input_signature = ((), named)

    def __call__(self, **inputs: tf.Tensor) -> dict[str, tf.Tensor]:
        return self._function(*(inputs[name] for name in self._names))

    @functools.cached_property
    def structured_outputs(self) -> dict[str, tf.TensorSpec]:
        """The outputs by name."""
        return self._function.get_concrete_function().structured_outputs
