"""Generates text inside the graph: the whole loop is in TensorFlow, without Python in between.

    position ──► logits ──► words 2 … V-1 ──► one of them ──► read it ──► position
                            no special token is among them

A word is drawn at a temperature, from the k best, from the smallest set of the best that reaches a
probability p (nucleus sampling, Holtzman et al. 2020), or is the best (temperature 0). Beam search
keeps the likeliest continuations instead.
"""

import tensorflow as tf

from nlpkit.export.reading import Position, Reader
from nlpkit.text.words.vocabulary import SPECIALS

__all__ = ["FIRST_WORD", "beam_search", "sample"]

FIRST_WORD = len(SPECIALS)
"""The first id that is not a special token."""

COLDEST = 1e-4
"""Lower temperatures count as 0 (greedy), to avoid overflow."""


def sample(
    reader: Reader,
    position: Position,
    *,
    length: tf.Tensor,
    temperature: tf.Tensor,
    top_k: tf.Tensor,
    top_p: tf.Tensor,
    seed: tf.Tensor,
) -> tf.Tensor:
    """Draws words one after the other.

    Args:
        reader: The model.
        position: Where the N texts are continued.
        length: The number of words, L; below 0 means 0.
        temperature: What the logits are divided by; up to 1e-4, the best word is taken.
        top_k: The number of best words to draw from; below 1 means all.
        top_p: The words to draw from are the fewest best that together have at least this fraction
            of the probability that the temperature and `top_k` leave; 1 means all.
        seed: Equal seeds draw equal words.

    Returns:
        int32 [N, L].
    """
    length = tf.maximum(length, 0)
    words = tf.TensorArray(tf.int32, length + 1, element_shape=[None])
    words = words.write(length, tf.zeros([tf.shape(position.feature)[0]], tf.int32))  # L may be 0

    def step(k, position, words):
        logits = reader.model.logits(position.feature)[:, FIRST_WORD:]
        ids = FIRST_WORD + _draw(logits, temperature, top_k, top_p, tf.stack([seed, k]))
        return k + 1, reader.word(ids, position.states), words.write(k, ids)

    *_, words = tf.while_loop(lambda k, *_: k < length, step, (0, position, words))
    return tf.transpose(words.stack()[:length])


def beam_search(
    reader: Reader, position: Position, *, length: tf.Tensor, width: tf.Tensor
) -> tuple[tf.Tensor, tf.Tensor]:
    """Searches for the most probable continuation.

    Args:
        reader: The model.
        position: Where the N texts are continued.
        length: The number of words, L; below 0 means 0.
        width: The number of continuations kept from word to word, W; below 1 means 1, greedy.

    Returns:
        The words of the best, int32 [N, L], and the logarithm of its probability, float32 [N].
    """
    width, batch = tf.maximum(width, 1), tf.shape(position.feature)[0]
    position = tf.nest.map_structure(lambda t: tf.repeat(t, width, axis=0), position)  # [N·W, …]
    # All W begin alike, so only the first may have successors.
    scores = tf.where(tf.range(width) == 0, 0.0, float("-inf")) + tf.zeros([batch, 1])
    words = tf.zeros([batch, width, 0], tf.int32)

    def step(k, position, scores, words):
        logits = tf.nn.log_softmax(reader.model.logits(position.feature))[:, FIRST_WORD:]
        count = logits.shape[1]
        successors = tf.reshape(scores, [-1, 1]) + logits
        scores, best = tf.math.top_k(tf.reshape(successors, [batch, width * count]), width)
        parent, ids = best // count, FIRST_WORD + best % count
        words = tf.gather(words, parent, batch_dims=1)
        words = tf.concat([words, ids[:, :, None]], axis=2)
        rows = tf.reshape(tf.range(batch)[:, None] * width + parent, [-1])
        states = [tf.gather(state, rows) for state in position.states]
        return k + 1, reader.word(tf.reshape(ids, [-1]), states), scores, words

    shapes = tf.nest.map_structure(lambda t: t.shape, position)
    scores_shape, words_shape = tf.TensorShape([None, None]), tf.TensorShape([None, None, None])
    *_, scores, words = tf.while_loop(
        lambda k, *_: k < length,
        step,
        (0, position, scores, words),
        shape_invariants=(tf.TensorShape([]), shapes, scores_shape, words_shape),
    )
    return words[:, 0], scores[:, 0]


def _draw(logits, temperature, top_k, top_p, seed):
    """One of the columns [N, V] for each row, int32 [N]."""

    def drawn():
        scores = (logits - tf.reduce_max(logits, axis=1, keepdims=True)) / temperature
        return tf.cond(
            (top_k > 0) | (top_p < 1),
            lambda: _among_the_best(scores, top_k, top_p, seed),
            lambda: _categorical(scores, seed),
        )

    def best():
        return tf.argmax(logits, axis=1, output_type=tf.int32)

    return tf.cond(temperature > COLDEST, drawn, best)


def _among_the_best(scores, top_k, top_p, seed):
    """The same, among the k best, and of these the fewest best that reach a probability p."""
    count = scores.shape[1]
    best, indices = tf.math.top_k(scores, tf.where(top_k > 0, tf.minimum(top_k, count), count))
    before = tf.cumsum(tf.nn.softmax(best), axis=1, exclusive=True)
    kept = (before < top_p) | (before <= 0) | ~(top_p < 1)
    choice = _categorical(tf.where(kept, best, float("-inf")), seed)
    return tf.gather(indices, choice, batch_dims=1)


def _categorical(scores, seed):
    """A column for each row, drawn with probabilities softmax(scores)."""
    return tf.random.stateless_categorical(scores, 1, seed, tf.int32)[:, 0]
