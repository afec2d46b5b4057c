"""Estimators take word vectors as the recipes do."""

import numpy as np
import pytest
import tensorflow as tf

from nlpkit.errors import InputError
from nlpkit.text import NgramEncoder
from tests.data.vector_formats import vectors, write
from tests.estimators.cases import CASES

WORDS = ["film", "cat", "최고", "birds"]
KNOWN = {"sentiment": ["film", "최고"], "next-word": ["cat", "birds"]}


def rows(model):
    """The table of a fitted estimator, and the rows in it of the words that it should know."""
    if hasattr(model, "classes_"):
        ids = NgramEncoder(model.vocabulary_)(tf.constant(KNOWN["sentiment"]))
        return model.model_.get_layer("pieces").embeddings.numpy(), ids[:, 0, 0].numpy()
    words = model.vocabulary_.words
    return model.model_.embeddings.numpy(), [words.index(word) for word in KNOWN["next-word"]]


@pytest.mark.parametrize("name", CASES)
def test_a_fit_starts_from_vectors_and_takes_their_dimension(name, tmp_path, untrained):
    case, path = CASES[name], write(tmp_path, "vec.gz", WORDS, vectors(WORDS, 6))
    model = case.make(vectors=path, embedding=None).fit(*case.data)
    assert model.settled_["embedding"] == 6
    assert model.get_params()["embedding"] is None
    table, ids = rows(model)
    assert table.shape[1] == 6
    given = vectors(WORDS, 6)[[WORDS.index(word) for word in KNOWN[name]]]
    ratios = table[ids] / given
    np.testing.assert_allclose(ratios, ratios[0, 0], rtol=1e-5)
    others = case.make(embedding=6).fit(*case.data)
    np.testing.assert_array_equal(
        np.delete(table, ids, axis=0), np.delete(rows(others)[0], ids, axis=0)
    )


@pytest.mark.parametrize("name", CASES)
def test_vectors_of_another_dimension_are_refused(name, tmp_path):
    case, path = CASES[name], write(tmp_path, "bin", WORDS, vectors(WORDS, 6))
    with pytest.raises(InputError, match="^`embedding` must be 6, the dimension of .*, got 7"):
        case.make(vectors=path, embedding=7).fit(*case.data)
