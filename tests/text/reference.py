"""Text to n-grams once more, slowly and in plain Python: one string at a time, no tensor."""

import itertools
import unicodedata
from collections.abc import Iterator

from nlpkit.text import unicode

REPEATS, MAX_NGRAMS = 3, 16
START, END = "⟨", "⟩"
SPAN = {
    unicode.SYMBOL: 4,
    unicode.DIGIT: 4,
    unicode.LETTER: 8,
    unicode.HANGUL: 4,
    unicode.IDEOGRAPH: 1,
}
ORDERS = {
    unicode.SYMBOL: [1, 2, 3, 4],
    unicode.DIGIT: [1, 2, 3, 4],
    unicode.LETTER: [3, 4],
    unicode.HANGUL: [1, 2, 3, 4],
    unicode.IDEOGRAPH: [1, 2, 3],
}

# An n-gram, or the word as a whole. Marks of a word's ends are no characters of its own.
Piece = tuple[str, tuple[str, ...]]


def fold(text: str) -> str:
    """Each character folded, the whole composed."""
    folded = "".join(map(unicode.fold_character, text))
    return unicodedata.normalize("NFC", folded)


def tokens(text: str) -> list[list[Piece]]:
    """The n-grams of each token of a text, in the encoder's order."""
    return [ngrams for word in words(fold(text)) for ngrams in _tokens_of(*word)]


def phrases(text: str) -> list[list[tuple[str, ...]]]:
    """The pair and the triple of words that end in each token's word, at its first token."""
    of_tokens, known = [], []
    for word, kind in words(fold(text)):
        known.append(word)
        ends = [tuple(known[-count:]) for count in (2, 3) if len(known) >= count]
        of_tokens.append(ends)
        of_tokens.extend([] for _ in range((len(word) - 1) // SPAN[kind]))
    return of_tokens


def encode(text: str, ids: dict[Piece, int], max_length: int) -> list[list[int]]:
    """The ids of each token, without padding."""
    of_tokens = [
        [ids[ngram] for ngram in ngrams if ngram in ids] for ngrams in tokens(text)[:max_length]
    ]
    return [known[:MAX_NGRAMS] or [1] for known in of_tokens]


def words(folded: str) -> Iterator[tuple[str, int]]:
    """The words of a folded text, each with its kind."""
    text = shorten(folded)
    for kind, group in itertools.groupby(range(len(text)), lambda at: _kind(text, at)):
        word = "".join(text[at] for at in group)
        if kind == unicode.IDEOGRAPH:
            yield from ((character, kind) for character in word)
        elif kind != unicode.SPACE:
            yield word, kind


def shorten(text: str) -> str:
    """Runs of one character cut to three, but not those of digits."""
    runs = ("".join(run) for _, run in itertools.groupby(text))
    return "".join(run if unicode.kind(run[0]) == unicode.DIGIT else run[:REPEATS] for run in runs)


def _kind(text: str, at: int) -> int:
    """The kind of one character of a text; an apostrophe between letters is a letter."""
    around = [unicode.kind(text[k]) for k in (at - 1, at + 1) if 0 <= k < len(text)]
    if text[at] in "'’" and around == [unicode.LETTER, unicode.LETTER]:
        return unicode.LETTER
    return unicode.kind(text[at])


def _tokens_of(word: str, kind: int) -> Iterator[list[Piece]]:
    """Cuts a word into tokens and names the n-grams of each."""
    marked = [START, *word, END]
    for begin in range(1, len(word) + 1, SPAN[kind]):
        end = min(begin + SPAN[kind], len(word) + 1)
        last = range(begin if begin > 1 else 0, end if end <= len(word) else end + 1)
        grams = ((order, at) for order in ORDERS[kind] for at in last if at - order + 1 >= 0)
        yield [
            ("word", tuple(word)),
            *(
                ("gram", tuple(marked[at - order + 1 : at + 1]))
                for order, at in grams
                if order > 1 or 0 < at <= len(word)
            ),
        ]
