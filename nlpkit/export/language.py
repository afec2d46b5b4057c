"""A language model in the form in which it is served: suggestions, scores, generation, steps."""

from collections.abc import Sequence
from typing import Any

import tensorflow as tf

from nlpkit.errors import InputError
from nlpkit.export import generation, reading
from nlpkit.export.artefact import Description
from nlpkit.export.generation import FIRST_WORD
from nlpkit.export.interfaces import LANGUAGE_MODEL
from nlpkit.export.suggestions import Suggestions
from nlpkit.models import LanguageModel
from nlpkit.text.words.encoder import WordEncoder
from nlpkit.text.words.vocabulary import SPECIALS

__all__ = ["NextWord", "next_word"]


class NextWord(tf.Module):
    """The signatures of a language model, ready to be written.

        serving_default(text: string[N])  → words: string[N, k], probabilities: float[N, k]
        score(text: string[N])            → log_probability: float[N], tokens: int32[N]
        encode(text: string[N])           → ids: int32[N, T], lengths: int32[N]
        decode(ids: int32[N])             → words: string[N]
        step(ids: int32[N], h_0, c_0, …)  → log_probabilities: float[N, V], h_0, c_0, …
        steps(ids: int32[N, T], h_0, …)   → log_probabilities: float[N, T, V], h_0, c_0, …
        generate(text: string[N], length: int32[], temperature: float[], top_k: int32[],
                 top_p: float[], seed: int32[])                → text: string[N]
        beam(text: string[N], length: int32[], width: int32[]) → text: string[N],
                                                                 log_probability: float[N]

    k is 5. Probabilities are those of the whole softmax; no special token is ever suggested or
    generated. Where words are not written apart, suggestions are pieces of plain text. States h_0,
    c_0, … are float[N, U], zeros before the start id, with which the ids of `encode` begin. `step`
    and `steps` hold no string op, so they compile for XLA and TPU.

    The module tracks tensors, tables and traced functions only, so loading the artefact needs
    nothing of Keras.

    Args:
        encoder: Strings to ids and back.
        model: A model with the vocabulary of the encoder.

    Raises:
        InputError: If the model and the encoder differ in their vocabulary, or it is empty.
    """

    TASK, SIGNATURES = LANGUAGE_MODEL

    def __init__(self, encoder: WordEncoder, model: LanguageModel) -> None:
        super().__init__(name="next_word")
        words = encoder.continues.shape[0]
        if words != model.vocabulary or words <= FIRST_WORD:
            raise InputError(
                "`model` must have a score for each word of `encoder`, and a word besides "
                f"{' and '.join(SPECIALS)}, got {model.vocabulary} scores for {words} words."
            )
        self.encoder, self.suggestions = encoder, Suggestions(encoder)
        self._reader = reading.Reader(model)
        # A separate function, so that the artefact holds it once.
        text = tf.TensorSpec([None], tf.string)
        self._position = tf.function(self._read, input_signature=[text], autograph=False)
        for name, inputs in _inputs(model).items():
            run = getattr(self, f"_{name}")
            setattr(self, name, tf.function(run, input_signature=inputs, autograph=False))
        self.weights = list(self.step.get_concrete_function().variables)

    @property
    def description(self) -> Description:
        """The description for the artefact."""
        return Description(self.TASK, ())

    def calls(self, texts: Sequence[str]) -> list[tuple[str, dict[str, Any]]]:
        """The calls whose answers are stored in the artefact.

        Args:
            texts: Any texts.

        Returns:
            Pairs of a signature and its inputs by name, first `serving_default` for all texts.
        """
        few = {"text": list(texts[:4]), "length": 8}
        drawn = {"temperature": 0.8, "top_k": 40, "top_p": 0.9, "seed": 1}
        return [
            ("serving_default", {"text": list(texts)}),
            ("score", {"text": list(texts)}),
            ("generate", {**few, **drawn}),
            ("beam", {**few, "width": 3}),
        ]

    def _serving_default(self, text):
        logits = self._reader.model.logits(self._position(text).feature)
        words, probabilities = self.suggestions(tf.nn.softmax(logits))
        return {"words": words, "probabilities": probabilities}

    def _score(self, text):
        ids, lengths = self.encoder(text)
        log_probability = reading.log_probability(self._reader, ids, lengths)
        return {"log_probability": log_probability, "tokens": lengths}

    def _encode(self, text):
        ids, lengths = self.encoder(text)
        return {"ids": ids, "lengths": lengths}

    def _decode(self, ids):
        return {"words": self.encoder.decode(ids)}

    def _step(self, ids, *states):
        position = self._reader.word(ids, states)
        return self._scored(position.feature, position.states)

    def _steps(self, ids, *states):
        return self._scored(*self._reader.model.read(ids, states))

    def _generate(self, text, length, temperature, top_k, top_p, seed):
        ids = generation.sample(
            self._reader,
            self._position(text),
            length=length,
            temperature=temperature,
            top_k=top_k,
            top_p=top_p,
            seed=seed,
        )
        return {"text": self.encoder.join(text, ids)}

    def _beam(self, text, length, width):
        position = self._position(text)
        ids, log_probability = generation.beam_search(
            self._reader, position, length=length, width=width
        )
        return {"text": self.encoder.join(text, ids), "log_probability": log_probability}

    def _scored(self, features, states):
        """The answer of `step` and `steps`."""
        model = self._reader.model
        answer = {"log_probabilities": tf.nn.log_softmax(model.logits(features))}
        return {**answer, **dict(zip(model.state_names, states, strict=True))}

    def _read(self, text):
        """The positions at the ends of the texts."""
        return reading.read(self._reader, *self.encoder(text))


def next_word(encoder: WordEncoder, model: LanguageModel) -> NextWord:
    """Combines an encoder and a language model into the module to serve.

    Args:
        encoder: Strings to ids and back.
        model: A model with the vocabulary of the encoder.

    Returns:
        The module that `nlpkit.export.write` writes.

    Raises:
        InputError: If the model and the encoder differ in their vocabulary, or it is empty.
    """
    return NextWord(encoder, model)


def _inputs(model: LanguageModel) -> dict[str, list[tf.TensorSpec]]:
    """The inputs of each signature."""
    text = tf.TensorSpec([None], tf.string, "text")
    ids, windows = (tf.TensorSpec(shape, tf.int32, "ids") for shape in ([None], [None, None]))
    length, width, top_k, seed = (
        tf.TensorSpec([], tf.int32, name) for name in ("length", "width", "top_k", "seed")
    )
    temperature, top_p = (tf.TensorSpec([], name=name) for name in ("temperature", "top_p"))
    states = [
        tf.TensorSpec([None, size], name=name)
        for name, size in zip(model.state_names, model.state_sizes, strict=True)
    ]
    return {
        "serving_default": [text],
        "score": [text],
        "encode": [text],
        "decode": [ids],
        "step": [ids, *states],
        "steps": [windows, *states],
        "generate": [text, length, temperature, top_k, top_p, seed],
        "beam": [text, length, width],
    }
