"""Words back to running text, inside the graph: restores the spaces that tokenization removed.

Words are spaced by the rules of English typography, pieces are joined, and the words of
pre-tokenized text are separated by spaces:

    He · said · , · " · don't · . · "  →  He said, "don't."
    영화 · ##가 · 좋다  →  영화가 좋다
    the · <unk> · n · 't  →  the <unk> n 't
"""

import unicodedata

import tensorflow as tf

from nlpkit.text.words.lexicon import continues
from nlpkit.text.words.vocabulary import END, WordVocabulary

__all__ = ["Detokenizer"]

_BEFORE, _AFTER = 1, 2
"""Bits for what a word attaches to: no space before it, no space after it."""

_CLOSERS = ".,;:!?%…‰、。，．：；！？"
_OPENERS = "$£€¥@¿¡"
_LINKS = "/—‒―"
_QUOTES = ('"', "'")
_WITH_APOSTROPHES = r"[\p{L}\p{N}]+(?:'[\p{L}\p{N}]+)+"
_WHITE_SPACE = "".join(filter(str.isspace, map(chr, range(0x3001))))
_OPEN_ENDS = "([{“‘«¿¡$£€¥@/—\u2012\u2015（「『"


class Detokenizer(tf.Module):
    """Writes words after a prompt.

    Args:
        vocabulary: The words; their tokenization determines how they are joined.

    Example:
        >>> vocabulary = WordVocabulary(("</s>", "<unk>", "Yes", ",", "sir", '"'), "words")
        >>> join = Detokenizer(vocabulary)
        >>> join(tf.constant(['He said, "']), tf.constant([[2, 3, 4, 5]]))[0].numpy().decode()
        'He said, "Yes, sir"'
    """

    def __init__(self, vocabulary: WordVocabulary) -> None:
        super().__init__(name="joiner")
        self._tokenization = vocabulary.tokenization
        held = [_held(word, self._tokenization) for word in vocabulary.words]
        written = list(vocabulary.written)
        written[END], held[END] = "", _BEFORE | _AFTER
        self._written = tf.constant(written)
        self._held = tf.constant(held, tf.int32)
        quotes = [_QUOTES.index(word) + 1 if word in _QUOTES else 0 for word in vocabulary.words]
        self._quote = tf.constant(quotes, tf.int32)

    def __call__(self, prompts: tf.Tensor, ids: tf.Tensor) -> tf.Tensor:
        """Writes words after prompts.

        Args:
            prompts: string [N], kept as they are.
            ids: int32 [N, L], the words that follow each. END is not written, nor any space around
                it.

        Returns:
            string [N].
        """
        held = tf.gather(self._held, ids)
        if self._tokenization == "words":
            held = self._with_quotes(held, prompts, ids)
        before = tf.bitwise.bitwise_and(held, _BEFORE) > 0
        after = tf.bitwise.bitwise_and(held, _AFTER) > 0
        opened = self._is_open(prompts)
        after = tf.concat([opened[:, None], after], 1)[:, :-1]
        space = tf.where(before | after, "", " ")
        text = tf.strings.reduce_join(space + tf.gather(self._written, ids), axis=1)
        return prompts + text

    def _with_quotes(self, held: tf.Tensor, prompts: tf.Tensor, ids: tf.Tensor) -> tf.Tensor:
        """Straight quotes open and close alternately, those of the prompt included."""
        quote = tf.gather(self._quote, ids)
        for index, mark in enumerate(_QUOTES, start=1):
            here = quote == index
            nth = tf.cumsum(tf.cast(here, tf.int32), axis=1, exclusive=True)
            opens = (nth + _count(prompts, mark)[:, None]) % 2 == 0
            held = tf.where(here, tf.where(opens, _AFTER, _BEFORE), held)
        return held

    def _is_open(self, prompts: tf.Tensor) -> tf.Tensor:
        """Whether no space may follow a prompt: bool [N]."""
        ends = tf.strings.substr(" " + prompts, -1, 1, unit="UTF8_CHAR")
        held = _OPEN_ENDS if self._tokenization == "words" else ""
        is_open = tf.reduce_any(ends[:, None] == tf.constant([*_WHITE_SPACE, *held]), 1)
        if self._tokenization == "words":  # a last ' may be an apostrophe, a last " is a quote
            is_open |= (ends == '"') & (_count(prompts, '"') % 2 == 1)
        return is_open


def _held(word: str, tokenization: str) -> int:
    """What each word attaches to, apart from quotes."""
    if tokenization == "subwords":
        return _BEFORE if continues(word) else 0
    if tokenization == "spaces" or len(set(word)) > 1:
        return 0
    character, category = word[0], unicodedata.category(word[0])
    if character in _LINKS or (character == "-" and len(word) > 1):
        return _BEFORE | _AFTER
    if character in _CLOSERS or category in {"Pe", "Pf"}:
        return _BEFORE
    return _AFTER if character in _OPENERS or category in {"Ps", "Pi"} else 0


def _count(prompts: tf.Tensor, quote: str) -> tf.Tensor:
    """How often a straight quote that is no apostrophe occurs in each prompt: int32 [N]."""
    quoting = tf.strings.regex_replace(prompts, _WITH_APOSTROPHES, "")
    without = tf.strings.regex_replace(quoting, quote, "")
    return tf.strings.length(quoting) - tf.strings.length(without)
