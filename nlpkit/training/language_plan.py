"""Default settings of a language model's training, chosen by the size of the data."""

import numpy as np

from nlpkit.models import has_recurrent_kernel

__all__ = ["language_batch_size", "language_dropout", "language_dropouts", "language_epochs"]

_FEW, _MANY = 300_000, 3_000_000
_EPOCHS = {"words": 12, "subwords": 12, "spaces": 14}
_EPOCHS_OF_FEW = 15
_TOKENS = 20_000_000


def language_batch_size(tokens: int) -> int:
    """Rows of a batch: 20, but 10 for a short stream and 28 for a long one.

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
    """Passes: 12; 15 over a short text; 14 over one tokenized beforehand, as benchmarks are.

    In total they read at most 20 million tokens.

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
    """Dropout: 0.4, but none for a long stream, which is read too few times to overfit.

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
    """The dropout rates of a language model, all in proportion to one.

    Args:
        dropout: The dropout of the features that predict the next word, from 0 to 1.
        cell: Name of the cell; some have no recurrent kernel to drop weights from. Default: "lstm".

    Returns:
        Arguments of `nlpkit.models.LanguageModel`.

    Example:
        >>> language_dropouts(0.4)["output_dropout"]
        0.4
    """
    ratios = {
        "word_dropout": 0.125,
        "input_dropout": 0.75,
        "hidden_dropout": 0.625,
        "output_dropout": 1.0,
        "weight_drop": 0.75 if has_recurrent_kernel(cell) else 0.0,
    }
    return {name: round(ratio * dropout, 4) for name, ratio in ratios.items()}
