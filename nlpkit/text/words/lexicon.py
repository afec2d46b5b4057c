"""Words to ids inside the graph: a table of fingerprints, and the longest match for pieces.

    강아지가  →  강아지 · ##가        a piece that continues a word is written with ## in front

A word, or any part of one, is identified by 64 bits, computed from two entries of a running sum, so
that all prefixes of all words of a batch are looked up at once and no string is built. The
probability that any two of a million words share a fingerprint is one in forty million.

Reference: greedy longest match, as in Schuster & Nakajima 2012, "Japanese and Korean Voice
Search"; fingerprints, Karp & Rabin 1987, modulo 2⁶⁴.
"""

from collections.abc import Callable, Sequence

import tensorflow as tf

from nlpkit.text.characters import decode
from nlpkit.text.words.tokenization import Words

__all__ = ["CONTINUES", "Lexicon", "continues"]

CONTINUES = "##"
"""The prefix of a piece that continues a word."""

_BASE = 0x9E3779B97F4A7C15  # any odd number without pattern; this one is 2⁶⁴ / the golden ratio
_CONTINUED = 0x2545F4914F6CDD1D  # what sets a piece inside a word apart from the same at its start


def continues(piece: str) -> bool:
    """Whether a piece continues a word, by its spelling.

    >>> continues("##가"), continues("가"), continues("##")
    (True, False, False)
    """
    return piece.startswith(CONTINUES) and len(piece) > len(CONTINUES)


class Lexicon(tf.Module):
    """The ids of words or pieces.

    Args:
        entries: The words or pieces, all different; the k-th has id `first + k`.
        pieces: Whether the prefix `##` marks pieces that continue a word.
        first: The id of the first entry.
        default: The id of anything that is not an entry.

    Example:
        >>> from nlpkit.text.words.tokenization import tokenize
        >>> lexicon = Lexicon(["영화", "##가"], pieces=True)
        >>> words = tokenize(tf.constant(["영화가 왔"]), tokenization="subwords")
        >>> lexicon.longest_match(words)[0].numpy()
        array([2, 3, 1], dtype=int32)
    """

    def __init__(
        self, entries: Sequence[str], *, pieces: bool = False, first: int = 2, default: int = 1
    ) -> None:
        super().__init__(name="lexicon")
        self.default = default
        inner = [pieces and continues(entry) for entry in entries]
        plain = [
            entry[len(CONTINUES) :] if continued else entry
            for entry, continued in zip(entries, inner, strict=True)
        ]
        self._longest = max(map(len, plain), default=1)
        keys = _fingerprints_of(plain) + _mark(tf.constant(inner, tf.bool))
        ids = tf.range(first, first + len(plain), dtype=tf.int32)
        if not plain:  # TensorFlow has no empty tables; this entry says what the default says
            keys, ids = tf.constant([0], tf.int64), tf.constant([default])
        initializer = tf.lookup.KeyValueTensorInitializer(keys, ids)
        self._table = tf.lookup.StaticHashTable(initializer, default_value=default)

    def whole(self, words: Words) -> tf.Tensor:
        """The id of each whole word: int32 [W]."""
        return self._table.lookup(_fingerprints(words.code)(words.start, words.end))

    def longest_match(self, words: Words) -> tuple[tf.Tensor, tf.Tensor]:
        """Splits each word into pieces by greedy longest match from its start.

        Args:
            words: The W words.

        Returns:
            The ids of all P pieces, int32 [P], and the word each belongs to, int64 [P]. A
            character at which no piece matches is a piece of its own, with the default id.
        """
        length = words.end - words.start
        word = tf.repeat(tf.range(tf.size(length, out_type=tf.int64)), length)
        ids, reach = self._longest_at_each(words, word)
        taken = _visited(words.start, reach, tf.reduce_max(tf.concat([length, [1]], 0)))
        return tf.gather(ids, taken), tf.gather(word, taken)

    def _longest_at_each(self, words: Words, word: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """The id of the longest piece that begins at each character, and its length: [C] each."""
        position = tf.range(tf.size(word, out_type=tf.int64))
        room = tf.minimum(tf.gather(words.end, word) - position, self._longest)
        offset = tf.cumsum(room, exclusive=True)
        start = tf.repeat(position, room)  # every stretch that could be a piece, short ones first
        length = 1 + tf.range(tf.size(start, out_type=tf.int64)) - tf.gather(offset, start)
        key = _fingerprints(words.code)(start, start + length)
        inside = tf.gather(position != tf.gather(words.start, word), start)
        ids = self._table.lookup(key + _mark(inside))
        matched = tf.where(ids == self.default, tf.ones_like(length), length)
        reach = tf.math.segment_max(matched, start)
        return tf.gather(ids, offset + reach - 1), reach


def _visited(start: tf.Tensor, reach: tf.Tensor, longest: tf.Tensor) -> tf.Tensor:
    """The characters at which a piece begins, when each word is walked through from its start.

    All words are walked at once, and in strides that double, so that a word of n characters takes
    log₂ n turns: whoever is at a character is known after turn k for all walks of 2ᵏ pieces.

    Args:
        start: int64 [W], where the words begin. A walk that leaves its word enters the next.
        reach: int64 [C], how far the piece at each character goes.
        longest: int64 [], the characters of the longest word.

    Returns:
        int64 [P], ascending.
    """
    size = tf.size(reach, out_type=tf.int64)
    stride = tf.concat([tf.range(size) + reach, [size]], 0)
    here = tf.scatter_nd(start[:, None], tf.ones_like(start, tf.int32), [size + 1])

    def turn(steps: tf.Tensor, here: tf.Tensor, stride: tf.Tensor) -> tuple[tf.Tensor, ...]:
        there = tf.math.unsorted_segment_max(here, stride, size + 1)
        return 2 * steps, tf.maximum(here, there), tf.gather(stride, stride)

    one = tf.constant(1, tf.int64)
    state = (one, here, stride)
    _, here, _ = tf.while_loop(lambda steps, *_: steps < longest, turn, state)
    return tf.reshape(tf.where(here[:-1] > 0), [-1])


def _fingerprints_of(strings: Sequence[str]) -> tf.Tensor:
    """The fingerprint of each string as a whole: int64 [n]; none of them is empty."""
    code, text = decode(tf.constant(strings, tf.string, [len(strings)]))
    count = tf.size(strings) if strings else 0
    length = tf.math.unsorted_segment_sum(tf.ones_like(text), text, count)
    end = tf.cumsum(length)
    return _fingerprints(code)(end - length, end)


def _fingerprints(code: tf.Tensor) -> Callable[[tf.Tensor, tf.Tensor], tf.Tensor]:
    """A function of the int64 starts and ends of stretches of `code` to their fingerprints.

    The fingerprint of the characters c₀ c₁ c₂ … is Σ (1 + cₖ) · baseᵏ modulo 2⁶⁴.
    """
    size = tf.size(code)
    power = tf.math.cumprod(tf.fill([size], _int64(_BASE)), exclusive=True)
    inverse = tf.math.cumprod(tf.fill([size], _int64(pow(_BASE, -1, 1 << 64))), exclusive=True)
    total = tf.cumsum((1 + tf.cast(code, tf.int64)) * power)
    total = tf.concat([tf.zeros([1], tf.int64), total], 0)

    def fingerprints(start: tf.Tensor, end: tf.Tensor) -> tf.Tensor:
        return (tf.gather(total, end) - tf.gather(total, start)) * tf.gather(inverse, start)

    return fingerprints


def _mark(inside: tf.Tensor) -> tf.Tensor:
    """What is added to the fingerprint of a piece that stands inside a word."""
    return tf.cast(inside, tf.int64) * _int64(_CONTINUED)


def _int64(bits: int) -> tf.Tensor:
    """64 bits as the signed integer that TensorFlow has for them."""
    return tf.constant(bits - (1 << 64) if bits >> 63 else bits, tf.int64)
