"""Reads texts of any length with a language model, in blocks, which bounds the memory.

All signatures read by the same two graphs, those of a `Reader`.

ids       </s> The  quick brown │ fox  jumps </s> </s>      padded with 0, which is </s> too
targets   The  quick brown fox  │ jumps </s>                the end of the text is the last
          └──── one block ────┘   └ states come from the block before ┘
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import tensorflow as tf

from nlpkit.models import LanguageModel

__all__ = ["Position", "Reader", "log_probability", "read"]

ROWS = 1 << 12
"""The most words that are read at once, in all texts together."""

SCORES = 1 << 24
"""The most logits that are computed at once, for all texts together."""


class Position(NamedTuple):
    """A position in N texts, at which a model predicts the next words.

    Attributes:
        feature: The features that the next word is predicted from, float32 [N, D].
        states: The states of the model, float32 [N, U] each.
    """

    feature: tf.Tensor
    states: list[tf.Tensor]


class Reader(tf.Module):
    """A language model that reads by graphs of its own, so that an artefact holds each once.

    The Keras model is held by a closure: it is not to be tracked.

    Args:
        model: The model.
    """

    def __init__(self, model: LanguageModel) -> None:
        super().__init__(name="reader")
        self._model = lambda: model
        states = [tf.TensorSpec([None, size]) for size in model.state_sizes]
        block = [tf.TensorSpec([None, None], dtype) for dtype in (tf.int32, tf.bool)]
        one = tf.TensorSpec([None, 1], tf.int32)
        self._block = tf.function(self._read, input_signature=[*block, *states], autograph=False)
        self._word = tf.function(
            lambda ids, *states: self._read(ids, None, *states),
            input_signature=[one, *states],
            autograph=False,
        )

    @property
    def model(self) -> LanguageModel:
        """The model."""
        return self._model()

    def block(self, ids: tf.Tensor, mask: tf.Tensor, states: Sequence[tf.Tensor]) -> tuple:
        """Reads several words of each text.

        Args:
            ids: int32 [N, T].
            mask: Booleans [N, T], false at steps to skip.
            states: Before the first of them, float32 [N, U] for each of the model's.

        Returns:
            Features [N, T, D] and the states after the last word.
        """
        return self._block(ids, mask, *states)

    def word(self, ids: tf.Tensor, states: Sequence[tf.Tensor]) -> Position:
        """Reads a word of each text.

        Args:
            ids: int32 [N].
            states: As for `block`.

        Returns:
            The position after it.
        """
        features, states = self._word(ids[:, None], *states)
        return Position(features[:, 0], list(states))

    def _read(self, ids, mask, *states):
        features, states = self.model.read(ids, states, mask=mask)
        return features, list(states)


def read(reader: Reader, ids: tf.Tensor, lengths: tf.Tensor) -> Position:
    """Reads texts to their ends.

    Args:
        reader: The model.
        ids: int32 [N, T], T at least 1; padded on the right.
        lengths: The length of each text without padding, int32 [N], at least 1.

    Returns:
        The position after the last word of each text.
    """

    def last(feature, features, start):
        end = lengths - 1 - start  # of each text, in this block
        size = tf.shape(features)[1]
        here = tf.gather(features, tf.clip_by_value(end, 0, size - 1), batch_dims=1)
        return tf.where(((end >= 0) & (end < size))[:, None], here, feature)

    nothing = tf.zeros([tf.shape(ids)[0], reader.model.embeddings.shape[1]])
    return Position(*_in_blocks(reader, ids, lengths, ROWS, nothing, last))


def log_probability(reader: Reader, ids: tf.Tensor, lengths: tf.Tensor) -> tf.Tensor:
    """The log-probability of texts, their ends included.

    Args:
        reader: The model.
        ids: int32 [N, T]; each begins with the start id, which is also the end id and padding.
        lengths: The length of each text without padding, int32 [N], at least 1.

    Returns:
        Natural logarithms, float32 [N].
    """
    targets = tf.pad(ids[:, 1:], [[0, 0], [0, 1]])

    def add(total, features, start):
        size = tf.shape(features)[1]
        # Only rows without padding go through the product with the whole table.
        rows = tf.where(tf.sequence_mask(lengths - start, size))
        here = tf.gather_nd(targets[:, start : start + size], rows)
        logits = tf.cast(reader.model.logits(tf.gather_nd(features, rows)), tf.float32)
        loss = tf.nn.sparse_softmax_cross_entropy_with_logits(here, logits)
        sums = tf.math.unsorted_segment_sum(tf.cast(loss, tf.float64), rows[:, 0], tf.size(total))
        return total - sums

    rows = min(ROWS, max(1, SCORES // reader.model.vocabulary))
    total = tf.zeros([tf.shape(ids)[0]], tf.float64)  # a long text has a large sum
    return tf.cast(_in_blocks(reader, ids, lengths, rows, total, add)[0], tf.float32)


def _in_blocks(
    reader: Reader,
    ids: tf.Tensor,
    lengths: tf.Tensor,
    rows: int,
    result: tf.Tensor,
    update: Callable[[tf.Tensor, tf.Tensor, tf.Tensor], tf.Tensor],
) -> tuple[Any, list[tf.Tensor]]:
    """Folds `update`, of the result so far, a block's features and its start, over all blocks."""
    batch, time = tf.unstack(tf.shape(ids))
    size = tf.maximum(rows // tf.maximum(batch, 1), 1)

    def block(start, result, states):
        part = ids[:, start : start + size]
        mask = tf.sequence_mask(lengths - start, tf.shape(part)[1])
        features, states = reader.block(part, mask, states)
        return start + size, update(result, features, start), states

    begin = (0, result, reader.model.zero_states(batch))
    free = tf.nest.map_structure(lambda t: tf.TensorShape([None, *t.shape[1:]]), begin[1:])
    _, result, states = tf.while_loop(
        lambda start, *_: start < time, block, begin, shape_invariants=(tf.TensorShape([]), *free)
    )
    return result, states
