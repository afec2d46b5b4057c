"""A table that starts from word vectors holds them in the rows of their words, and nowhere else."""

import functools

import numpy as np
import pytest
import tensorflow as tf

from nlpkit.data import open_vectors
from nlpkit.models import LanguageModel, classifier
from nlpkit.text import (
    NgramEncoder,
    NgramVocabulary,
    NgramWordFinder,
    WordEncoder,
    WordFinder,
    WordVocabulary,
)
from nlpkit.training import start_from_vectors
from tests.data.vector_formats import FORMATS, WORDS, vectors, write

TEXTS = 2 * ["the film, 영화", "insightful 영화 don't", "été 최고 좋은 영화"]
KNOWN = ("the", "film", "영화", "don't", "최고", "été")
"""Words of both vocabularies that are in the files."""


def classifying():
    """A classifier's table, a finder, the rows of known words, and the word `film` is read as."""
    stream = [tf.constant(TEXTS)]
    vocabulary = NgramVocabulary.learn(stream)
    model = classifier(vocabulary=len(vocabulary), classes=2, pieces=16, embedding=4, seed=0)
    rows = NgramEncoder(vocabulary)(tf.constant(KNOWN)).numpy()[:, 0, 0]
    find = NgramWordFinder(vocabulary, stream)
    return model.get_layer("pieces").embeddings, find, rows, "Film"


def predicting():
    """Likewise of a language model."""
    words = WordVocabulary.learn([tf.constant(TEXTS)], tokenization="words", min_count=2)
    model = LanguageModel(len(words), units=4, seed=0)
    find = WordFinder(WordEncoder(words))
    return model.embeddings, find, [words.words.index(word) for word in KNOWN], "film"


MODELS = {"classifier": classifying, "language model": predicting}
every_model = pytest.mark.parametrize("model", MODELS)


@functools.cache
def made(model):
    """What a model is tested with, and its table's initial values."""
    table, *rest = MODELS[model]()
    return table, table.numpy(), *rest


@every_model
@pytest.mark.parametrize("name", FORMATS)
def test_rows_of_words_hold_their_vectors_and_others_what_they_held(tmp_path, model, name):
    table, before, find, rows, film = made(model)
    table.assign(before)
    told = []
    start_from_vectors(table, open_vectors(write(tmp_path, name)), find, tell=told.append)
    # A classifier folds case, so that the first of `Film` and `film` counts.
    in_file = {"film": film, "été": WORDS[-1]}
    kept = vectors()[[WORDS.index(in_file.get(word, word)) for word in KNOWN]]
    scale = np.sqrt(np.mean(before**2) / np.mean(kept**2))
    np.testing.assert_allclose(table.numpy()[rows], kept * scale, rtol=1e-5)
    others = np.delete(np.arange(len(before)), rows)
    np.testing.assert_array_equal(table.numpy()[others], before[others])
    assert told == [f"vectors: 6 of {len(find)} words of the vocabulary are in x.{name}"]
    assert len(find) == len(set(" ".join(TEXTS).replace(",", " ,").split()))


@every_model
def test_vectors_of_zeros_are_taken_and_words_that_are_not_utf_8_told(tmp_path, model):
    table, before, find, rows, _ = made(model)
    table.assign(before)
    told, path = [], tmp_path / "x.vec"
    path.write_bytes(b"2 4\n\xff 1 1 1 1\nthe 0 0 0 0\n")
    start_from_vectors(table, open_vectors(path), find, tell=told.append)
    wanted = before.copy()
    wanted[rows[0]] = 0
    np.testing.assert_array_equal(table.numpy(), wanted)
    assert told[0].endswith(" words of the vocabulary are in x.vec; 1 of its words are not UTF-8")
