"""Settings that follow the data, where the user has not set them."""

import numpy as np

from nlpkit.data import Split
from nlpkit.text import token_counts

__all__ = ["batch_size", "epochs", "length_cap"]

_SAMPLE = 20_000
_LONGEST = 512
_COVERED = 99.0
_TOKENS_A_BATCH = 32_768
_FEW = 10_000
_STEPS = 1_200


def length_cap(split: Split) -> int:
    """Tokens that hold 99 % of the texts whole: a multiple of 8, from 16 to 512.

    Args:
        split: The training texts, in random order; the first 20,000 or so decide.

    Returns:
        T, the length to cut texts to.
    """
    lengths: list[int] = []
    for texts in split.texts():
        lengths.extend(token_counts(texts).numpy())
        if len(lengths) >= _SAMPLE:
            break
    longest = float(np.percentile(lengths, _COVERED))
    return int(np.clip(-(-longest // 8) * 8, 16, _LONGEST))


def batch_size(examples: int, max_length: int) -> int:
    """128, or 32 below 10,000 examples, but so few that a batch holds 32,768 tokens at most.

    Args:
        examples: Number of training examples.
        max_length: Tokens of the longest text.

    Returns:
        Examples a batch, at least 1.

    Example:
        >>> batch_size(500, 40), batch_size(100_000, 40), batch_size(100_000, 512)
        (32, 128, 64)
    """
    most = 128 if examples >= _FEW else 32
    return max(1, min(most, _TOKENS_A_BATCH // max_length))


def epochs(examples: int, batch: int) -> int:
    """As many as make 1,200 steps, but 4 at least and 20 at most.

    Args:
        examples: Number of training examples.
        batch: Examples a batch.

    Returns:
        Passes over the training data.

    Example:
        >>> epochs(500, 32), epochs(6_000, 32), epochs(100_000, 128)
        (20, 7, 4)
    """
    return int(np.clip(-(-_STEPS * batch // examples), 4, 20))
