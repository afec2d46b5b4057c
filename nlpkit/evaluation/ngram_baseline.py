"""The baseline of a language model: Kneser-Ney on the same tokens, measured in the same way."""

import dataclasses
import time
from typing import Any

import numpy as np

from nlpkit.evaluation.kneser_ney import MAX_TOKENS, KneserNey
from nlpkit.evaluation.next_word import (
    NextWordMetrics,
    most_probable,
    recall_positions,
    recalls,
)
from nlpkit.evaluation.word_beam import word_recall

__all__ = ["NgramBaseline", "kneser_ney_baseline"]

_CELLS = 8_000_000  # probabilities in memory at a time


@dataclasses.dataclass(frozen=True)
class NgramBaseline:
    """The metrics of the baseline on the test split, and their cost.

    Attributes:
        name: For example "kneser-ney-5".
        metrics: The `NextWordMetrics`.
        seconds: Wall-clock time of counting and measuring.
        tokens_used: The training tokens that it counted.
        tokens_given: All training tokens.
    """

    name: str
    metrics: NextWordMetrics
    seconds: float
    tokens_used: int
    tokens_given: int


def kneser_ney_baseline(
    train: Any,
    test: Any,
    *,
    vocabulary: int,
    continues: Any = None,
    characters: Any = None,
    order: int = 5,
    max_tokens: int = MAX_TOKENS,
) -> NgramBaseline:
    """Trains an n-gram model on one stream of tokens and measures it on another.

    Args:
        train: int[n], a stream with an `END` after each passage.
        test: int[m], the stream to measure it on, m ≥ 1.
        vocabulary: V, the number of ids.
        continues: bool[V], which ids continue a word. Default None, where tokens are words. Where
            any does, recall is of whole words, found by beam search.
        characters: int[V], as for `NextWordMetrics.of`: where words are not written apart, recall
            is of pieces. Default None, where they are.
        order: n of the longest n-grams. Default 5.
        max_tokens: The most tokens to count, see `KneserNey`. Default 16 million.

    Returns:
        The `NgramBaseline`.

    Raises:
        InputError: As `KneserNey`, or if there is no token to predict.

    Example:
        >>> stream = [2, 3, 4, 0] * 20
        >>> baseline = kneser_ney_baseline(stream, stream, vocabulary=5)
        >>> baseline.name, baseline.metrics.top1
        ('kneser-ney-5', 1.0)
    """
    started = time.perf_counter()
    model = KneserNey(train, vocabulary, order=order, max_tokens=max_tokens)
    log_probabilities = model.log_probabilities(test)
    if continues is not None and np.any(continues) and characters is None:
        recall = word_recall(model, test, continues)
    else:
        recall = _recalls(model, np.asarray(test))
    return NgramBaseline(
        name=model.name,
        metrics=NextWordMetrics.of(
            log_probabilities, test, recall, continues=continues, characters=characters
        ),
        seconds=time.perf_counter() - started,
        tokens_used=model.tokens_used,
        tokens_given=model.tokens_given,
    )


def _recalls(model: KneserNey, ids: np.ndarray) -> tuple[float, float]:
    """Top-1 and top-3 recall at the indices of a stream where it is measured."""
    indices = recall_positions(ids)
    contexts = model.contexts(ids, indices)
    rows = max(1, _CELLS // model.vocabulary)
    top = [np.zeros((0, min(3, max(model.vocabulary - 2, 0))), np.int64)]
    for first in range(0, len(indices), rows):
        top.append(most_probable(model.distribution(contexts[first : first + rows])))
    return recalls(np.concatenate(top), ids[indices])
