"""Measures a language model on a stream of tokens: the live one and its artefact alike."""

from typing import Any

import numpy as np

from nlpkit.data.token_stream import TokenStream
from nlpkit.evaluation.next_word import NextWordMetrics, most_probable, recall_positions, recalls
from nlpkit.evaluation.word_beam import Stepwise, word_recall

__all__ = ["measure"]

STEPS = 64
"""Words that are read at once; memory for the answers grows with it, and so does speed."""


def measure(
    model: Stepwise, stream: TokenStream, *, continues: Any, characters: Any = None
) -> NextWordMetrics:
    """Reads a stream once and in one piece, states carried on, and sums up what the model said.

    Args:
        model: As `nlpkit.evaluation.word_beam` describes it; `advance` must take int[N, T], too,
            and then gives log-probabilities [N, T, V] and the states after the last.
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
    found, best = [], []
    states, start = model.start(1), 0
    for inputs, outputs in stream.windows(1, STEPS):
        answers, states = model.advance(states, inputs)
        answers, outputs = np.asarray(answers)[0], outputs.numpy()[0]
        found.append(np.take_along_axis(answers, outputs[:, None], axis=1)[:, 0])
        here = indices[slice(*np.searchsorted(indices, [start, start + len(outputs)]))] - start
        best.append(most_probable(answers[here]))
        start += len(outputs)
    if continues.any() and characters is None:
        recall = word_recall(model, targets, continues)
    else:
        recall = recalls(np.concatenate(best), targets[indices])
    return NextWordMetrics.of(
        np.concatenate(found), targets, recall, continues=continues, characters=characters
    )
