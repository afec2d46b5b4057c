"""Strings to folded characters, inside the graph: one flat tensor of code points for a whole batch.

Everything downstream is integer arithmetic on that tensor, so no string operation can trip over a
NUL byte, an unpaired mark or an emoji: `tf.strings.lower` cuts a string at its first NUL, and
RE2's `\\s` covers ASCII only.
"""

from typing import NamedTuple

import tensorflow as tf

from nlpkit.text import unicode

# First syllable, lead and vowel; the code point before the first tail.
_S, _L, _V, _T = 0xAC00, 0x1100, 0x1161, 0x11A7
_LEADS, _VOWELS, _TAILS = 19, 21, 28


class Characters(NamedTuple):
    """The characters of a batch of N texts, concatenated."""

    code: tf.Tensor  # int32 [C], folded code points
    text: tf.Tensor  # int64 [C], which of the N texts a character belongs to; never decreases


def characters(texts: tf.Tensor) -> Characters:
    """Decodes UTF-8 and folds it: case, compatibility forms, decomposed Hangul and accents.

    Args:
        texts: string [N]. Invalid UTF-8 becomes U+FFFD, which counts as a symbol.

    Returns:
        The folded characters of all texts, in order.

    Example:
        >>> code = characters(tf.constant(["Ｃａｆé"])).code
        >>> "".join(map(chr, code.numpy()))
        'café'

    Reference: NFKC_Casefold, Unicode Standard Annex #44; Hangul composition, The Unicode Standard
    §3.12. Marks are not reordered (they come in order from every input method and file system).
    """
    return compose(_fold(decode(texts)), marks=2)  # folding leaves no base with three


def decode(texts: tf.Tensor) -> Characters:
    """The characters of string [N] as they are; invalid UTF-8 becomes U+FFFD."""
    decoded = tf.strings.unicode_decode(texts, "UTF-8")
    return Characters(decoded.values, decoded.value_rowids())


def compose(chars: Characters, *, marks: int = 3) -> Characters:
    """Joins decomposed Hangul and accents, up to `marks` on a base, and leaves the rest alone."""
    for _ in range(marks):
        chars = _compose_marks(chars)
    return _compose_syllables(chars)


def look_up(table: unicode.PagedTable, code: tf.Tensor) -> tf.Tensor:
    """The entries of a table for code points of any shape."""
    page = tf.gather(tf.constant(table.pages), code // unicode.PAGE)
    return tf.gather(tf.constant(table.values), page + code % unicode.PAGE)


def previous(values: tf.Tensor, by: int = 1, fill: int = 0) -> tf.Tensor:
    """Values [C] shifted `by` positions later: what stood `by` positions before each."""
    size = tf.size(values)
    start = tf.fill([tf.minimum(by, size)], tf.cast(fill, values.dtype))
    return tf.concat([start, values], 0)[:size]


def following(values: tf.Tensor, fill: int = 0) -> tf.Tensor:
    """Values [C] shifted one position earlier: what stands after each."""
    end = tf.fill([tf.minimum(1, tf.size(values))], tf.cast(fill, values.dtype))
    return tf.concat([values[1:], end], 0)


def same_text(chars: Characters) -> tf.Tensor:
    """Whether each character belongs to the same text as the one before it."""
    return chars.text == previous(chars.text, fill=-1)


def _fold(chars: Characters) -> Characters:
    """Replaces each character as the folding tables say."""
    table = unicode.folding()
    length, shift = look_up(table.length, chars.code), look_up(table.shift, chars.code)
    source = tf.repeat(tf.range(tf.size(chars.code)), length)
    nth = tf.range(tf.size(source)) - tf.gather(tf.cumsum(length, exclusive=True), source)
    code, length, shift = (tf.gather(values, source) for values in (chars.code, length, shift))
    single = length == 1
    expanded = tf.gather(tf.constant(table.expansions), tf.where(single, 0, shift + nth))
    return Characters(tf.where(single, code + shift, expanded), tf.gather(chars.text, source))


def _compose_marks(chars: Characters) -> Characters:
    """Joins each base with the mark after it; another pass joins another mark."""
    keys, composed = unicode.compositions()
    code = tf.cast(chars.code, tf.int64)
    pair = tf.bitwise.left_shift(previous(code), tf.constant(21, tf.int64)) + code
    index = tf.minimum(tf.searchsorted(tf.constant(keys), pair, out_type=tf.int32), len(keys) - 1)
    joins = (tf.gather(tf.constant(keys), index) == pair) & same_text(chars)
    return _join(chars, joins, tf.gather(tf.constant(composed), index))


def _compose_syllables(chars: Characters) -> Characters:
    """Joins lead + vowel, then syllable + tail, by arithmetic."""
    before, code, same = previous(chars.code), chars.code, same_text(chars)
    lead, vowel = before - _L, code - _V
    joins = same & (lead >= 0) & (lead < _LEADS) & (vowel >= 0) & (vowel < _VOWELS)
    chars = _join(chars, joins, _S + (lead * _VOWELS + vowel) * _TAILS)
    before, code, same = previous(chars.code), chars.code, same_text(chars)
    open_syllable = (before >= _S) & (before <= 0xD7A3) & ((before - _S) % _TAILS == 0)
    joins = same & open_syllable & (code > _T) & (code < _T + _TAILS)
    return _join(chars, joins, before + code - _T)


def _join(chars: Characters, joins: tf.Tensor, joined: tf.Tensor) -> Characters:
    """Replaces each character for which `joins` is true, and the one before, with `joined`."""
    joins = joins & ~previous(joins)  # a character that was just used up joins nothing more
    code = tf.where(joins, joined, chars.code)
    keep = ~following(joins)
    return Characters(tf.boolean_mask(code, keep), tf.boolean_mask(chars.text, keep))
