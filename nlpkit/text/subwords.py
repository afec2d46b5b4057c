"""Learns which pieces of words are worth an id: byte-pair encoding of counted words.

Korean glues endings to its words and many languages write without spaces, so that most of their
words are seen once or never; their pieces are seen often.

Reference: Sennrich, Haddow & Birch 2016, "Neural Machine Translation of Rare Words with Subword
Units"; Kudo & Richardson 2018, "SentencePiece".
"""

import io
from collections import Counter
from collections.abc import Iterable, Mapping

import numpy as np
import sentencepiece
import tensorflow as tf

from nlpkit.text.lexicon import CONTINUES, Lexicon, continues
from nlpkit.text.words import find_words

__all__ = ["learn_pieces"]

_MOST_WORDS = 1_000_000
_COVERED = 0.9995  # the share of running characters whose characters are pieces in both forms
_SPACE = "▁"  # what SentencePiece writes at the start of a word
_RESERVED = {_SPACE, "▅"}  # it skips a line with its sign for the unknown, and a long one
_LONGEST_WORD = 1_000
_WORDS_AT_ONCE = 1 << 16


def learn_pieces(counts: Mapping[str, int], *, size: int, min_count: int) -> list[str]:
    """The pieces into which words are best cut.

    Args:
        counts: How often each word occurs. Of more than a million words, the most frequent count.
        size: The most pieces to return, at least 1.
        min_count: How often a piece must occur when all words are cut. At least 1.

    Returns:
        The pieces, the most frequent first; `##` in front of those that continue a word. The
        frequent characters, which make up 99.95 % of the text, are pieces in both forms (as far as
        they fill no more than half of `size`): nearly every word can be said.
    """
    words = dict(Counter(counts).most_common(_MOST_WORDS))
    if not words:
        return []
    letters = _frequent_characters(words, most=size // 4)
    singles = {form for letter in letters for form in (letter, CONTINUES + letter)}
    candidates = sorted(singles | set(_byte_pairs(words, size + 2 * len(letters))))
    found = _occurrences(candidates, words)
    best = sorted(candidates, key=lambda piece: (piece not in singles, -found[piece], piece))
    kept = [piece for piece in best if piece in singles or found[piece] >= min_count][:size]
    return sorted(kept, key=lambda piece: (-found[piece], piece))


def _frequent_characters(words: Mapping[str, int], most: int) -> list[str]:
    """The most frequent characters that together make up `_COVERED` of the text."""
    counts: Counter[str] = Counter()
    for word, count in words.items():
        for character in word:
            counts[character] += count
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    covered = np.cumsum([count for _, count in ranked]) / counts.total()
    enough = 1 + int(np.searchsorted(covered, _COVERED))
    return [character for character, _ in ranked[: min(enough, most)]]


def _byte_pairs(words: Mapping[str, int], size: int) -> Iterable[str]:
    """The pieces that SentencePiece finds, written with ## where they continue a word."""
    lines = [
        f"{word}\t{count}"
        for word, count in words.items()
        if len(word) <= _LONGEST_WORD and _RESERVED.isdisjoint(word)
    ]
    if not lines:
        return
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(lines),
        input_format="tsv",
        model_writer=model,
        model_type="bpe",
        vocab_size=1 + size + len(set("".join(words))),
        hard_vocab_limit=False,
        character_coverage=_COVERED,
        normalization_rule_name="identity",
        split_by_unicode_script=False,
        split_by_number=False,
        bos_id=-1,
        eos_id=-1,
        num_threads=2,
        minloglevel=2,
    )
    learnt = sentencepiece.SentencePieceProcessor(model_proto=model.getvalue())
    for index in range(1, learnt.get_piece_size()):  # 0 is the unknown
        piece = learnt.id_to_piece(index)
        if not piece.startswith(_SPACE):
            yield CONTINUES + piece
        elif len(piece) > 1 and not continues(piece[1:]):
            yield piece[1:]


def _occurrences(pieces: list[str], words: Mapping[str, int]) -> dict[str, float]:
    """How often each piece occurs when all words are cut by longest match."""
    lexicon = Lexicon(pieces, pieces=True, first=1, default=0)
    spelled, counts = list(words), np.fromiter(words.values(), np.float64)
    totals = np.zeros(1 + len(pieces))
    for at in range(0, len(spelled), _WORDS_AT_ONCE):
        batch = tf.constant(spelled[at : at + _WORDS_AT_ONCE])
        ids, word = lexicon.longest_match(find_words(batch, kind="subwords"))
        totals += np.bincount(ids, counts[at:][word], len(totals))
    return dict(zip(pieces, totals[1:].tolist(), strict=True))
