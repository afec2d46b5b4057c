"""How well a model predicts the next word: perplexity and recall.

Perplexity is exact: every token counts once, ends of passages included. Recall is measured at words
only, since the end of a passage cannot be suggested; a word outside the vocabulary is a miss.
"""

import dataclasses
import math
from typing import Any

import numpy as np

from nlpkit.errors import InputError
from nlpkit.evaluation.bootstrap import passage_losses
from nlpkit.text.words.vocabulary import END, SPECIALS, UNKNOWN

__all__ = [
    "MOST_POSITIONS",
    "NextWordMetrics",
    "evenly",
    "greatest",
    "most_probable",
    "perplexity",
    "recall",
    "recall_positions",
    "recalls",
]

MOST_POSITIONS = 20_000
"""The most positions at which recall is measured, for a standard error of 0.35 points."""


@dataclasses.dataclass(frozen=True)
class NextWordMetrics:
    """A model's metrics on one split.

    Attributes:
        perplexity: exp of the mean of −ln p over all tokens.
        top1: Fraction of words that were the most probable word.
        top3: Fraction of words that were among the three most probable.
        tokens: Tokens predicted, ends of passages included.
        out_of_vocabulary: Fraction of the tokens, ends apart, that the vocabulary lacks.
        word_perplexity: The perplexity of a subword model per word, or end, instead of per piece;
            None where tokens are words, or words are not written apart.
        bits_per_character: The mean of −log₂ p over all characters, spaces and line ends included,
            where words are not written apart; else None.
        losses: float[P, 2], what each passage lost, from `passage_losses`; not a part of `as_dict`.
    """

    perplexity: float
    top1: float
    top3: float
    tokens: int
    out_of_vocabulary: float
    word_perplexity: float | None = None
    bits_per_character: float | None = None
    losses: np.ndarray | None = dataclasses.field(default=None, repr=False, compare=False)

    @classmethod
    def of(
        cls,
        log_probabilities: Any,
        targets: Any,
        recalls: Any,
        *,
        continues: Any = None,
        characters: Any = None,
    ) -> "NextWordMetrics":
        """The metrics from the probabilities that a model gave to the tokens.

        Args:
            log_probabilities: float[n], natural logarithms.
            targets: int[n], the tokens, ids.
            recalls: (top1, top3), as `recall` or `word_beam.word_recall` measured them.
            continues: bool[V], which ids continue a word; default None, where tokens are words.
            characters: int[V], how many characters each id stands for where words are not written
                apart, as `WordVocabulary.characters` says; default None, where they are.

        Returns:
            The `NextWordMetrics`.

        Raises:
            InputError: If there is no token, or the lengths differ.

        Example:
            >>> metrics = NextWordMetrics.of(np.log([0.25, 0.5]), [2, END], (0.0, 1.0))
            >>> round(metrics.perplexity, 6), metrics.top3, metrics.tokens
            (2.828427, 1.0, 2)
        """
        targets = np.asarray(targets)
        if np.shape(log_probabilities) != targets.shape:
            raise InputError(
                "`log_probabilities` must have one number for each target, shape "
                f"{list(targets.shape)}, got {list(np.shape(log_probabilities))}."
            )
        by_word = bits = None
        if characters is not None:
            written = max(int(np.sum(np.asarray(characters)[targets])), 1)
            bits = -float(np.sum(log_probabilities, dtype=np.float64)) / written / math.log(2)
        elif continues is not None and np.any(continues):
            words = int(np.count_nonzero(~np.asarray(continues)[targets]))
            by_word = _perplexity(log_probabilities, max(words, 1))
        top1, top3 = recalls
        return cls(
            perplexity=perplexity(log_probabilities),
            top1=float(top1),
            top3=float(top3),
            tokens=len(targets),
            out_of_vocabulary=_fraction(targets[targets != END] == UNKNOWN),
            word_perplexity=by_word,
            bits_per_character=bits,
            losses=passage_losses(log_probabilities, targets == END),
        )

    def as_dict(self) -> dict[str, float]:
        """The metrics by name, for metrics.json, rounded to six decimals.

        Returns:
            The fields in their order, without those that are None.
        """
        metrics = dataclasses.asdict(dataclasses.replace(self, losses=None)).items()
        return {
            name: round(figure, 6) if isinstance(figure, float) else figure
            for name, figure in metrics
            if figure is not None
        }


def perplexity(log_probabilities: Any) -> float:
    """The number of equally probable tokens among which predicting would be as hard.

    Args:
        log_probabilities: float[n], n ≥ 1, natural logarithms of the probabilities of the true
            tokens.

    Returns:
        exp of minus their mean; infinite if a token had probability 0.

    Raises:
        InputError: If there is no token.

    Example:
        >>> round(perplexity(np.log([0.5, 0.125])), 9)
        4.0
    """
    if not np.size(log_probabilities):
        raise InputError("Perplexity needs at least one token, got none.")
    return _perplexity(log_probabilities, np.size(log_probabilities))


def recall_positions(targets: Any, *, limit: int = MOST_POSITIONS) -> np.ndarray:
    """The positions at which recall is measured: all words, or `limit` evenly spaced ones.

    Args:
        targets: int[n], the tokens of a stream.
        limit: How many at most. Default 20,000.

    Returns:
        int[≤ limit], indices in the stream, ascending; none of an `END`.

    Example:
        >>> recall_positions([2, 3, END, 2, END]).tolist()
        [0, 1, 3]
    """
    return evenly(np.flatnonzero(np.asarray(targets) != END), limit)


def evenly(values: np.ndarray, limit: int) -> np.ndarray:
    """At most `limit` of some values, evenly spaced.

    Args:
        values: [n], any values.
        limit: How many at most, at least 1.

    Returns:
        [≤ limit], the first of each of `limit` equal stretches; all of them if there are no more.

    Example:
        >>> evenly(np.arange(10), 3).tolist()
        [0, 3, 6]
    """
    if len(values) <= limit:
        return values
    return values[np.arange(limit) * len(values) // limit]


def most_probable(scores: Any, count: int = 3) -> np.ndarray:
    """The words to suggest: the ids with the highest scores, special tokens excluded.

    Args:
        scores: float[N, V], finite: probabilities, their logarithms or logits.
        count: k, how many. Default 3.

    Returns:
        int[N, k], the most probable first, the smallest id first among equals; fewer columns where
        the vocabulary has fewer words.

    Example:
        >>> most_probable([[0.5, 0.1, 0.1, 0.2, 0.1]]).tolist()
        [[3, 2, 4]]
    """
    return len(SPECIALS) + greatest(np.asarray(scores)[:, len(SPECIALS) :], count)


def greatest(scores: np.ndarray, count: int) -> np.ndarray:
    """The columns of the greatest numbers in each row.

    Args:
        scores: float[N, M], finite.
        count: k, how many.

    Returns:
        int[N, min(k, M)], the greatest first, the first column first among equals.

    Example:
        >>> greatest(np.array([[0.2, 0.4, 0.4]]), 2).tolist()
        [[1, 2]]
    """
    scores = np.array(scores)  # a copy, in which each maximum is struck out
    rows = np.arange(len(scores))
    columns = np.zeros((len(scores), min(count, scores.shape[1])), np.int64)
    for index in range(columns.shape[1]):
        columns[:, index] = scores.argmax(axis=1)  # for a few columns no slower than a partition
        scores[rows, columns[:, index]] = -np.inf
    return columns


def recall(top_ids: Any, targets: Any) -> float:
    """The fraction of words that were among the suggestions.

    Args:
        top_ids: int[N, k], suggestions, from `most_probable`.
        targets: int[N], the true words; a special token is a miss.

    Returns:
        A fraction from 0 to 1; 0 where N is 0.

    Example:
        >>> round(recall([[2, 3], [3, 2], [2, 3]], [3, 4, UNKNOWN]), 3)
        0.333
    """
    targets = np.asarray(targets)
    hits = np.any(np.asarray(top_ids) == targets[:, None], axis=1)
    return _fraction(hits & (targets >= len(SPECIALS)))


def recalls(top_ids: Any, targets: Any) -> tuple[float, float]:
    """Recall of the first suggestion and of all.

    Args:
        top_ids: int[N, 3], as for `recall`.
        targets: int[N], likewise.

    Returns:
        (top1, top3).

    Example:
        >>> recalls([[2, 3, 4], [3, 2, 4]], [2, 4])
        (0.5, 1.0)
    """
    top_ids = np.asarray(top_ids)
    return recall(top_ids[:, :1], targets), recall(top_ids, targets)


def _perplexity(log_probabilities: Any, tokens: int) -> float:
    """The perplexity, from the total and the number of tokens."""
    with np.errstate(over="ignore"):  # infinite is the answer
        return float(np.exp(-np.sum(log_probabilities, dtype=np.float64) / tokens))


def _fraction(hits: np.ndarray) -> float:
    """The fraction of true values; 0 if there are none."""
    return float(hits.mean()) if len(hits) else 0.0
