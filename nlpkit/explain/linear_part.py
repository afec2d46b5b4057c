"""The linear part of a classifier: its logits after each token, and what each token brings to them.

The linear part is a sum over distinct n-grams and phrases, so it splits among tokens exactly: an
n-gram among the tokens that have it, a phrase among the tokens of its words.
"""

from collections.abc import Sequence

import numpy as np

from nlpkit.models import BagOfNgrams
from nlpkit.text import MAX_NGRAMS
from nlpkit.text.words.lexicon import continues

__all__ = ["beginning_logits", "token_logits"]


def beginning_logits(layer: BagOfNgrams, ids: np.ndarray) -> np.ndarray:
    """The logits of a linear part for every beginning of a text.

    Args:
        layer: The linear part.
        ids: The n-grams of T tokens, and the phrases that end in them, integers [T, F].

    Returns:
        float32 [T, K], with the layer's bias: row t is of the tokens up to t.
    """
    distinct, first = np.unique(ids, return_index=True)  # the first of each, row by row
    new, token = distinct[distinct > 0], first[distinct > 0] // ids.shape[1]
    weights = np.zeros([len(ids), layer.classes])
    np.add.at(weights, token, layer.table.numpy()[new])
    count = np.cumsum(np.bincount(token, minlength=len(ids)))
    logits = np.cumsum(weights, axis=0) / np.sqrt(np.maximum(count, 1))[:, None]
    return (logits + layer.bias.numpy()).astype(np.float32)


def token_logits(layer: BagOfNgrams, tokens: Sequence[str], ids: np.ndarray) -> np.ndarray:
    """Splits the logits of a linear part among the tokens of a text.

    Args:
        layer: The linear part.
        tokens: The T tokens; one that continues a word begins with `##`.
        ids: Their n-grams, and the phrases that end in them, integers [T, F].

    Returns:
        float32 [T, K]; the sum over the tokens is the layer's logits without its bias.
    """
    distinct, inverse, counts = np.unique(ids, return_inverse=True, return_counts=True)
    weights = layer.table.numpy()[distinct] / np.sqrt(max(1, int(np.count_nonzero(distinct))))
    weights[distinct == 0] = 0
    each = (weights / counts[:, None])[inverse.reshape(ids.shape)]  # [T, F, K]
    added = each[:, :MAX_NGRAMS].sum(axis=1)
    word = np.cumsum([not continues(token) for token in tokens])
    for column in range(MAX_NGRAMS, ids.shape[1]):
        length = column - MAX_NGRAMS + 2  # words of the phrase
        for at in np.flatnonzero(ids[:, column]):
            inside = (word > word[at] - length) & (word <= word[at])
            added[inside] += each[at, column] / np.count_nonzero(inside)
    return added.astype(np.float32)
