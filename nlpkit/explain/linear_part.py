"""What each token brings to the linear part of a classifier.

The linear part is a sum over distinct n-grams and phrases, so it splits among tokens exactly: an
n-gram among the tokens that have it, a phrase among the tokens of its words.
"""

from collections.abc import Sequence

import numpy as np

from nlpkit.models import BagOfNgrams
from nlpkit.text import MAX_NGRAMS
from nlpkit.text.words.lexicon import continues

__all__ = ["token_logits"]


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
