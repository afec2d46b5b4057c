"""Texts in memory become a corpus as files do, without a test split."""

import itertools

import numpy as np
import pytest

from nlpkit import data
from nlpkit.errors import InputError

TEXTS = [f"{word} film number {n}" for n in range(50) for word in ("good", "bad")]
LABELS = ["1", "0"] * 50
LINES = [f"the cat saw {number} birds and ran away" for number in range(80)]


def _held_out(directory, order):
    """The validation texts of the labelled ones in some order."""
    texts, labels = ([column[index] for index in order] for column in (TEXTS, LABELS))
    corpus = data.corpus_of_texts(texts, labels, directory=directory)
    assert corpus.train.size + corpus.validation.size == 100
    assert corpus.test.size == 0
    return list(corpus.validation)


def test_a_part_of_each_class_is_held_out_whatever_the_order(tmp_path):
    held_out = _held_out(tmp_path / "a", range(100))
    assert sorted(index for _, index in held_out) == [0] * 12 + [1] * 12
    shuffled = np.random.default_rng(0).permutation(100)
    assert _held_out(tmp_path / "b", shuffled) == held_out


FORMS = {
    "many texts": (LINES, "lines"),
    "one novel": (["\n\n".join(LINES)], "running text"),
    "two chapters": (["\n\n".join(LINES[:40]), "\n\n".join(LINES[40:])], "running text"),
}


@pytest.mark.parametrize(("texts", "form"), FORMS.values(), ids=FORMS)
def test_few_texts_are_read_as_one(tmp_path, texts, form):
    corpus = data.text_corpus_of_texts(texts, directory=tmp_path)
    assert (corpus.form, corpus.test.size) == (form, 0)
    passages = [*corpus.train, *corpus.validation]
    assert corpus.validation.size > 0
    assert sorted(passages) == sorted(itertools.chain.from_iterable(t.split("\n\n") for t in texts))
    if form == "running text":
        assert passages == LINES


@pytest.mark.parametrize("texts", [[" "], [" " * 400]], ids=["short", "white space"])
def test_too_little_text_is_refused(tmp_path, texts):
    with pytest.raises(InputError, match="`X` must h"):
        data.text_corpus_of_texts(texts, directory=tmp_path)
