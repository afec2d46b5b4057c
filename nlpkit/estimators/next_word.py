"""The recipe `next-word` as an estimator of scikit-learn."""

import math
import numbers
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.utils.validation import check_is_fitted

import nlpkit
from nlpkit.errors import InputError
from nlpkit.estimators.base import TextEstimator
from nlpkit.estimators.inputs import checked_texts
from nlpkit.recipes import next_word

if TYPE_CHECKING:
    import tensorflow as tf

__all__ = ["NextWordModel"]

_MOST = 5  # suggestions that are served


class NextWordModel(TextEstimator):
    """A language model of raw texts, trained as by `nlpkit next-word`.

    Its parameters are options of the command, with the same defaults. `fit` holds out a
    twentieth of the texts, by hash, to choose the best epoch. Fewer than 40 texts are read as one
    running text, of which the end is held out.

    Args:
        tokens: "words", "subwords" or "spaces" (already tokenized); None to detect it.
        vocabulary: The most words; None means 50,000 words or 16,000 subwords.
        cell: Name of the recurrent layer, a key of `nlpkit.models.RECURRENT`.
        units: Units of each recurrent layer but the last; None means 256, or what `budget` allows.
        layers: Recurrent layers; None means 2, or what `budget` allows.
        embedding: Size of a word's vector, and units of the last layer; None is that of
            `vectors`, or `units`, or what `budget` allows.
        vectors: Pretrained word vectors to start from: fastText's .vec, GloVe's .txt, word2vec's
            .bin, or .gz of one; None for none.
        dropout: Dropout of outputs, with which other rates scale; None chooses it by the size of
            the texts.
        batch_size: Batch size; None chooses it by the size of the texts.
        steps: Tokens of truncated back-propagation.
        epochs: Epochs; None chooses their number by the size of the texts.
        budget: Minutes that the training may take, by which size and epochs are chosen; None means
            any.
        learning_rate: The highest rate of Adam.
        seed: Seed of everything random, from 0 to 2³¹ − 1.
        strategy: Where to train: one of `nlpkit.cluster.STRATEGIES`.
        quiet: Whether to hide progress on standard error. Unlike the command, hides it by default.

    Attributes:
        model_: The Keras model.
        vocabulary_: The known words, and how texts are split into them.
        history_: The training history: each metric's value after each epoch.
        n_iter_: The number of epochs.
        settled_: The values chosen for parameters that were None.
        form_: "lines" or "running text".

    Example:
        >>> texts = [f"the cat saw {n % 7} birds and ran away" for n in range(60)]
        >>> model = NextWordModel(units=4, layers=1, epochs=1, batch_size=4).fit(texts)
        >>> model.predict(["the cat"], k=3).shape
        (1, 3)
    """

    def __init__(
        self,
        *,
        tokens: str | None = None,
        vocabulary: int | None = None,
        cell: str = "lstm",
        units: int | None = None,
        layers: int | None = None,
        embedding: int | None = None,
        vectors: str | Path | None = None,
        dropout: float | None = None,
        batch_size: int | None = None,
        steps: int = 35,
        epochs: int | None = None,
        budget: float | None = None,
        learning_rate: float = 5e-3,
        seed: int = 0,
        strategy: str = "auto",
        quiet: bool = True,
    ) -> None:
        self.tokens = tokens
        self.vocabulary = vocabulary
        self.cell = cell
        self.units = units
        self.layers = layers
        self.embedding = embedding
        self.vectors = vectors
        self.dropout = dropout
        self.batch_size = batch_size
        self.steps = steps
        self.epochs = epochs
        self.budget = budget
        self.learning_rate = learning_rate
        self.seed = seed
        self.strategy = strategy
        self.quiet = quiet

    _recipe = staticmethod(next_word.main)

    def fit(self, X: Any, y: Any = None) -> "NextWordModel":
        """Trains on texts.

        Args:
            X: The texts, in their order: a list, a one-dimensional array or a column of a table.
            y: Ignored; present because scikit-learn passes it.

        Returns:
            The model itself.

        Raises:
            InputError: If a parameter is out of its range, `X` holds anything but strings, or there
                is too little text. It is a ValueError.
        """
        texts = checked_texts(X)
        if self.tokens is not None:
            nlpkit.checks.check_choice("tokens", self.tokens, nlpkit.text.TOKENIZATIONS)
        with self._learning() as session:
            corpus = nlpkit.data.text_corpus_of_texts(texts, directory=session.scratch)
            learnt = next_word.learn(session, corpus)
            history = session.history
        self._keep(
            model_=learnt.model,
            vocabulary_=learnt.vocabulary,
            history_=history,
            n_iter_=len(history["loss"]),
            settled_=learnt.settled,
            form_=corpus.form,
        )
        return self

    def predict(self, X: Any, *, k: int = 3) -> np.ndarray:
        """Predicts the most likely next words of each text.

        Args:
            X: Texts, as for `fit`; there may be none. An empty text gets the most likely first
                words.
            k: How many words, from 1 to 5.

        Returns:
            str [N, k], of type object, the likeliest first; "" where there are fewer words.

        Raises:
            NotFittedError: If `fit` was not called.
            InputError: If `X` holds anything but strings, or `k` is out of its range.
        """
        check_is_fitted(self)
        whole = isinstance(k, numbers.Integral) and not isinstance(k, bool)
        if not (whole and 1 <= k <= _MOST):
            raise InputError(f"`k` must be an integer from 1 to {_MOST}, got {k!r}.")
        answers = self._served.predict(checked_texts(X))
        rows = [[*answer["words"], *[""] * _MOST][:k] for answer in answers]
        return np.array(rows, object).reshape(-1, k)

    def generate(
        self,
        X: Any,
        *,
        length: int = 20,
        temperature: float = 1.0,
        top_k: int = 0,
        top_p: float = 1.0,
        seed: int = 0,
        beam: int | None = None,
    ) -> list[str]:
        """Continues each text.

        Args:
            X: Texts, as for `fit`.
            length: As for `nlpkit.serve.ServedLanguageModel.generate`, as are those below it.
            temperature: See there.
            top_k: See there.
            top_p: See there.
            seed: See there.
            beam: See there.

        Returns:
            Each text with its continuation.

        Raises:
            NotFittedError: If `fit` was not called.
            InputError: If `X` holds anything but strings, or an option is out of its range.
        """
        check_is_fitted(self)
        answers = self._served.generate(
            checked_texts(X),
            length=length,
            temperature=temperature,
            top_k=top_k,
            top_p=top_p,
            seed=seed,
            beam=beam,
        )
        return [answer["generated"] for answer in answers]

    def score(self, X: Any, y: Any = None) -> float:
        """The mean log-probability of a token, so that larger is better: −ln of the perplexity.

        The texts are read as one stream, as the recipe's test split is. Ends of texts count.

        Args:
            X: Texts, as for `fit`.
            y: Ignored; present because scikit-learn passes it.

        Returns:
            Nats per token, at most 0.

        Raises:
            NotFittedError: If `fit` was not called.
            InputError: If `X` holds anything but strings, or nothing.
        """
        check_is_fitted(self)
        texts = checked_texts(X)
        with tempfile.TemporaryDirectory() as scratch:
            stream = nlpkit.data.stream_of_texts(texts, self._module.encoder, directory=scratch)
            scores = nlpkit.training.StreamScorer(self.model_).score(stream)
        return float(scores.log_probabilities.mean())

    def perplexity(self, X: Any) -> float:
        """The perplexity per token.

        Args:
            X: Texts, as for `fit`.

        Returns:
            e to the power of minus `score`.

        Raises:
            NotFittedError: If `fit` was not called.
            InputError: If `X` holds anything but strings, or nothing.
        """
        return math.exp(-self.score(X))

    def _as_served(self) -> "tf.Module":
        encoder = nlpkit.text.WordEncoder(self.vocabulary_)
        return nlpkit.export.next_word(encoder, self.model_)

    def _notes(self) -> dict[str, str]:
        return nlpkit.export.TextNote(self.vocabulary_.tokenization, self.form_).files()
