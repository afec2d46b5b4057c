"""The linear part, token by token: as the layer computes it, nothing lost, and phrases shared."""

import numpy as np
import pytest

from nlpkit.explain.linear_part import beginning_logits, token_logits
from nlpkit.models import BagOfNgrams
from tests.explain.cases import TEXTS, explainer


@pytest.mark.parametrize("text", [*TEXTS, "mess mess mess"])
def test_every_beginning_has_the_logits_that_the_layer_gives_it(text):
    explained = explainer("lstm + linear")
    layer = explained.model.get_layer("linear")
    _, ids = explained.encode(text)
    alone = [layer(ids[:, :length]).numpy()[0] for length in range(1, ids.shape[1] + 1)]
    np.testing.assert_allclose(beginning_logits(layer, ids[0]), alone, atol=1e-5)


@pytest.mark.parametrize("text", [*TEXTS, "mess mess mess"])
def test_tokens_add_up_to_the_logits_without_the_bias(text):
    explained = explainer("lstm + linear")
    layer = explained.model.get_layer("linear")
    tokens, ids = explained.encode(text)
    whole = layer(ids).numpy()[0] - layer.bias.numpy()
    np.testing.assert_allclose(token_logits(layer, tokens, ids[0]).sum(axis=0), whole, atol=1e-5)


def one_phrase():
    """A linear part in which only the id 3 weighs anything."""
    layer = BagOfNgrams(4, 1)
    layer.build((None, None, None))
    layer.set_weights([np.array([[9.0], [0.0], [0.0], [6.0]]), np.zeros(1)])
    return layer


def test_a_phrase_is_shared_by_the_tokens_of_its_words():
    ids = np.zeros([4, 18], int)
    ids[:, 0] = 2
    ids[3, 16] = 3  # the pair that ends in the last word, of two words and three tokens
    added = token_logits(one_phrase(), ("a", "wonderfu", "##l", "film"), ids)
    assert added[:, 0] == pytest.approx(np.array([0, 2, 2, 2]) / np.sqrt(2))


def test_two_hashes_that_were_written_are_a_word_of_their_own():
    ids = np.zeros([3, 18], int)
    ids[:, 0] = 2
    ids[2, 16] = 3
    added = token_logits(one_phrase(), ("a", "##", "film"), ids)
    assert added[:, 0] == pytest.approx(np.array([0, 3, 3]) / np.sqrt(2))
