"""Whether one language model predicts a text better than another, and by how much.

The tokens of a passage depend on each other, so passages are what is drawn anew, with replacement,
the same ones for both models (the paired bootstrap). Neighbouring passages depend on each other,
too, so blocks of n^(1/3) neighbours are drawn, of n passages (Künsch 1989).

References:
    Efron and Tibshirani, "An Introduction to the Bootstrap", 1993, sections 13.3 and 16.4.
    Künsch, "The Jackknife and the Bootstrap for General Stationary Observations", Annals of
        Statistics 17(3), 1989, theorem 3.3 (the length of blocks).
    Koehn, "Statistical Significance Tests for Machine Translation Evaluation", EMNLP 2004 (paired).
"""

from typing import Any

import numpy as np

from nlpkit.errors import InputError
from nlpkit.evaluation.comparison import LEVEL, Comparison

__all__ = ["compare_losses", "passage_losses"]

_DRAWS = 10_000
_MOST_BLOCKS = 1_000


def passage_losses(log_probabilities: Any, ends: Any) -> np.ndarray:
    """What a language model loses at each passage of a stream.

    Args:
        log_probabilities: float[n], natural logarithms of the probabilities of the true tokens.
        ends: bool[n], true at the last token of each passage.

    Returns:
        float[P, 2]: the sum of −ln p over a passage's tokens, and their number. What comes after
        the last end is a passage, too.

    Example:
        >>> passage_losses([-1.0, -2.0, -4.0], [False, True, True]).tolist()
        [[3.0, 2.0], [4.0, 1.0]]
    """
    ends = np.asarray(ends, bool)
    starts = np.flatnonzero(np.concatenate([[True], ends[:-1]]))
    losses = np.stack([-np.asarray(log_probabilities, np.float64), np.ones(len(ends))], axis=1)
    return np.add.reduceat(losses, starts, axis=0)


def compare_losses(ours: Any, theirs: Any, *, seed: int = 0) -> Comparison:
    """Compares two language models on the same passages.

    Args:
        ours: float[P, 2], from `passage_losses`, P ≥ 1.
        theirs: float[P, 2], those of another model for the same passages in the same order.
        seed: The seed of the draws. Default 0.

    Returns:
        The comparison. Its difference is in nats a token: by how much the first model's perplexity
        is lower, as a logarithm.

    Raises:
        InputError: If the passages are not the same, or there is none.

    Example:
        >>> ours = [[10.0, 5.0], [12.0, 5.0], [9.0, 5.0]] * 20
        >>> theirs = [[11.0, 5.0], [12.5, 5.0], [10.5, 5.0]] * 20
        >>> comparison = compare_losses(ours, theirs)
        >>> round(comparison.difference, 3), comparison.better
        (0.2, True)
    """
    ours, theirs = np.asarray(ours, np.float64), np.asarray(theirs, np.float64)
    if not len(ours) or ours.shape != theirs.shape or np.any(ours[:, 1] != theirs[:, 1]):
        raise InputError(
            "Two language models must have read the same passages, and at least one, got "
            f"{len(ours):,} and {len(theirs):,} passages of {int(np.sum(ours[..., 1:])):,} and "
            f"{int(np.sum(theirs[..., 1:])):,} tokens."
        )
    gains = np.stack([theirs[:, 0] - ours[:, 0], ours[:, 1]], axis=1)
    length = int(np.ceil(len(gains) ** (1 / 3)))
    blocks = np.array_split(gains, min(-(-len(gains) // length), _MOST_BLOCKS))
    sums = np.array([block.sum(axis=0) for block in blocks])
    rng = np.random.default_rng(seed)
    counts = rng.multinomial(len(sums), np.full(len(sums), 1 / len(sums)), size=_DRAWS)
    gain, tokens = (counts @ sums).T
    drawn, difference = gain / tokens, sums[:, 0].sum() / sums[:, 1].sum()
    low, high = np.quantile(drawn, [LEVEL / 2, 1 - LEVEL / 2])
    beyond = min(np.mean(drawn <= 0), np.mean(drawn >= 0))
    p_value = min(1.0, 2 * (beyond * _DRAWS + 1) / (_DRAWS + 1))
    # Few blocks that all lean one way do so by chance with this probability.
    p_value = max(p_value, 2.0 ** (1 - len(sums))) if np.isfinite(difference) else 1.0
    return Comparison(float(difference), float(high - low) / 2, float(p_value))
