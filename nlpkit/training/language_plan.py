"""Settings of a language model's training that follow the data, where the user has not set them."""

import numpy as np

from nlpkit.models import has_recurrent_kernel

__all__ = ["language_batch_size", "language_dropout", "language_dropouts", "language_epochs"]

_FEW, _MANY = 300_000, 3_000_000
_EPOCHS = {"words": 12, "subwords": 12, "spaces": 14}
_EPOCHS_OF_FEW = 15
_TOKENS = 20_000_000


def language_batch_size(tokens: int) -> int:
    """Rows of a batch: 20, but 10 of a short stream and 28 of a long one.

    Args:
        tokens: Length of the training stream.

    Returns:
        B.

    Example:
        >>> [language_batch_size(tokens) for tokens in (100_000, 900_000, 8_000_000)]
        [10, 20, 28]
    """
    return 10 if tokens < _FEW else 20 if tokens < _MANY else 28


def language_epochs(tokens: int, tokenization: str) -> int:
    """12 passes, 15 over little text, 14 over text cut beforehand, which is a benchmark.

    20 million tokens in all at most.

    Args:
        tokens: Length of the training stream.
        tokenization: How it was cut: "words", "subwords" or "spaces".

    Returns:
        Passes over the training stream, at least 1.

    Example:
        >>> [language_epochs(n, "words") for n in (100_000, 1_000_000, 8_000_000, 10**9)]
        [15, 12, 2, 1]
    """
    most = _EPOCHS_OF_FEW if tokens < _FEW else _EPOCHS[tokenization]
    return int(np.clip(_TOKENS // tokens, 1, most))


def language_dropout(tokens: int) -> float:
    """0.4, but none of a long stream, which is read too few times to be learnt by heart.

    Args:
        tokens: Length of the training stream.

    Returns:
        The dropout that `language_dropouts` starts from.

    Example:
        >>> language_dropout(1_000_000), language_dropout(8_000_000)
        (0.4, 0.0)
    """
    return 0.4 if tokens < _MANY else 0.0


def language_dropouts(dropout: float, cell: str = "lstm") -> dict[str, float]:
    """The dropouts of a language model from one number, in proportion.

    Args:
        dropout: That of the features which predict, from 0 to 1.
        cell: Name of its cell, which may have no recurrent kernel to drop from. Default: "lstm".

    Returns:
        Arguments of `nlpkit.models.LanguageModel`.

    Example:
        >>> language_dropouts(0.4)["output_dropout"]
        0.4
    """
    shares = {
        "word_dropout": 0.125,
        "input_dropout": 0.75,
        "hidden_dropout": 0.625,
        "output_dropout": 1.0,
        "weight_drop": 0.75 if has_recurrent_kernel(cell) else 0.0,
    }
    return {name: round(share * dropout, 4) for name, share in shares.items()}
