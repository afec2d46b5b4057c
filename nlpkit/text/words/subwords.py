"""Learns the pieces of words that get an id, by byte-pair encoding of counted words.

Korean is agglutinative and several languages write without spaces, so most of their words are seen
once or never, but their pieces are seen often.

Reference: Sennrich, Haddow & Birch 2016, "Neural Machine Translation of Rare Words with Subword
Units"; Kudo & Richardson 2018, "SentencePiece".
"""

import io
from collections import Counter
from collections.abc import Iterable, Mapping

import numpy as np
import sentencepiece
import tensorflow as tf

from nlpkit.text.words.lexicon import CONTINUES, Lexicon, continues
from nlpkit.text.words.tokenization import tokenize

__all__ = ["learn_pieces"]

_MAX_WORDS = 1_000_000
_COVERED = 0.9995  # the fraction of running characters whose characters are pieces in both forms
_SPACE = "▁"  # what SentencePiece writes at the start of a word
_RESERVED = {_SPACE, "▅"}  # it skips a line with its sign for the unknown, and a long one
_LONGEST_LINE = 1_000  # of characters; where words are not written apart, a word is a sentence
_WORDS_AT_ONCE = 1 << 16


def learn_pieces(counts: Mapping[str, int], *, size: int, min_count: int) -> list[str]:
    """Learns a subword vocabulary.

    Args:
        counts: How often each word occurs. If there are more than a million words, only the most
            frequent are used.
        size: The most pieces to return, at least 1.
        min_count: How often a piece must occur when all words are split. At least 1.

    Returns:
        The pieces, the most frequent first, with the prefix `##` if they continue a word. Frequent
        characters, which make up 99.95 % of the text, are pieces in both forms (as long as they
        fill at most half of `size`), so that nearly every word can be written.
    """
    words = dict(Counter(counts).most_common(_MAX_WORDS))
    if not words:
        return []
    letters = _frequent_characters(words, limit=size // 4)
    singles = {form for letter in letters for form in (letter, CONTINUES + letter)}
    candidates = sorted(singles | set(_byte_pairs(words, size + 2 * len(letters))))
    counted = _settled(candidates, singles, words, min_count)
    best = sorted(counted, key=lambda piece: (piece not in singles, -counted[piece], piece))[:size]
    return sorted(best, key=lambda piece: (-counted[piece], piece))


def _frequent_characters(words: Mapping[str, int], limit: int) -> list[str]:
    """The most frequent characters that together make up `_COVERED` of the text."""
    counts: Counter[str] = Counter()
    for word, count in words.items():
        for character in word:
            counts[character] += count
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    covered = np.cumsum([count for _, count in ranked]) / counts.total()
    enough = 1 + int(np.searchsorted(covered, _COVERED))
    return [character for character, _ in ranked[: min(enough, limit)]]


def _byte_pairs(words: Mapping[str, int], size: int) -> Iterable[str]:
    """The pieces that SentencePiece learns, with ## before those that continue a word."""
    lines = [
        f"{word[at : at + _LONGEST_LINE]}\t{count}"
        for word, count in words.items()
        if _RESERVED.isdisjoint(word)
        for at in range(0, len(word), _LONGEST_LINE)
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


def _settled(
    candidates: list[str], singles: set[str], words: Mapping[str, int], min_count: int
) -> dict[str, float]:
    """The counts of the pieces that remain when rare and unused ones are removed.

    With few words, pairs are merged until the pieces are whole words, all rare, and longest match
    never uses the shorter pieces. So rare pieces are removed, the longest first, and the words that
    used them are split again, until no piece is rare; then unused pieces are removed.
    """
    spelled, counts = list(words), np.fromiter(words.values(), np.float64)
    length = np.array([len(piece) - len(CONTINUES) * continues(piece) for piece in candidates])
    optional = np.array([piece not in singles for piece in candidates])
    left = np.arange(len(candidates))
    ids, word = _cut(candidates, spelled, np.arange(len(spelled)))
    while True:
        uses = np.bincount(ids, counts[word], 1 + len(candidates))[:-1]
        rare = optional & (uses > 0) & (uses < min_count)
        if not rare.any():
            used = np.flatnonzero(~optional | (uses > 0))
            return {candidates[piece]: float(uses[piece]) for piece in used}
        rare &= length == length[rare].max()
        left = left[~rare[left]]
        again = np.zeros(len(spelled), bool)
        again[word[np.append(rare, False)[ids]]] = True
        new_ids, new_word = _cut(
            [candidates[piece] for piece in left], spelled, np.flatnonzero(again)
        )
        untouched = ~again[word]
        ids = np.append(ids[untouched], np.append(left, len(candidates))[new_ids])
        word = np.append(word[untouched], new_word)


def _cut(pieces: list[str], words: list[str], chosen: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Splits the chosen words by longest match.

    Returns:
        For each piece its index in `pieces`, or their number if it is not one of them, and the
        index of its word.
    """
    lexicon = Lexicon(pieces, pieces=True, first=0, default=len(pieces))
    ids, word = [], []
    for at in range(0, len(chosen), _WORDS_AT_ONCE):
        here = chosen[at : at + _WORDS_AT_ONCE]
        batch = tf.constant([words[index] for index in here])
        matched, nth = lexicon.longest_match(tokenize(batch, tokenization="subwords"))
        ids.append(matched.numpy())
        word.append(here[nth.numpy()])
    return np.concatenate(ids), np.concatenate(word)
