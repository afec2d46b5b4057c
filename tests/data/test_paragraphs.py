"""Paragraphs: what is joined, what is cut, and that no word is lost."""

import itertools

import pytest

from nlpkit.data.paragraphs import cut, one_line, paragraphs

TEXTS = {
    "english": "It was a bright cold day in April, and the clocks were striking thirteen. " * 20,
    "no spaces": "맑고쌀쌀한사월이었다" * 50,
    "long words": " ".join(["short", "x" * 100, "y" * 31, "z"] * 10),
    "one word": "word",
}


@pytest.mark.parametrize(("text", "longest"), list(itertools.product(TEXTS, (1, 10, 30, 10_000))))
def test_a_cut_text_loses_nothing_but_spaces(text, longest):
    text = one_line(TEXTS[text])
    pieces = cut(text, longest=longest)
    assert all(0 < len(piece) <= longest for piece in pieces)
    assert "".join(pieces).replace(" ", "") == text.replace(" ", "")


@pytest.mark.parametrize("longest", [13, 30, 100])
def test_words_are_cut_only_where_one_is_too_long(longest):
    text = one_line(TEXTS["english"])
    assert " ".join(cut(text, longest=longest)) == text


@pytest.mark.parametrize(
    ("lines", "wanted"),
    [
        ([], []),
        (["", " \t", "\u3000"], []),
        (["one"], ["one"]),
        (["", "one", "two\n", "", "three"], ["one two", "three"]),
        (["  indented \t text\r\n", "\x0b", "next"], ["indented text", "next"]),
    ],
)
def test_blank_lines_part_paragraphs(lines, wanted):
    assert list(paragraphs(lines)) == wanted


def test_a_long_paragraph_is_cut_while_it_is_read():
    lines = itertools.chain(["some words"] * 1000, itertools.repeat("more words"))
    first = next(paragraphs(lines, longest=100))
    assert len(first) <= 100
