"""Features of tokens that a unit might correlate with: the position, quotes, a word."""

from collections import Counter
from collections.abc import Sequence

import numpy as np

__all__ = ["features", "frequent_words"]

_FEWEST_TEXTS = 10
_WORDS = 30
_OPENS, _CLOSES, _BOTH = "“„«「『", "”»」』", '"'


def frequent_words(texts: Sequence[Sequence[str]]) -> list[str]:
    """The tokens whose units are looked for.

    Args:
        texts: The tokens of each text.

    Returns:
        Those that are in the most texts, in ten at least, at most thirty.
    """
    counts = Counter(token for tokens in texts for token in set(tokens))
    frequent = [(-count, token) for token, count in counts.items() if count >= _FEWEST_TEXTS]
    return [token for _, token in sorted(frequent)[:_WORDS]]


def features(tokens: Sequence[str], words: Sequence[str]) -> dict[str, np.ndarray]:
    """What the tokens have, as numbers.

    Args:
        tokens: The T tokens of a text.
        words: From `frequent_words`.

    Returns:
        Float64 [T] by name: the position, counted from 0, whether a token is inside quotes, and
        whether it is each of the words.

    Example:
        >>> values = features(["he", "said", '"', "no", '"'], ["no"])
        >>> values["inside quotes"].tolist()
        [0.0, 0.0, 0.0, 1.0, 0.0]
    """
    values = {
        "the position": np.arange(len(tokens), dtype=float),
        "inside quotes": np.array(list(_quoted(tokens)), dtype=float),
    }
    for word in words:
        values[f"the word “{word}”"] = np.array([token == word for token in tokens], dtype=float)
    return values


def _quoted(tokens: Sequence[str]):
    """Whether each token is inside quotes; the marks themselves are not."""
    inside = False
    for token in tokens:
        marks = [character for character in token if character in _OPENS + _CLOSES + _BOTH]
        yield inside and not marks
        for mark in marks:
            inside = not inside if mark in _BOTH else mark in _OPENS
