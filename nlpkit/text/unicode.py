"""Unicode tables: what each code point is folded to, and what kind of character it is.

Python's `unicodedata` is read once, when an encoder is made; from then on the tables travel inside
the graph, so training and serving always treat a character alike.

Folding follows Unicode's NFKC_Casefold (UAX #44): compatibility forms are folded (Ａ → a, ﬁ → fi,
① → 1), case is folded (É → é, ẞ → ss, ς → σ) and default-ignorable characters are dropped
(U+200D, U+FE0F). There is one exception, for Korean: compatibility jamo are kept. NFKC turns each
into a conjoining jamo, and adjacent ones would be composed: ㅋㅠ (laughing and crying) would become
the syllable 큐.
"""

import functools
import sys
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple, TypeVar

import numpy as np

PAGE = 256

T = TypeVar("T")

SPACE, SYMBOL, DIGIT, LETTER, HANGUL, IDEOGRAPH = range(6)
"""Kinds of character. Ideographs (Han, kana) are written without spaces: each is its own word."""

IGNORABLE = {0x00AD, 0x034F, 0x061C, 0x3164, 0xFEFF, 0xFFA0}.union(
    range(0x115F, 0x1161), range(0x17B4, 0x17B6), range(0x180B, 0x1810), range(0x200B, 0x2010),
    range(0x202A, 0x202F), range(0x2060, 0x2070), range(0xFE00, 0xFE10), range(0xFFF0, 0xFFF9),
    range(0x1BCA0, 0x1BCA4), range(0x1D173, 0x1D17B), range(0xE0000, 0xE1000),
)  # fmt: skip
"""Default_Ignorable_Code_Point of DerivedCoreProperties.txt, which `unicodedata` does not know."""

_COMPATIBILITY_JAMO = range(0x3131, 0x318F)
_HALFWIDTH_JAMO = range(0xFFA0, 0xFFDD)
_HANGUL = frozenset().union(
    range(0x1100, 0x1200), _COMPATIBILITY_JAMO, range(0xA960, 0xA97D), range(0xAC00, 0xD7FC)
)
_IDEOGRAPHS = frozenset().union(
    range(0x3040, 0x3100), range(0x31F0, 0x3200), range(0x3400, 0x4DC0), range(0x4E00, 0xA000),
    range(0xF900, 0xFB00), range(0x20000, 0x32000),
)  # fmt: skip


class PagedTable(NamedTuple):
    """A function of code points as two arrays: `values[pages[c // 256] + c % 256]`.

    Most pages of Unicode are alike, so that a table of 1.1 million entries takes about 200 kB.
    """

    pages: np.ndarray  # int32 [0x1100]
    values: np.ndarray  # int32 [256 · distinct pages]


class Folding(NamedTuple):
    """What each code point is folded to: code point + `shift`, or a slice of `expansions`.

    `length` is the number of characters in the result (0 if the character is dropped). If it is not
    1, they are `expansions[shift : shift + length]`.
    """

    length: PagedTable
    shift: PagedTable
    expansions: np.ndarray  # int32


def fold_character(character: str) -> str:
    """Folds one character; see the module.

    >>> fold_character("Ａ"), fold_character("ﬁ"), fold_character("ẞ"), fold_character("ㅋ")
    ('a', 'fi', 'ss', 'ㅋ')
    """
    code = ord(character)
    if code in IGNORABLE:
        return ""
    if code in _COMPATIBILITY_JAMO:
        return character
    if code in _HALFWIDTH_JAMO and (parts := unicodedata.decomposition(character).split()):
        return chr(int(parts[1], 16))
    folded = unicodedata.normalize("NFKC", character).casefold()
    return unicodedata.normalize("NFKC", folded)


def kind(character: str) -> int:
    """The kind of one folded character: SPACE, SYMBOL, DIGIT, LETTER, HANGUL or IDEOGRAPH.

    >>> kind("한") == kind("ㅋ") == HANGUL, kind("!") == SYMBOL, kind("\\0") == SPACE
    (True, True, True)
    """
    code = ord(character)
    if code in _HANGUL:
        return HANGUL
    if code in _IDEOGRAPHS:
        return IDEOGRAPH
    category = unicodedata.category(character)
    if category[0] in "LM":
        return LETTER
    if category[0] == "N":
        return DIGIT
    # An emoji newer than this Python's Unicode is unassigned (Cn) here, and a symbol all the same.
    return SPACE if category[0] == "Z" or category in {"Cc", "Cf", "Cs"} else SYMBOL


@functools.cache
def kinds() -> PagedTable:
    """`kind` of every code point."""
    return paged(every_character(kind))


@functools.cache
def folding() -> Folding:
    """`fold_character` of every code point."""
    length = np.ones(sys.maxunicode + 1, np.int32)
    shift = np.zeros_like(length)
    expansions: list[int] = []
    for page in _pages():
        # Of a text that folding leaves alone, each character is left alone.
        if unicodedata.is_normalized("NFKC", page) and page.casefold() == page:
            if IGNORABLE.isdisjoint(map(ord, page)):
                continue
        for character in page:
            code, folded = ord(character), _folded(character)
            length[code] = len(folded)
            if len(folded) == 1:
                shift[code] = ord(folded) - code
            elif folded:
                shift[code] = len(expansions)
                expansions.extend(map(ord, folded))
    return Folding(paged(length), paged(shift), np.array(expansions, np.int32))


def _folded(character: str) -> str:
    """What a character is folded to; a surrogate is itself."""
    return character if unicodedata.category(character) == "Cs" else fold_character(character)


@functools.cache
def compositions() -> tuple[np.ndarray, np.ndarray]:
    """Canonical pairs (base, mark), each as base · 2²¹ + mark, sorted, and what they compose to."""
    pairs = {}
    for page in _pages():
        if unicodedata.is_normalized("NFD", page):  # nothing here is composed
            continue
        for character in page:
            parts = unicodedata.decomposition(character).split()
            if len(parts) != 2 or parts[0].startswith("<"):
                continue
            base, mark = (int(part, 16) for part in parts)
            if unicodedata.normalize("NFC", chr(base) + chr(mark)) == character:
                pairs[base << 21 | mark] = ord(character)
    keys = sorted(pairs)
    return np.array(keys, np.int64), np.array([pairs[key] for key in keys], np.int32)


def every_character(function: Callable[[str], T]) -> list[T]:
    """The values of a function of one character, in the order of the code points.

    Three quarters of the pages have no assigned character. There the function is computed at both
    ends, and the values between are the same if these are.
    """
    values: list[T] = []
    for page in _pages():
        ends = function(page[0]), function(page[-1])
        if ends[0] == ends[1] and set(map(unicodedata.category, page)) <= {"Cn", "Co", "Cs"}:
            values += ends[:1] * PAGE
        else:
            values += map(function, page)
    return values


def _pages() -> Iterator[str]:
    """All code points in their order, as strings of a page each."""
    codes = np.arange(sys.maxunicode + 1, dtype="<u4").reshape(-1, PAGE)
    return (page.tobytes().decode("utf-32-le", "surrogatepass") for page in codes)


def paged(column: Sequence[int] | np.ndarray) -> PagedTable:
    """A function of every code point as a table that shares equal pages."""
    all_pages = np.array(column, np.int32).reshape(-1, PAGE)
    distinct = {page.tobytes(): page for page in all_pages}  # far fewer to be sorted
    rows = np.unique(list(distinct.values()), axis=0)
    number = {row.tobytes(): PAGE * at for at, row in enumerate(rows)}
    pages = np.array([number[page.tobytes()] for page in all_pages], np.int32)
    return PagedTable(pages, rows.reshape(-1))
