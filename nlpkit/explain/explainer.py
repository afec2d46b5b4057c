"""What explains the models of any task."""

import abc
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, ClassVar

import keras
import numpy as np
import tensorflow as tf

from nlpkit.data.surrogates import mend_surrogates
from nlpkit.errors import InputError
from nlpkit.explain.explanation import Attribution, Curve, Explanation
from nlpkit.explain.integrated_gradients import integrated_gradients
from nlpkit.layers import trace
from nlpkit.layers.tracing import Trace

__all__ = [
    "LONGEST",
    "MOST_TEXTS",
    "Explainer",
    "check_length",
    "explain_texts",
    "log_odds",
    "not_the_same",
]

_ROUNDING = 1e-3  # of probabilities, by different kernels
LONGEST = 2_000
"""The most tokens of all texts that are explained together: what a page of 2 MB has room for."""

MOST_TEXTS = 20
"""The most texts that are explained together."""


class Explainer(abc.ABC):
    """A trained model with its encoder; each task has a subclass.

    Args:
        model: The Keras model, which has the gates.
        served: The same model as `nlpkit.serve.load` returned it, which has the encoder.


    Raises:
        InputError: If the two cannot be the same model.
    """

    task: ClassVar[str]
    """What the model does, for the heading of a page."""

    def __init__(self, model: keras.Model, served: Any) -> None:
        self.model, self.served = model, served

    @abc.abstractmethod
    def encode(self, text: str, *, whole: bool = True) -> tuple[tuple[str, ...], np.ndarray]:
        """Cuts a text into tokens.

        Args:
            text: The text, without lone surrogates.
            whole: Whether the model must read the whole text. Otherwise there are the tokens that
                it reads.

        Returns:
            Its T tokens as the model reads them, and the model's input, [1, T, …].

        Raises:
            InputError: If it must, and would not.
        """

    @abc.abstractmethod
    def answer(
        self, tokens: Sequence[str], ids: np.ndarray
    ) -> tuple[list[dict[str, float]], Curve, int, float]:
        """Answers after each token, by the served model.

        Args:
            tokens: From `encode`.
            ids: From `encode`.

        Returns:
            As `Explanation.answers` and `Explanation.curve`; and of the answer to attribute the
            index and the probability.
        """

    @abc.abstractmethod
    def name(self, target: int) -> str:
        """The name of an answer.

        Args:
            target: Its index.

        Returns:
            The name of the class, or the word.
        """

    @abc.abstractmethod
    def path(self, tokens: Sequence[str], ids: np.ndarray, target: int) -> tuple[Any, list]:
        """What integrated gradients need.

        Args:
            tokens: From `encode`.
            ids: From `encode`.
            target: The index of an answer.

        Returns:
            The arguments of `integrated_gradients`; the function gives the answer's log-odds.
        """

    def groups(self, encoded: Sequence[np.ndarray]) -> dict[str, np.ndarray]:
        """Tells texts apart by what the model answers, where it answers with classes.

        Args:
            encoded: The model's input for each of N texts.

        Returns:
            By the name of each class, which texts are of it, bool [N]; none by default.
        """
        return {}

    def trace(self, ids: np.ndarray) -> dict[str, Trace]:
        """What every recurrent layer computes on texts of one length.

        Args:
            ids: The model's input, [B, T, …].

        Returns:
            As `nlpkit.trace`: arrays [B, T, width] by name, by the path of their layer.
        """
        try:
            return trace(self.model, ids)
        except InputError:
            raise InputError(
                "the model's recurrent layers must be of nlpkit.layers, and those of keras.layers "
                "have no gates to read; train with a cell of nlpkit, such as `--cell lstm`."
            ) from None

    def explain(self, text: str) -> Explanation:
        """Explains what the model computes on a text.

        Args:
            text: The text.

        Returns:
            The explanation.

        Raises:
            InputError: If the text is empty, or longer than the model or a page holds; or if the
                Keras model and the served one answer differently.
        """
        tokens, ids = self.encode(mend_surrogates(text))
        if not tokens:
            raise InputError(f"a text must hold a word or a sign to be explained, got {text!r}.")
        check_length(len(tokens))
        with ThreadPoolExecutor(1) as pool:  # TensorFlow answers while Python prepares the trace
            answered = pool.submit(self.answer, tokens, ids)
            traces = self.trace(ids)
            answers, curve, target, probability = answered.result()
        integral = integrated_gradients(*self.path(tokens, ids, target))
        if abs(1 / (1 + np.exp(-integral.end)) - probability) > _ROUNDING:
            raise not_the_same()
        return Explanation(
            text=text,
            tokens=tuple(tokens),
            traces={
                layer: {name: array[0] for name, array in arrays.items()}
                for layer, arrays in traces.items()
            },
            answers=tuple(answers),
            curve=curve,
            attribution=Attribution(self.name(target), *integral),
        )


def not_the_same() -> InputError:
    """Makes the error for a Keras model and a served one that differ.

    Returns:
        The error, to be raised.
    """
    return InputError(
        "model.keras and saved_model/ must be of the same run, but they differ; train again, or "
        "put back the one that belongs there."
    )


def explain_texts(explainer: Explainer, texts: Sequence[str]) -> list[Explanation]:
    """Explains texts that go on one page.

    Args:
        explainer: The model.
        texts: Any texts.

    Returns:
        An explanation of each.

    Raises:
        InputError: As `Explainer.explain`; or if there are more than twenty texts, or they are
            too long together.
    """
    if len(texts) > MOST_TEXTS:
        raise InputError(
            f"at most {MOST_TEXTS} texts can be explained together, got {len(texts)}; for units "
            "over many texts there is `--input FILE`."
        )
    explanations: list[Explanation] = []
    for text in texts:
        explanations.append(explainer.explain(text))
        check_length(sum(len(each.tokens) for each in explanations))
    return explanations


def check_length(tokens: int) -> None:
    """Requires that a page has room for some tokens.

    Args:
        tokens: Their number.

    Raises:
        InputError: If there are too many.
    """
    if tokens > LONGEST:
        raise InputError(
            f"the texts must have at most {LONGEST:,} tokens together to be explained on a page, "
            f"got {tokens:,}; give fewer texts, or a part of one."
        )


def log_odds(logits: tf.Tensor, target: int) -> tf.Tensor:
    """The log-odds of a softmax's answer, ln p / (1 − p), without rounding p to 1.

    Args:
        logits: [m, K].
        target: The index of the answer.

    Returns:
        [m].
    """
    others = tf.concat([logits[:, :target], logits[:, target + 1 :]], axis=1)
    return logits[:, target] - tf.reduce_logsumexp(others, axis=1)
