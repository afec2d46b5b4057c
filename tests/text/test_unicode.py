"""The tables say of every code point what Python says."""

import sys
import unicodedata

import pytest

from nlpkit.text import unicode
from nlpkit.text.unicode import DIGIT, HANGUL, IDEOGRAPH, LETTER, SPACE, SYMBOL


def _entry(table, code):
    return int(table.values[table.pages[code // unicode.PAGE] + code % unicode.PAGE])


def _folded(code):
    """What the folding tables put in the place of a code point."""
    table = unicode.folding()
    length, shift = _entry(table.length, code), _entry(table.shift, code)
    codes = [code + shift] if length == 1 else table.expansions[shift : shift + length]
    return "".join(map(chr, codes))


def test_tables_hold_the_folding_and_the_kind_of_every_code_point():
    for code in range(0, sys.maxunicode + 1, 7):
        if not 0xD800 <= code < 0xE000:
            assert _folded(code) == unicode.fold_character(chr(code)), hex(code)
        assert _entry(unicode.kinds(), code) == unicode.kind(chr(code)), hex(code)


def test_tables_are_small():
    folding = unicode.folding()
    for table in (folding.length, folding.shift, unicode.kinds()):
        assert table.pages.nbytes + table.values.nbytes < 500_000


def test_a_folded_character_folds_to_itself():
    for code in range(sys.maxunicode + 1):
        if not 0xD800 <= code < 0xE000:
            folded = unicode.fold_character(chr(code))
            assert "".join(map(unicode.fold_character, folded)) == folded, hex(code)


@pytest.mark.parametrize(
    ("character", "folded"),
    [
        ("A", "a"),
        ("Ａ", "a"),
        ("ﬁ", "fi"),
        ("①", "1"),
        ("㍿", "株式会社"),
        ("ẞ", "ss"),
        ("ς", "σ"),
        ("İ", "i\u0307"),
        ("ı", "ı"),
        ("𝒜", "a"),
        ("ｶ", "カ"),
        ("ￂ", "ㅏ"),
        ("ﾡ", "ㄱ"),
        ("ㅋ", "ㅋ"),
        ("\u3000", " "),
        ("\u00a0", " "),
        ("\0", "\0"),
        ("\ufffd", "\ufffd"),
        ("\ue000", "\ue000"),
    ],
)
def test_folding_by_example(character, folded):
    assert unicode.fold_character(character) == folded


@pytest.mark.parametrize(
    "code",
    [0xAD, 0x61C, 0x115F, 0x180F, 0x200B, 0x200D, 0x200F, 0x202E, 0x2066, 0x2069, 0x3164, 0xFE0F]
    + [0xFEFF, 0xFFA0, 0xE0020, 0xE0100],
)
def test_what_unicode_calls_ignorable_vanishes(code):
    assert unicode.fold_character(chr(code)) == ""


@pytest.mark.parametrize(
    ("kind", "characters"),
    [
        (SPACE, " \t\n\r\0\x7f\u2028"),
        (SYMBOL, "!?.,'’-_@#€+♥👍🏽\ufffd\ue000\U0001fae9"),
        (DIGIT, "0²٣๓"),
        (LETTER, "aéßжאبहไ\u0301\u0e31"),
        (HANGUL, "한ㅋㅠ\u1112\u1161\u11ab"),
        (IDEOGRAPH, "漢かカー𠀀"),
    ],
)
def test_kinds_by_example(kind, characters):
    assert {unicode.kind(character) for character in characters} == {kind}


def test_compositions_are_those_of_nfc():
    keys, composed = unicode.compositions()
    assert (keys[1:] > keys[:-1]).all()
    for key, code in zip(keys.tolist(), composed.tolist(), strict=True):
        pair = chr(key >> 21) + chr(key & (1 << 21) - 1)
        assert unicodedata.normalize("NFC", pair) == chr(code)


def test_what_is_composed_never_begins_a_chain():
    """One pass can join all pairs at once, because no mark is the base of another."""
    keys, _ = unicode.compositions()
    assert not {key >> 21 for key in keys.tolist()} & {key & (1 << 21) - 1 for key in keys.tolist()}
