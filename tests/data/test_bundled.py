"""The bundled reviews: enough, different, balanced, with a fixed test split."""

import collections
import importlib.resources
import itertools

import pytest

from nlpkit.data import prepare
from nlpkit.data.bundled import read_bundled

pytestmark = pytest.mark.skipif(
    not (importlib.resources.files("nlpkit.data") / "bundled" / "reviews.tsv").is_file(),
    reason="the reviews are not there yet",
)


def test_texts_are_many_and_different():
    texts = [text for split in ("train", "test") for _, text, _ in read_bundled(split)]
    assert len(texts) >= 2000
    assert len({" ".join(text.lower().split()) for text in texts}) == len(texts)
    assert all(text == text.strip() and text for text in texts)


@pytest.mark.parametrize(("split", "least"), [("train", 1500), ("test", 400)])
def test_each_split_is_balanced(split, least):
    counts = collections.Counter(label for _, _, label in read_bundled(split))
    assert set(counts) == {"negative", "positive"}
    assert counts.total() >= least
    assert max(counts.values()) <= 1.1 * min(counts.values())


def test_both_languages_are_in_both_splits():
    for split in ("train", "test"):
        korean = [any("가" <= c <= "힣" for c in text) for _, text, _ in read_bundled(split)]
        assert 0.2 < sum(korean) / len(korean) < 0.8


def test_the_fixed_test_split_is_the_test(tmp_path):
    corpus = prepare(directory=tmp_path)
    assert corpus.name == "bundled"
    assert corpus.labels.names == ("negative", "positive")
    assert [text for text, _ in corpus.test] == [text for _, text, _ in read_bundled("test")]
    learnt = sorted(text for text, _ in itertools.chain(corpus.train, corpus.validation))
    assert learnt == sorted(text for _, text, _ in read_bundled("train"))
    assert min(corpus.validation.class_counts) >= 50
