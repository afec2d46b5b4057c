"""Measures a language model, live or exported, on a stream of tokens."""

from typing import Any

import numpy as np

from nlpkit.data.token_stream import TokenStream
from nlpkit.evaluation.next_word import NextWordMetrics, most_probable, recall_positions, recalls
from nlpkit.evaluation.word_beam import Stepwise, word_recall

__all__ = ["measure"]

STEPS = 64
"""Words that are read at once; more are faster, but need more memory for the probabilities."""


def measure(
    model: Stepwise, stream: TokenStream, *, continues: Any, characters: Any = None
) -> NextWordMetrics:
    """Reads a stream once, from start to end with its states carried on, and measures the model.

    Args:
        model: A model as `nlpkit.evaluation.word_beam` describes it; its `advance` must also take
            int[N, T], and then return log-probabilities [N, T, V] and the states after the last.
        stream: The tokens; each, and each end of a passage, is predicted once.
        continues: bool[V], which ids continue a word. Where none does, recall is that of
            the model's best words; else that of whole words, found by beam search.
        characters: int[V], as for `NextWordMetrics.of`: where words are not written apart, recall
            is that of the model's best pieces. Default None, where they are.

    Returns:
        The metrics.
    """
    targets, continues = stream.ids, np.asarray(continues)
    indices = recall_positions(targets)
    log_probabilities, best = [], []
    states, start = model.start(1), 0
    for inputs, outputs in stream.windows(1, STEPS):
        answers, states = model.advance(states, inputs)
        answers, outputs = np.asarray(answers)[0], outputs.numpy()[0]
        log_probabilities.append(np.take_along_axis(answers, outputs[:, None], axis=1)[:, 0])
        here = indices[slice(*np.searchsorted(indices, [start, start + len(outputs)]))] - start
        best.append(most_probable(answers[here]))
        start += len(outputs)
    if continues.any() and characters is None:
        recall = word_recall(model, targets, continues)
    else:
        recall = recalls(np.concatenate(best), targets[indices])
    return NextWordMetrics.of(
        np.concatenate(log_probabilities),
        targets,
        recall,
        continues=continues,
        characters=characters,
    )
