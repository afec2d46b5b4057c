"""Counts the n-grams of a stream of tokens, with array operations only.

An n-gram is one number, its key: the index of its first n−1 words among the (n−1)-grams, times V,
plus its last word. Indices follow the order of the keys; a word's own index is its id.
"""

import dataclasses

import numpy as np

from nlpkit.text.words.vocabulary import END

__all__ = ["Grams", "count_grams", "thinned"]


@dataclasses.dataclass(frozen=True)
class Grams:
    """The m distinct n-grams of a stream, for one n of at least 2.

    Attributes:
        keys: int64[m], ascending.
        counts: int[m], how often each occurs.
        suffixes: int[m], the index of each one's last n−1 words among the (n−1)-grams.
        starting: bool[m], whether it begins with the start of a passage.
    """

    keys: np.ndarray
    counts: np.ndarray
    suffixes: np.ndarray
    starting: np.ndarray


def count_grams(ids: np.ndarray, vocabulary: int, order: int) -> list[Grams]:
    """The distinct n-grams for n = 2 … order; an `END` is only ever their first or last token.

    Args:
        ids: int[n], a stream in 0 … V−1 with an `END` after each passage. One is implied at the
            start.
        vocabulary: V.
        order: The longest n; with 1 there is nothing to count.

    Returns:
        order − 1 `Grams`.

    Example:
        >>> (pairs,) = count_grams(np.array([2, 3, END, 2, END]), 4, 2)
        >>> [(int(key) // 4, int(key) % 4) for key in pairs.keys], pairs.counts.tolist()
        ([(0, 2), (2, 0), (2, 3), (3, 0)], [2, 1, 1, 1])
    """
    words = np.concatenate([[END], ids])
    ending = contexts = words.astype(np.int64)  # which (n−1)-gram ends at each index
    starting = np.arange(vocabulary) == END
    grams = []
    for _ in range(order - 1):
        indices = 1 + np.flatnonzero(contexts[:-1] >= 0)
        keys, examples, which, counts = _distinct(
            contexts[indices - 1] * vocabulary + words[indices]
        )
        starting = starting[keys // vocabulary]
        grams.append(Grams(keys, counts, ending[indices[examples]], starting))
        ending = np.full(len(words), -1, np.int64)
        ending[indices] = which
        contexts = np.where(words == END, -1, ending)
    return grams


def _distinct(keys: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Distinct keys ascending, an index of each in `keys`, the key of each index, and counts."""
    order = np.argsort(keys)
    ascending = keys[order]
    first = np.flatnonzero(np.diff(ascending, prepend=-1))
    counts = np.diff(first, append=len(keys))
    which = np.empty(len(keys), np.int64)
    which[order] = np.repeat(np.arange(len(first)), counts)
    return ascending[first], order[first], which, counts


def thinned(ids: np.ndarray, limit: int) -> np.ndarray:
    """At most `limit` tokens of a stream, in whole passages that are evenly spaced.

    Args:
        ids: int[n], as in `count_grams`.
        limit: The most tokens to keep.

    Returns:
        int[≤ limit]; the last passage kept may be cut short.

    Example:
        >>> thinned(np.array([2, END, 3, END, 4, END, 5, END]), 4).tolist()
        [2, 0, 4, 0]
    """
    if len(ids) <= limit:
        return ids
    ends = np.flatnonzero(ids == END)
    ends = ends if len(ends) and ends[-1] == len(ids) - 1 else np.append(ends, len(ids) - 1)
    lengths = np.diff(ends, prepend=-1)
    kept = np.diff(np.ceil(np.arange(len(lengths) + 1) * (limit / len(ids)))) > 0
    return ids[np.repeat(kept, lengths)][:limit]
