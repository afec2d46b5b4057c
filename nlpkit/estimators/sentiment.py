"""The recipe `sentiment` as a classifier of scikit-learn."""

import functools
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.base import ClassifierMixin
from sklearn.utils.validation import check_is_fitted

import nlpkit
from nlpkit.errors import InputError
from nlpkit.estimators.base import TextEstimator
from nlpkit.estimators.inputs import checked_labels, checked_texts, spellings
from nlpkit.recipes import sentiment

if TYPE_CHECKING:
    import tensorflow as tf

__all__ = ["SentimentClassifier"]


class SentimentClassifier(ClassifierMixin, TextEstimator):
    """Classifies raw texts with a recurrent network, trained as by `nlpkit sentiment`.

    Its parameters are options of the command, with the same defaults. `fit` holds out a tenth of
    each class, or up to a quarter where there are few texts, for early stopping and calibration. So
    each class must have 2 different texts, and learning takes at least 200 texts.

    The same texts, labels and parameters give the same model, whatever the order of the texts;
    `seed` is what scikit-learn calls `random_state`.

    Args:
        label_names: Names of the classes in an exported model, as "0=negative,1=positive" or as a
            mapping; None for the labels themselves. `predict` returns the labels.
        cell: Name of the recurrent layer, a key of `nlpkit.models.RECURRENT`.
        units: Units of each direction.
        layers: Recurrent layers.
        embedding: Size of a token's vector; None is 128, or that of `vectors`.
        vectors: Pretrained word vectors to start from: fastText's .vec, GloVe's .txt, word2vec's
            .bin, or .gz of one; None for none.
        vocabulary: The most words and n-grams, and the most pairs and triples of words.
        max_length: Tokens kept of a text; None keeps what 99 % of the texts need, 512 at most.
        dropout: Dropout of n-grams, embeddings and outputs.
        linear: Whether a linear model of n-grams, pairs and triples of words answers too; never for
            more than 20 classes.
        batch_size: Batch size; None chooses it by the number of texts.
        epochs: The most epochs; None chooses it by the number of texts.
        learning_rate: The highest rate of Adam.
        patience: Epochs without progress before stopping; None chooses it by the number of texts.
        seed: Seed of everything random, from 0 to 2³¹ − 1.
        strategy: Where to train: one of `nlpkit.cluster.STRATEGIES`.
        quiet: Whether to hide progress on standard error. Unlike the command, hides it by default.

    Attributes:
        classes_: The labels, ascending, in the type of `y`.
        labels_: The labels, and the names of the classes in an exported model.
        model_: The Keras model, from ids to calibrated probabilities.
        vocabulary_: The n-grams that it knows.
        history_: The training history: each metric's value after each epoch.
        n_iter_: The number of epochs.
        settled_: The values chosen for parameters that were None.
        temperature_: The calibration's.
        linear_fraction_: The fraction of the linear model in the answers, from 0 to 1.

    Example:
        >>> texts = [f"{word} film {n}" for n in range(20) for word in ("good", "bad")]
        >>> model = SentimentClassifier(units=4, embedding=4, epochs=1)
        >>> model.fit(texts, [1, 0] * 20).predict_proba(["good film"]).shape
        (1, 2)
    """

    def __init__(
        self,
        *,
        label_names: str | Mapping[Any, str] | None = None,
        cell: str = "lstm",
        units: int = 128,
        layers: int = 1,
        embedding: int | None = None,
        vectors: str | Path | None = None,
        vocabulary: int = 200_000,
        max_length: int | None = None,
        dropout: float = 0.5,
        linear: bool = True,
        batch_size: int | None = None,
        epochs: int | None = None,
        learning_rate: float = 1e-3,
        patience: int | None = None,
        seed: int = 0,
        strategy: str = "auto",
        quiet: bool = True,
    ) -> None:
        self.label_names = label_names
        self.cell = cell
        self.units = units
        self.layers = layers
        self.embedding = embedding
        self.vectors = vectors
        self.vocabulary = vocabulary
        self.max_length = max_length
        self.dropout = dropout
        self.linear = linear
        self.batch_size = batch_size
        self.epochs = epochs
        self.learning_rate = learning_rate
        self.patience = patience
        self.seed = seed
        self.strategy = strategy
        self.quiet = quiet

    _recipe = staticmethod(sentiment.main)
    _derived = TextEstimator._derived | {"_encoder"}

    def fit(self, X: Any, y: Any) -> "SentimentClassifier":
        """Trains on labelled texts.

        Args:
            X: The texts: a list, a one-dimensional array or a column of a table.
            y: The label of each: strings, integers or Booleans.

        Returns:
            The classifier itself.

        Raises:
            InputError: If a parameter is out of its range, `X` or `y` is not as described, or
                a class has only one text. It is a ValueError.
        """
        texts = checked_texts(X)
        labels = checked_labels(y, len(texts))
        classes, indices = np.unique(labels, return_inverse=True)
        spelled = spellings(classes)
        with self._learning() as session:
            corpus = nlpkit.data.corpus_of_texts(
                texts,
                [spelled[index] for index in indices],
                label_names=_names(self.label_names),
                directory=session.scratch,
            )
            learnt = sentiment.learn(session, corpus)
            history = session.history
        self._keep(
            classes_=classes,
            labels_=corpus.labels,
            model_=learnt.model,
            vocabulary_=learnt.vocabulary,
            _encoder=learnt.encoder,
            history_=history,
            n_iter_=len(history["loss"]),
            settled_=learnt.settled,
            temperature_=learnt.calibration.temperature,
            linear_fraction_=learnt.calibration.fraction,
        )
        return self

    def predict_proba(self, X: Any) -> np.ndarray:
        """Predicts the probability of each class.

        Args:
            X: Texts, as for `fit`; there may be none.

        Returns:
            float32 [N, K], calibrated, in the order of `classes_`; rows sum to 1.

        Raises:
            NotFittedError: If `fit` was not called.
            InputError: If `X` holds anything but strings.
        """
        check_is_fitted(self)
        rows = [answer.probabilities for answer in self._served.classify(checked_texts(X))]
        columns = [self.labels_.index(spelling) for spelling in spellings(self.classes_)]
        return np.array(rows, np.float32).reshape(-1, len(columns))[:, columns]

    def predict(self, X: Any) -> np.ndarray:
        """Predicts the most probable class of each text.

        Args:
            X: Texts, as for `fit`; there may be none.

        Returns:
            Labels [N], of the type of `classes_`.

        Raises:
            NotFittedError: If `fit` was not called.
            InputError: If `X` holds anything but strings.
        """
        best = self.predict_proba(X).argmax(axis=1)
        return self.classes_[best]

    @functools.cached_property
    def _encoder(self) -> "nlpkit.text.NgramEncoder":
        return nlpkit.text.NgramEncoder(self.vocabulary_, max_length=self.settled_["max_length"])

    def _as_served(self) -> "tf.Module":
        return nlpkit.export.classifier(self._encoder, self.model_, self.labels_.names)

    def _notes(self) -> dict[str, str]:
        return nlpkit.export.label_note(self.labels_)


def _names(given: Any) -> dict[str, str]:
    """Names by label, from either form; one for each label, since `predict` gives labels."""
    if isinstance(given, Mapping):
        given = {str(label): name for label, name in given.items()}
    names = nlpkit.data.labels.parse_label_names(given)
    if "" in names.values() or len(set(names.values())) < len(names):
        raise InputError(
            f"`label_names` must give each label a name of its own, got {names}; to make one class "
            "of several, or to leave one out, change `y`."
        )
    return names
