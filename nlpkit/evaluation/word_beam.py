"""The most probable whole words of a subword model, by beam search.

A word is a piece that begins one, then pieces that continue it, until what comes next does not:

    p(word) = p(piece 1) p(piece 2 | piece 1) … · Σ_{v does not continue} p(v | all pieces)

The search keeps the most probable beginnings of each history, and drops one as soon as it is less
probable than the third best word so far: no word that begins with it could be better.

A model has `start(n) → states` and `advance(states, ids) → (log_probabilities [N, V], states)`.
States are an array, a tensor or nested tuples or lists of them, with N in front; ids are int[N].
It may have `follow(ids [N, T], lengths [N]) → (log_probabilities [N, V], states)` too, which reads
whole histories from the start, padded on the right, and so saves stepping through them.
"""

import dataclasses
from typing import Any, Protocol

import numpy as np
import scipy.special

from nlpkit.checks import check_positive_integer
from nlpkit.errors import InputError
from nlpkit.evaluation.next_word import evenly, greatest
from nlpkit.text.words.vocabulary import END, SPECIALS, UNKNOWN

__all__ = ["MOST_WORDS", "Stepwise", "best_words", "take", "word_recall"]

MOST_WORDS = 5_000
"""The most words at which recall is measured, for a standard error of 0.7 points."""

_SUGGESTIONS = 3

_LONGEST = 16
"""The most pieces of a word; a longer word is a miss."""


class Stepwise(Protocol):
    """What the search needs of a model."""

    def start(self, n: int) -> Any:
        """The states of N empty histories."""

    def advance(self, states: Any, ids: np.ndarray) -> tuple[Any, Any]:
        """Reads one token in each history: next tokens' log-probabilities, and states."""


def take(states: Any, rows: np.ndarray) -> Any:
    """Some rows of states.

    Args:
        states: Arrays or tensors [N, …], or nested tuples or lists of them.
        rows: int[M] in 0 … N−1; a row may be taken more than once.

    Returns:
        The same structure of NumPy arrays [M, …].

    Example:
        >>> take((np.arange(3), [np.eye(2)]), np.array([1, 1]))
        (array([1, 1]), [array([[0., 1.],
               [0., 1.]])])
    """
    if isinstance(states, tuple | list):
        return type(states)([take(part, rows) for part in states])
    return np.asarray(states)[rows]


def word_recall(
    model: Stepwise,
    ids: Any,
    continues: Any,
    *,
    positions: int = MOST_WORDS,
    context: int = 128,
    width: int = 8,
    block: int = 64,
) -> tuple[float, float]:
    """Recall of whole words, measured at evenly spaced words of a stream.

    The model reads some of the stream before the passage and the passage up to the word (since
    perplexity is measured with states carried on, too), and the search gives its three best
    guesses. A word that contains an unknown piece, or is directly followed by one, is a miss.

    Args:
        model: See above.
        ids: int[n], a stream of pieces with an `END` after each passage.
        continues: bool[V], which pieces continue a word.
        positions: The most words to measure at. Default 5,000.
        context: Pieces to read before the passage. Default 128, which is as good as all.
        width: Beginnings kept for each history. Default 8.
        block: Histories at a time: the model's outputs take block · width · V numbers. Default 64.

    Returns:
        (top1, top3), fractions of words; zeros if there is no word.

    Raises:
        InputError: If an option is not a positive integer; `context` may be 0.
    """
    for name, value in {"positions": positions, "width": width, "block": block}.items():
        check_positive_integer(name, value)
    if context < 0:
        raise InputError(f"`context` must be an integer of at least 0, got {context}.")
    ids, continues = np.asarray(ids), np.asarray(continues, bool)
    begins = evenly(np.flatnonzero(~continues[ids] & (ids != END)), positions)
    ends = np.append(-1, np.flatnonzero(ids == END))
    passages = 1 + ends[np.searchsorted(ends, begins) - 1]  # where each one's passage begins
    starts = np.maximum(passages - context, 0)
    order = np.argsort(begins - starts, kind="stable")  # histories of like lengths together
    hits = [np.zeros((0, _SUGGESTIONS), bool)]
    for first in range(0, len(begins), block):
        rows = order[first : first + block]
        histories, lengths = _histories(ids, starts[rows], begins[rows])
        log_probabilities, states = _followed(model, histories, lengths)
        words, _ = best_words(model, log_probabilities, states, continues, width=width)
        hits.append(_same(words, _true_words(ids, begins[rows], continues)))
    correct = np.concatenate(hits)
    count = max(len(correct), 1)
    return float(np.sum(correct[:, 0]) / count), float(np.sum(correct) / count)


def best_words(
    model: Stepwise,
    log_probabilities: Any,
    states: Any,
    continues: np.ndarray,
    *,
    count: int = _SUGGESTIONS,
    width: int = 8,
) -> tuple[np.ndarray, np.ndarray]:
    """The most probable whole words after some histories.

    Args:
        model: See above.
        log_probabilities: float[N, V], of the token that follows each history.
        states: The model's states after the histories.
        continues: bool[V], which pieces continue a word.
        count: k, words for each history. Default 3.
        width: Beginnings kept for each history. Default 8.

    Returns:
        int[N, k, L], the words' pieces, the most probable word first, padded with `END`, and
        float[N, k], their log-probabilities, −inf where there are fewer words.
    """
    log_probabilities = np.asarray(log_probabilities)
    n = len(log_probabilities)
    kept = np.zeros((n, count, _LONGEST), np.int64), np.full((n, count), -np.inf)
    opens = ~continues & (np.arange(len(continues)) >= len(SPECIALS))
    beam = _Beam(np.arange(n), np.zeros(n), np.full((n, _LONGEST), END), np.arange(n))
    beam = _extended(beam, 0, log_probabilities, np.flatnonzero(opens), width)
    for length in range(1, _LONGEST + 1):
        if not len(beam.rows):
            break
        states = take(states, beam.origins)
        answers, states = model.advance(states, beam.words[:, length - 1])
        answers = np.asarray(answers)
        ended = scipy.special.logsumexp(answers[:, ~continues], axis=1)
        kept = _better(kept, beam.rows, beam.words, beam.scores + ended)
        if length < _LONGEST:
            beam = _extended(beam, length, answers, np.flatnonzero(continues), width)
            beam = beam.where(beam.scores > kept[1][beam.rows, -1])
    return kept


@dataclasses.dataclass(frozen=True)
class _Beam:
    """Beginnings of words, those of a history side by side."""

    rows: np.ndarray  # the history, ascending
    scores: np.ndarray  # log-probability
    words: np.ndarray  # pieces [H, L]
    origins: np.ndarray  # which beginning of the step before each extends

    def where(self, kept: np.ndarray) -> "_Beam":
        """Some of the beginnings."""
        return _Beam(self.rows[kept], self.scores[kept], self.words[kept], self.origins[kept])


def _extended(
    beam: _Beam, length: int, log_probabilities: np.ndarray, pieces: np.ndarray, width: int
) -> _Beam:
    """The best beginnings with one of some pieces more, `width` of each history."""
    offered = log_probabilities[:, pieces]
    chosen = greatest(offered, width)
    origins = np.repeat(np.arange(len(beam.rows)), chosen.shape[1])
    words = beam.words[origins]
    words[:, length] = pieces[chosen].ravel()
    scores = beam.scores[origins] + np.take_along_axis(offered, chosen, axis=1).ravel()
    longer = _Beam(beam.rows[origins], scores, words, origins)
    longer = longer.where(np.lexsort((-scores, longer.rows)))
    return longer.where(_rank(longer.rows) < width)


def _better(kept: tuple, rows: np.ndarray, words: np.ndarray, scores: np.ndarray) -> tuple:
    """The best words of each history among those kept and some more."""
    rank = _rank(rows)
    shape = len(kept[1]), rank.max() + 1
    more = np.zeros((*shape, _LONGEST), np.int64), np.full(shape, -np.inf)
    more[0][rows, rank], more[1][rows, rank] = words, scores
    words, scores = (np.concatenate(pair, axis=1) for pair in zip(kept, more, strict=True))
    best = np.argsort(-scores, axis=1, kind="stable")[:, : kept[1].shape[1]]
    return np.take_along_axis(words, best[..., None], 1), np.take_along_axis(scores, best, 1)


def _rank(rows: np.ndarray) -> np.ndarray:
    """The rank of each among its equals; rows ascend."""
    return np.arange(len(rows)) - np.searchsorted(rows, rows)


def _histories(
    ids: np.ndarray, starts: np.ndarray, begins: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """`END` and the stream from a start to a word, filled up with `END`; and their lengths."""
    lengths = 1 + begins - starts
    indices = np.arange(lengths.max())
    tokens = ids[np.maximum(np.minimum(starts[:, None] + indices - 1, begins[:, None]), 0)]
    return np.where((indices > 0) & (indices < lengths[:, None]), tokens, END), lengths


def _followed(model: Stepwise, histories: np.ndarray, lengths: np.ndarray) -> tuple[Any, Any]:
    """The model's output after histories, and its states: at once if it can, else step by step."""
    if hasattr(model, "follow"):
        return model.follow(histories, lengths)
    states, answers = model.start(len(histories)), None
    for step, tokens in enumerate(histories.T):
        reading = step < lengths  # the others have read all, and stay as they are
        new_answers, new_states = model.advance(states, tokens)
        answers = new_answers if answers is None else _chosen(reading, new_answers, answers)
        states = _chosen(reading, new_states, states)
    return answers, states


def _chosen(rows: np.ndarray, new: Any, old: Any) -> Any:
    """States or answers, new in some rows and old in the others."""
    if isinstance(new, tuple | list):
        return type(new)([_chosen(rows, *parts) for parts in zip(new, old, strict=True)])
    new = np.asarray(new)
    return np.where(rows.reshape(-1, *[1] * (new.ndim - 1)), new, np.asarray(old))


def _true_words(ids: np.ndarray, begins: np.ndarray, continues: np.ndarray) -> np.ndarray:
    """The pieces of words [N, L + 1] that begin at some indices, filled up with `END`."""
    padded = np.append(ids, np.full(_LONGEST + 1, END))
    words = padded[begins[:, None] + np.arange(_LONGEST + 1)]
    goes_on = continues.copy()
    goes_on[UNKNOWN] = continues.any()  # it may be the rest of the word, which cannot be predicted
    inside = np.logical_and.accumulate(goes_on[words[:, 1:]], axis=1)
    words[:, 1:] = np.where(inside, words[:, 1:], END)
    return words


def _same(words: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """Whether each suggestion [N, k, L] is the true word [N, L + 1], as bool[N, k]."""
    sayable = (truth[:, -1] == END) & ~np.any(truth == UNKNOWN, axis=1)
    return np.all(words == truth[:, None, :-1], axis=2) & sayable[:, None]
