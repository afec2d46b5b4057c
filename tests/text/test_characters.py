"""Folding in the graph is folding in Python, whatever the strings and however they are batched."""

import sys
import unicodedata

import pytest
import tensorflow as tf

from nlpkit.text.characters import characters, compose, decode
from tests.text import drawing, reference


@tf.function(input_signature=[tf.TensorSpec([None], tf.string)])
def _characters(texts):
    return characters(texts)


def fold(texts):
    """Each text folded by the graph."""
    chars = _characters(tf.constant(texts, tf.string))
    folded = [""] * len(texts)
    for code, text in zip(chars.code.numpy().tolist(), chars.text.numpy().tolist(), strict=True):
        folded[text] += chr(code)
    return folded


def test_drawn_strings_fold_as_python_folds_them():
    texts = drawing.texts(3_000)
    for text, folded in zip(texts, fold(texts), strict=True):
        assert folded == reference.fold(text), ascii(text)


@pytest.mark.parametrize("form", ["NFC", "NFD", "NFKC", "NFKD"])
def test_every_character_folds_alike_in_every_form(form):
    known = [
        chr(code)
        for code in range(sys.maxunicode + 1)
        if unicodedata.category(chr(code)) not in {"Cn", "Cs", "Co"}
        and not 0x3131 <= code < 0x318F  # compatibility jamo stay apart from conjoining ones
        and not 0xFFA0 <= code < 0xFFDD
    ]
    forms = [unicodedata.normalize(form, character) for character in known]
    assert fold(forms) == [reference.fold(text) for text in forms]
    if form in {"NFC", "NFD"}:
        assert fold(forms) == fold(known)


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("\u1112\u1161\u11ab\u1100\u1173\u11af", "한글"),
        ("\u1112\u1161\u1112\u1161\u11ab", "하한"),
        ("가\u11a8", "각"),
        ("각\u11a8", "각\u11a8"),
        ("ㅋㅠ", "ㅋㅠ"),
        ("ㅎㅏㄴ", "ㅎㅏㄴ"),
        ("\uffbe\uffc2\uffa4", "ㅎㅏㄴ"),
        ("ＡＢＣ　１２３！", "abc 123!"),
        ("ｶﾞ", "ガ"),
        ("e\u0301", "é"),
        ("E\u0301", "é"),
        ("a\u0302\u0301", "ấ"),
        ("e\u200d\u0301", "é"),
        ("İstanbul", "i\u0307stanbul"),
        ("ISTANBUL ıstanbul", "istanbul ıstanbul"),
        ("ΟΔΟΣ ὁδός", "οδοσ ὁδόσ"),
        ("Straße STRASSE", "strasse strasse"),
        ("👨\u200d👩\u200d👧", "👨👩👧"),
        ("❤\ufe0f1\ufe0f\u20e3", "❤1\u20e3"),
        ("שלום\u200f!", "שלום!"),
        ("before\0after\0", "before\0after\0"),
        ("\ufeffstart", "start"),
        ("𝔸𝕓𝟙", "ab1"),
        ("", ""),
        ("\u0301", "\u0301"),
    ],
)
def test_folding_by_example(text, folded):
    assert fold([text]) == [folded]


def test_nothing_is_joined_across_texts():
    texts = ["e", "\u0301", "\u1112", "\u1161", "하", "\u11ab", "", "a", "\u0302", "", "\u0301"]
    assert fold(texts) == texts


@pytest.mark.parametrize(
    "text", [b"\xff", b"a\x80b", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"end \xe2\x82", b"\xc0\x80"]
)
def test_invalid_bytes_become_replacement_characters(text):
    (folded,) = fold([text])
    kept = text.decode("ascii", errors="ignore")
    assert folded.replace("\ufffd", "") == kept and "\ufffd" in folded


def test_invalid_bytes_do_not_spill_into_the_next_text():
    assert fold([b"\xe2\x82", b"\xac ok"])[1].endswith(" ok")


def test_an_empty_batch_has_no_characters():
    chars = _characters(tf.constant([], tf.string))
    assert chars.code.shape == chars.text.shape == [0]
    assert (chars.code.dtype, chars.text.dtype) == (tf.int32, tf.int64)


@pytest.mark.parametrize(
    ("text", "composed"),
    [
        ("E\u0301Ｃ\u1112\u1161\u11ab", "ÉＣ한"),
        ("a\u0302\u0301", "ấ"),
        ("co\u00adop ﬁ①", "co\u00adop ﬁ①"),
        ("e\u200d\u0301", "e\u200d\u0301"),
    ],
)
def test_composing_alone_folds_nothing(text, composed):
    assert "".join(map(chr, compose(decode(tf.constant([text]))).code.numpy())) == composed
