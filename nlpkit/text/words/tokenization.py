"""Running text to words, inside the graph, for language models.

There are three tokenizations:

    "words"     raw text        He said, "don't."  →  He · said · , · " · don't · . · "
    "spaces"    tokenized text  the <unk> n 't  →  the · <unk> · n · 't
    "subwords"  as "spaces"; each word is split into pieces later     영화가  →  영화 · ##가

Case is kept, since the model also generates text. Decomposed Hangul and accents are composed,
invalid UTF-8 becomes U+FFFD, invisible format characters are dropped, and all of Unicode's white
space and control characters, NUL included, separate words. An emoji of several characters is one
word.
"""

import functools
import unicodedata
from typing import NamedTuple

import tensorflow as tf

from nlpkit.checks import check_choice
from nlpkit.text import unicode
from nlpkit.text.characters import (
    Characters,
    compose,
    decode,
    following,
    look_up,
    previous,
    same_text,
)

__all__ = ["TOKENIZATIONS", "Words", "tokenize", "spell", "word_strings"]

TOKENIZATIONS = ("words", "spaces", "subwords")
"""The names of the tokenizations."""

SPACE, SYMBOL, FLAG, LETTER, DIGIT, JAMO, EXTENDER, FORMAT = range(8)
"""Roles of characters in a text. From JAMO on, they may have to be composed or dropped."""

_JOINERS, _ZERO_WIDTH_SPACE, _JOINER = (0x200C, 0x200D), 0x200B, 0x200D
_SKIN_TONES, _TAGS = range(0x1F3FB, 0x1F400), range(0xE0020, 0xE0080)
_FLAGS = range(0x1F1E6, 0x1F200)
_JAMO_THAT_COMPOSE = frozenset().union(range(0x1161, 0x1176), range(0x11A8, 0x11C3))
_INSIDE_WORDS = "'’-\u2010\u2011"
_INSIDE_NUMBERS = ".,"


class Words(NamedTuple):
    """The words of a batch of N texts, concatenated without what stood between them."""

    code: tf.Tensor  # int32 [C], code points
    start: tf.Tensor  # int64 [W], where in `code` each word begins; ascends
    text: tf.Tensor  # int64 [W], which of the N texts a word belongs to; never decreases

    @property
    def end(self) -> tf.Tensor:
        """Where in `code` each word ends: int64 [W]."""
        size = tf.size(self.code, out_type=tf.int64)
        return tf.concat([self.start, [size]], 0)[1:]


def word_strings(texts: tf.Tensor, *, tokenization: str) -> tf.RaggedTensor:
    """Splits texts into words, as strings.

    Args:
        texts: string [N], UTF-8.
        tokenization: One of `TOKENIZATIONS`; see the module.

    Returns:
        string [N, None], in order.

    Raises:
        InputError: If `tokenization` is not one of them.

    Example:
        >>> cut = word_strings(tf.constant(["It's well-known: 3.14..."]), tokenization="words")
        >>> [word.decode() for word in cut[0].numpy()]
        ["It's", 'well-known', ':', '3.14', '...']
    """
    words = tokenize(texts, tokenization=tokenization)
    count = tf.size(texts, out_type=tf.int64)
    return tf.RaggedTensor.from_value_rowids(spell(words), words.text, count, validate=False)


def tokenize(texts: tf.Tensor, *, tokenization: str) -> Words:
    """Splits texts into words, as code points.

    Args:
        texts: string [N], UTF-8.
        tokenization: One of `TOKENIZATIONS`.

    Returns:
        The words of all texts, in order. None of them is empty.

    Raises:
        InputError: If `tokenization` is not one of them.
    """
    check_choice("tokenization", tokenization, TOKENIZATIONS)
    chars, part = _tidy(decode(texts))
    space = part == SPACE
    joins = same_text(chars) & ~previous(space)
    if tokenization == "words":
        joins &= _holds(chars, part, joins)
    inside = _indices(~space)
    start = tf.gather(~joins, inside)
    return Words(
        code=tf.gather(chars.code, inside),
        start=_indices(start),
        text=tf.gather(chars.text, tf.gather(inside, _indices(start))),
    )


def spell(words: Words) -> tf.Tensor:
    """The words as strings: string [W]."""
    ragged = tf.RaggedTensor.from_row_starts(words.code, words.start, validate=False)
    return tf.strings.unicode_encode(ragged, "UTF-8")


def part_of(character: str) -> int:
    """The role of a character in running text.

    >>> part_of("a") == part_of("_") == LETTER, part_of("\\0") == SPACE, part_of("\\u0301")
    (True, True, 6)
    """
    code, category = ord(character), unicodedata.category(character)
    if category[0] == "Z" or category == "Cc" or code == _ZERO_WIDTH_SPACE:
        return SPACE
    if category[0] == "M" or code in _JOINERS or code in _SKIN_TONES or code in _TAGS:
        return EXTENDER
    if code in _JAMO_THAT_COMPOSE:
        return JAMO
    if category == "Cf" and code in unicode.IGNORABLE:
        return FORMAT
    if category == "Nd":
        return DIGIT
    if category[0] in "LN" or character == "_":
        return LETTER
    return FLAG if code in _FLAGS else SYMBOL


@functools.cache
def parts() -> unicode.PagedTable:
    """`part_of` every code point."""
    return unicode.paged(unicode.every_character(part_of))


def _tidy(chars: Characters) -> tuple[Characters, tf.Tensor]:
    """Composes characters and drops invisible ones; also returns their roles."""
    part = look_up(parts(), chars.code)

    def tidied() -> tuple[Characters, tf.Tensor]:
        visible = _indices(part != FORMAT)
        composed = compose(Characters(*(tf.gather(values, visible) for values in chars)))
        return composed, look_up(parts(), composed.code)

    # Most texts have nothing to compose, and a prompt must be read in a fraction of a millisecond.
    return tf.cond(tf.reduce_any(part >= JAMO), tidied, lambda: (chars, part))


def _holds(chars: Characters, part: tf.Tensor, joins: tf.Tensor) -> tf.Tensor:
    """Whether each character belongs to the same word as the one before, given no space between.

    Args:
        chars: The characters.
        part: The role of each.
        joins: Whether the character before is in the same text, and not a space.
    """
    code = chars.code
    extends = (part == EXTENDER) & joins
    part = _part_of_base(part, extends)
    digit = part == DIGIT
    wordlike = digit | (part == LETTER) | (part == JAMO) | (part == EXTENDER)
    linked = joins & following(joins)
    inner = linked & previous(wordlike) & following(wordlike) & _is_any(code, _INSIDE_WORDS)
    inner |= linked & previous(digit) & following(digit) & _is_any(code, _INSIDE_NUMBERS)
    wordlike |= inner
    flag = part == FLAG
    alike = (wordlike & previous(wordlike)) | (flag & previous(flag))
    return extends | alike | (code == previous(code)) | (previous(code) == _JOINER)


def _part_of_base(part: tf.Tensor, extends: tf.Tensor) -> tf.Tensor:
    """Gives a mark the role of its base character."""
    bases = tf.gather(part, _indices(~extends))
    nth = tf.cumsum(tf.cast(~extends, tf.int32)) - 1
    return tf.gather(bases, nth)


def _is_any(code: tf.Tensor, characters: str) -> tf.Tensor:
    """Whether each code point is one of a few characters."""
    return functools.reduce(tf.logical_or, [code == ord(character) for character in characters])


def _indices(true: tf.Tensor) -> tf.Tensor:
    """The indices at which a Boolean vector is true: int64 [n]."""
    return tf.reshape(tf.where(true), [-1])
