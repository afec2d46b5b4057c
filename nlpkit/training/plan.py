"""Default settings of a classifier's training, chosen by the size of the data."""

import numpy as np

from nlpkit.data import Split
from nlpkit.text import token_counts

__all__ = ["batch_size", "epochs", "length_cap", "patience"]

_SAMPLE = 20_000
_LONGEST = 512
_COVERED = 99.0
_TOKENS_A_BATCH = 32_768
_LARGE = 10_000
_LARGE_BATCH, _BATCHES_AN_EPOCH = 128, 32
_SMALLEST_BATCH, _SMALL_BATCH = 8, 32
_UPDATES = 1_100
_MIN_EPOCHS, _MAX_EPOCHS = 4, 60
_PATIENT_UPDATES, _MIN_PATIENCE = 160, 3


def length_cap(split: Split) -> int:
    """The length at which 99 % of the texts fit whole: a multiple of 8, from 16 to 512.

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
    """A 32nd of the data, from 8 to 32; 128 from 10,000 examples on; fewer for long texts.

    A batch holds 32,768 tokens at most. Small data need small batches, since an epoch would
    otherwise be only a handful of updates.

    Args:
        examples: Number of training examples.
        max_length: Tokens of the longest text.

    Returns:
        Examples per batch, at least 1.

    Example:
        >>> [batch_size(n, 40) for n in (40, 500, 2_000, 100_000)], batch_size(100_000, 512)
        ([8, 15, 32, 128], 64)
    """
    small = int(np.clip(examples // _BATCHES_AN_EPOCH, _SMALLEST_BATCH, _SMALL_BATCH))
    limit = _LARGE_BATCH if examples >= _LARGE else small
    return max(1, min(limit, _TOKENS_A_BATCH // max_length))


def epochs(examples: int, batch: int) -> int:
    """The number of passes that makes 1,100 updates, from 4 to 60.

    Args:
        examples: Number of training examples.
        batch: Examples per batch.

    Returns:
        Passes over the training data.

    Example:
        >>> epochs(40, 8), epochs(500, 15), epochs(6_000, 32), epochs(100_000, 128)
        (60, 33, 6, 4)
    """
    wanted = -(-_UPDATES * batch // examples)
    return int(np.clip(wanted, _MIN_EPOCHS, _MAX_EPOCHS))


def patience(examples: int, batch: int) -> int:
    """The number of epochs that makes 160 updates, at least 3.

    On small data, an epoch is a few updates, which may well not lower the validation loss; and that
    loss is noisy on a small validation split.

    Args:
        examples: Number of training examples.
        batch: Examples per batch.

    Returns:
        Epochs without a lower validation loss after which to stop.

    Example:
        >>> patience(40, 8), patience(500, 15), patience(6_000, 32), patience(100_000, 128)
        (32, 5, 3, 3)
    """
    return max(_MIN_PATIENCE, -(-_PATIENT_UPDATES * batch // examples))
