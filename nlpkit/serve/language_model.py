"""An exported language model behind a few plain methods."""

import collections
import functools
import math
import numbers
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from nlpkit.checks import check_positive_integer
from nlpkit.errors import InputError
from nlpkit.export.notes import read_text_note
from nlpkit.serve.answers import short
from nlpkit.serve.batches import answer_in_batches
from nlpkit.text.words.vocabulary import WordVocabulary

__all__ = ["ServedLanguageModel"]

States = tuple[Any, ...]

_LARGEST = 2**31 - 1  # of an int32
_LONGEST = 1_000_000  # all words of an answer are in memory
_WIDEST = 1000  # memory grows with the width times the vocabulary
_NO_CHOICE = {"temperature": 1.0, "top_k": 0, "top_p": 1.0, "seed": 0}


class ServedLanguageModel:
    """An exported language model, returned by `load`; its arguments are attributes too.

    Args:
        directory: The folder of the artefact.
        loaded: The result of `tf.saved_model.load`.
    """

    def __init__(self, directory: Path, loaded: Any) -> None:
        self.directory = directory
        self.loaded = loaded  # the signatures' variables live as long as the loaded object
        self._signatures = loaded.signatures

    @functools.cached_property
    def words(self) -> tuple[str, ...]:
        """The word of each id, [V]."""
        outputs = self._signatures["step"].structured_outputs
        ids = tf.range(outputs["log_probabilities"].shape[-1])
        words = self._signatures["decode"](ids=ids)["words"].numpy().tolist()
        return tuple(word.decode() for word in words)

    @functools.cached_property
    def vocabulary(self) -> WordVocabulary:
        """The words, with their tokenization."""
        return WordVocabulary(self.words, read_text_note(self.directory).kind or "words")

    @functools.cached_property
    def _states(self) -> dict[str, int]:
        """The units of each state by its name."""
        specs = self._signatures["step"].structured_input_signature[1]
        return {name: spec.shape[1] for name, spec in sorted(specs.items()) if name != "ids"}

    def predict(
        self, texts: Iterable[str], *, batch_size: int = 64, window: int = 1024
    ) -> Iterator[dict[str, Any]]:
        """Yields `{"text", "words", "probabilities"}` for each text, in order.

        Args:
            texts: Any strings; a lone surrogate, which is not a character, becomes U+FFFD. For an
                empty text, the first word is suggested.
            batch_size: The most texts in a batch, at least 1.
            window: Texts that are read before the first is answered, at least 1. They are
                computed in the order of their lengths; 1 answers each text at once.

        Yields:
            The answers, ready for JSON: the most probable words, at most five, and their
            probabilities. Where words are not written apart, these are pieces of text, each shown
            once.

        Raises:
            InputError: If `batch_size` or `window` is not a positive integer.
        """

        def suggest(batch: list[str]) -> list[dict[str, Any]]:
            answers = self._signatures["serving_default"](text=tf.constant(batch, tf.string))
            columns = (answers[name].numpy() for name in ("words", "probabilities"))
            return [
                {
                    "text": text,
                    "words": list(suggested),
                    "probabilities": [short(probability) for probability in suggested.values()],
                }
                for text, suggested in zip(batch, map(self._shown, *columns), strict=True)
            ]

        return answer_in_batches(texts, suggest, batch_size=batch_size, window=window)

    def generate(
        self,
        texts: Iterable[str],
        *,
        length: int,
        temperature: float = 1.0,
        top_k: int = 0,
        top_p: float = 1.0,
        seed: int = 0,
        beam: int | None = None,
        batch_size: int = 64,
        window: int = 1024,
    ) -> Iterator[dict[str, Any]]:
        """Yields `{"text", "generated"}` for each text, in order: the text and its continuation.

        The same texts with the same options give the same answers.

        Args:
            texts: See `predict`.
            length: Words to add, or pieces of words for a subword model; from 0 to 1,000,000.
            temperature: At 1, words are drawn with the model's probabilities; lower temperatures
                favour probable words; 0 takes the most probable. Default 1.
            top_k: Draws from the k most probable words; 0 means all. Default 0.
            top_p: Draws from the fewest most probable words that together have this probability,
                above 0 and at most 1, which means all. Default 1.
            seed: From 0 to 2³¹ − 1. Default 0.
            beam: Width, from 1 to 1,000, of a beam search for the most probable continuation,
                instead of drawing words. Default None, which draws.
            batch_size: See `predict`.
            window: See `predict`.

        Yields:
            The answers, ready for JSON.

        Raises:
            InputError: If an option is out of its range, or `beam` is combined with an option for
                drawing.
        """
        drawing = {"temperature": temperature, "top_k": top_k, "top_p": top_p, "seed": seed}
        _check_integer("length", length, _LONGEST)
        self._check_drawing(**drawing)
        _check_beam(beam, drawing)
        signature = self._signatures["generate" if beam is None else "beam"]
        specs = signature.structured_input_signature[1]
        options = {"length": length, **(drawing if beam is None else {"width": beam})}
        inputs = {name: tf.constant(value, specs[name].dtype) for name, value in options.items()}

        def go_on(batch: list[str]) -> list[dict[str, Any]]:
            texts = signature(text=tf.constant(batch, tf.string), **inputs)["text"].numpy()
            return [
                {"text": text, "generated": generated.decode()}
                for text, generated in zip(batch, texts.tolist(), strict=True)
            ]

        check_positive_integer("batch_size", batch_size)
        batch_size = max(1, batch_size // (beam or 1))  # a search holds `beam` rows for each text
        return answer_in_batches(texts, go_on, batch_size=batch_size, window=window)

    def ragged(self, texts: tf.Tensor) -> tf.RaggedTensor:
        """Encodes texts.

        Args:
            texts: string [N].

        Returns:
            int32 [N, None], without the start id.
        """
        encoded = self._signatures["encode"](text=texts)
        return tf.RaggedTensor.from_tensor(encoded["ids"][:, 1:], lengths=encoded["lengths"] - 1)

    def start(self, n: int) -> States:
        """The states before the first word.

        Args:
            n: The number of texts, N.

        Returns:
            Zeros float32 [N, U], in the order of the names of the states.
        """
        return tuple(np.zeros([n, units], np.float32) for units in self._states.values())

    def advance(self, states: States, ids: Any) -> tuple[tf.Tensor, States]:
        """Reads ids and predicts the next after each.

        Args:
            states: From `start` or `advance`.
            ids: Integers [N], one for each text, or [N, T]. Each text starts with 0.

        Returns:
            Log-probabilities float32 [N, V] or [N, T, V], and the states after the last.
        """
        ids = tf.cast(ids, tf.int32)
        named = dict(zip(self._states, map(tf.convert_to_tensor, states), strict=True))
        answers = self._signatures["step" if ids.shape.rank == 1 else "steps"](ids=ids, **named)
        return answers["log_probabilities"], tuple(answers[name] for name in named)

    def _shown(self, words: np.ndarray, probabilities: np.ndarray) -> dict[str, float]:
        """The suggestions for a text, as plain text with their probabilities."""
        names = [word.decode() for word in words.tolist()]
        suggested = dict(zip(names, probabilities, strict=True))
        if self.vocabulary.spaced:
            return suggested
        # Older artefacts suggest what `decode` gives; newer ones the text.
        written = dict(zip(self.words, self.vocabulary.written, strict=True))
        texts = set(written.values())
        shown: dict[str, float] = collections.defaultdict(float)
        for word, probability in suggested.items():
            shown[word if word in texts else written[word]] += probability
        return dict(sorted(shown.items(), key=lambda item: -item[1]))

    def _check_drawing(self, temperature, top_k, top_p, seed):
        """Requires options of `generate` in their ranges."""
        if not _is_real(temperature) or not 0 <= temperature < math.inf:
            raise InputError(
                f"`temperature` must be a finite number of at least 0, got {temperature!r}."
            )
        _check_integer("top_k", top_k, len(self.words), "the size of the vocabulary")
        if not _is_real(top_p) or not 0 < top_p <= 1:
            raise InputError(f"`top_p` must be a number above 0 and at most 1, got {top_p!r}.")
        _check_integer("seed", seed, _LARGEST)


def _check_beam(beam: int | None, drawing: dict[str, float]) -> None:
    """Requires a width, and no option that a beam search ignores."""
    if beam is None:
        return
    _check_integer("beam", beam, _WIDEST, least=1)
    if drawing != _NO_CHOICE:
        raise InputError(
            f"`beam` draws nothing; leave out {', '.join(f'`{name}`' for name in drawing)}."
        )


def _is_real(value: Any) -> bool:
    """Whether a value is a number; a Boolean is not."""
    return isinstance(value, numbers.Real) and not isinstance(value, bool)


def _check_integer(name: str, value: Any, most: int, where: str = "", *, least: int = 0) -> None:
    """Requires an integer in a range, whose end may have a meaning to tell."""
    integer = isinstance(value, numbers.Integral) and not isinstance(value, bool)
    if not integer or not least <= value <= most:
        where = f", {where}" if where else ""
        raise InputError(
            f"`{name}` must be an integer from {least} to {most:,}{where}, got {value!r}."
        )
