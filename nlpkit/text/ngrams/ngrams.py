"""Characters to words, and words to n-grams, inside the graph.

    "정말 insightful!!"  →  정말 · insightf · ul · !!         tokens of `SPAN` characters at most
    정말  →  정말 as a whole, 정  말  ⟨정  정말  말⟩  ⟨정말  정말⟩  ⟨정말⟩        n-grams of a token

A word ends where the kind of character changes. A long word (an unspaced Korean sentence, a German
compound, a URL) becomes several tokens, so that none of it is lost. A token is represented by the
character n-grams that end in it, word boundaries ⟨ ⟩ included, and by the whole word. Typos,
inflections and unseen words share most of their n-grams with known words.

Pairs and triples of words that follow one another are phrases:

    정말  insightful  !!  →  정말 insightful · insightful !! · 정말 insightful !!

An n-gram or a phrase is identified by a fingerprint, at least 62 bits computed from its characters:
no string is built.

Reference: Bojanowski, Grave, Joulin & Mikolov 2017, "Enriching Word Vectors with Subword
Information", with syllables as the characters of Korean.
"""

from typing import NamedTuple

import tensorflow as tf

from nlpkit.text import unicode
from nlpkit.text.characters import (
    Characters,
    characters,
    following,
    look_up,
    previous,
    same_text,
)
from nlpkit.text.words.lexicon import CONTINUES

REPEATS = 3
"""How often a repeated character (ㅋㅋㅋㅋ, !!!!!, soooo) is kept at most, unless it is a digit."""

ORDERS = {
    unicode.SYMBOL: (1, 2, 3, 4),
    unicode.DIGIT: (1, 2, 3, 4),
    unicode.LETTER: (3, 4),
    unicode.HANGUL: (1, 2, 3, 4),
    unicode.IDEOGRAPH: (1, 2, 3),
}
"""Lengths of n-grams by the kind of their characters: one Latin letter says nothing, one syllable
or ideograph does."""

SPAN = {
    unicode.SYMBOL: 4,
    unicode.DIGIT: 4,
    unicode.LETTER: 8,
    unicode.HANGUL: 4,
    unicode.IDEOGRAPH: 1,
}
"""The longest token, in characters."""

PHRASE = 3
"""The most words of a phrase."""

_START, _END = 0x110000, 0x110001  # word boundaries: no code points


class TokenNgrams(NamedTuple):
    """The n-grams of a batch of N texts, in the order of tokens and texts."""

    fingerprint: tf.Tensor  # int64 [P]
    token: tf.Tensor  # int64 [P], the token an n-gram belongs to; never decreases
    text: tf.Tensor  # int64 [S], the text each of the S tokens belongs to; never decreases
    phrases: tf.Tensor  # int64 [S, 2], the pair and the triple that end in a token's word, or 0


class _Marked(NamedTuple):
    """Characters of words with a boundary put before and after each word."""

    code: tf.Tensor  # int32 [M]
    kind: tf.Tensor  # int32 [M]
    position: tf.Tensor  # int32 [M], in its word; 0 is the boundary
    word: tf.Tensor  # int64 [M]
    token: tf.Tensor  # int64 [M]


def ngrams(chars: Characters) -> TokenNgrams:
    """Cuts characters into words, tokens and n-grams; see the module.

    Args:
        chars: The characters of N texts.

    Returns:
        The fingerprints of all n-grams. A blank text has no tokens.
    """
    marked, text = _words(_shorten_repeats(chars))
    gram = mixed = _mix(tf.cast(marked.code, tf.int64))
    placed = _mix(mixed + tf.cast(marked.position, tf.int64))
    words = _mix(tf.math.segment_sum(placed, marked.word) + 1)
    first_of_token = marked.token != previous(marked.token, fill=-1)
    word_of_token = tf.boolean_mask(marked.word, first_of_token)
    fingerprints = [tf.gather(words, word_of_token)]
    tokens = [tf.boolean_mask(marked.token, first_of_token)]
    for order in range(1, 1 + max(max(orders) for orders in ORDERS.values())):
        if order > 1:
            gram = _mix(previous(gram) * 31 + mixed)
        wanted = tf.constant([kind in ORDERS and order in ORDERS[kind] for kind in range(6)])
        whole = marked.position >= order - 1
        inner = whole & (marked.code < _START) if order == 1 else whole
        keep = inner & tf.gather(wanted, marked.kind)
        fingerprints.append(tf.boolean_mask(gram, keep))
        tokens.append(tf.boolean_mask(marked.token, keep))
    fingerprint, token = tf.concat(fingerprints, 0), tf.concat(tokens, 0)
    order = tf.argsort(token, stable=True)
    phrases = _phrases(words, word_of_token, text)
    return TokenNgrams(tf.gather(fingerprint, order), tf.gather(token, order), text, phrases)


@tf.function(input_signature=[tf.TensorSpec([None], tf.string)], autograph=False)
def token_strings(texts: tf.Tensor) -> tf.RaggedTensor:
    """The tokens of texts as strings, folded as a model reads them.

    Args:
        texts: string [N], UTF-8.

    Returns:
        string [N, None]; a token that continues a word begins with `##`.

    Example:
        >>> tokens = token_strings(tf.constant(["So WONDERFUL!!", ""])).to_list()
        >>> [[token.decode() for token in row] for row in tokens]
        [['so', 'wonderfu', '##l', '!!'], []]
    """
    marked, text = _words(_shorten_repeats(characters(texts)))
    count = tf.size(text)
    inner = marked.code < _START
    codes, token = tf.boolean_mask(marked.code, inner), tf.boolean_mask(marked.token, inner)
    letters = tf.RaggedTensor.from_value_rowids(codes, token, count, validate=False)
    word = tf.math.segment_min(marked.word, marked.token)
    prefix = tf.where(word == previous(word, fill=-1), CONTINUES, "")
    spelled = prefix + tf.strings.unicode_encode(letters, "UTF-8")
    return tf.RaggedTensor.from_value_rowids(
        spelled, text, tf.size(texts, out_type=tf.int64), validate=False
    )


def _phrases(words: tf.Tensor, word_of_token: tf.Tensor, text: tf.Tensor) -> tf.Tensor:
    """The phrases that end in each word, at the first of its tokens."""
    first = word_of_token != previous(word_of_token, fill=-1)
    text_of_word = tf.boolean_mask(text, first)
    phrase, phrases = words, []
    for by in range(1, PHRASE):
        phrase = _mix(phrase * 37 + previous(words, by))
        within = text_of_word == previous(text_of_word, by, fill=-1)
        phrases.append(tf.where(within, phrase, 0))
    of_token = tf.gather(tf.stack(phrases, 1), word_of_token)
    return tf.where(first[:, None], of_token, 0)


def _shorten_repeats(chars: Characters) -> Characters:
    """Drops repetitions of a character beyond `REPEATS`."""
    repeated = look_up(unicode.kinds(), chars.code) != unicode.DIGIT
    for by in range(1, REPEATS + 1):
        repeated &= chars.code == previous(chars.code, by)
        repeated &= chars.text == previous(chars.text, by, fill=-1)
    return Characters(*(tf.boolean_mask(values, ~repeated) for values in chars))


def _words(chars: Characters) -> tuple[_Marked, tf.Tensor]:
    """Finds words and tokens; the second result is the text of each token."""
    kind = _kinds(chars)
    joined = (kind == previous(kind)) & same_text(chars)
    starts = ~joined | (kind == unicode.IDEOGRAPH)
    ends = following(starts, fill=True)
    inside = kind != unicode.SPACE
    code, kind, text, starts, ends = (
        tf.boolean_mask(values, inside) for values in (chars.code, kind, chars.text, starts, ends)
    )
    count = tf.size(code)
    word = tf.cumsum(tf.cast(starts, tf.int32)) - 1
    position = tf.range(count) - tf.gather(tf.boolean_mask(tf.range(count), starts), word)
    new_token = position % tf.gather(tf.constant([SPAN.get(k, 1) for k in range(6)]), kind) == 0
    token = tf.cumsum(tf.cast(new_token, tf.int32)) - 1
    copies = 1 + tf.cast(starts, tf.int32) + tf.cast(ends, tf.int32)
    source = tf.repeat(tf.range(count), copies)
    nth = tf.range(tf.size(source)) - tf.gather(tf.cumsum(copies, exclusive=True), source)
    nth += 1 - tf.cast(tf.gather(starts, source), tf.int32)  # 0 boundary, 1 character, 2 boundary
    marked = _Marked(
        code=tf.where(nth == 0, _START, tf.where(nth == 1, tf.gather(code, source), _END)),
        kind=tf.gather(kind, source),
        position=tf.gather(position, source) + nth,
        word=tf.gather(word, source),
        token=tf.gather(token, source),
    )
    return marked, tf.boolean_mask(text, new_token)


def _kinds(chars: Characters) -> tf.Tensor:
    """The kind of each character; an apostrophe between letters is a letter (don't)."""
    kind = look_up(unicode.kinds(), chars.code)
    letter, same = kind == unicode.LETTER, same_text(chars)
    apostrophe = (chars.code == ord("'")) | (chars.code == ord("’"))
    between = previous(letter) & same & following(letter & same)
    return tf.where(apostrophe & between, unicode.LETTER, kind)


def _mix(values: tf.Tensor) -> tf.Tensor:
    """Scatters the bits of int64 values, after SplitMix64 (Steele, Lea & Flood 2014)."""
    for shift, factor in ((30, -0x40A7B892E31B1A47), (27, -0x6B2FB644ECCEEE15)):
        values = _fold_down(values, shift) * tf.constant(factor, tf.int64)
    return _fold_down(values, 31)


def _fold_down(values: tf.Tensor, shift: int) -> tf.Tensor:
    """Mixes the high bits of int64 values into the low ones."""
    high = tf.bitwise.right_shift(values, tf.constant(shift, tf.int64))
    return tf.bitwise.bitwise_xor(values, high)
