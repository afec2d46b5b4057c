"""Scoring a stream: one long pass, every word once; stepping through it comes to the same."""

import numpy as np
import pytest

from nlpkit.data import TokenStream
from nlpkit.models import LanguageModel
from nlpkit.training import (
    IncrementalDecoder,
    StreamScorer,
    evaluate_language_model,
    perplexity_with_cache,
)

V = 20


@pytest.fixture(scope="module")
def model():
    return LanguageModel(V, units=6, layers=2, seed=1)


def stream(folder, size=1_200, seed=0):
    """Random words with an end now and then."""
    ids = np.random.default_rng(seed).integers(0, V, size).astype(np.int32)
    path = folder / "stream.ids"
    path.write_bytes(np.concatenate([[0], ids]).astype(np.int32).tobytes())
    return TokenStream(path, size)


def log_softmax(scores):
    scores = np.asarray(scores, np.float64)
    return scores - np.log(np.exp(scores).sum(-1, keepdims=True))


def test_windows_with_carried_states_give_what_one_long_pass_gives(model, tmp_path):
    words = stream(tmp_path)
    scored = StreamScorer(model).score(words, features=True)
    scores = log_softmax(model(np.concatenate([[0], words.ids[:-1]])[None])[0])
    expected = scores[np.arange(words.size), words.ids]
    np.testing.assert_allclose(scored.log_probabilities, expected, atol=1e-5)
    assert scored.features.shape == (words.size, 6)


def test_features_are_kept_on_request_only(model, tmp_path):
    assert StreamScorer(model).score(stream(tmp_path, 10)).features is None


@pytest.mark.parametrize("steps", [None, 1, 7])
def test_stepping_gives_what_reading_gives(model, tmp_path, steps):
    words = stream(tmp_path, 30)
    expected = StreamScorer(model).score(words).log_probabilities
    decoder = IncrementalDecoder(model)
    states, stepwise = decoder.start(1), []
    for read, wanted in words.windows(1, steps or 1):
        scores, states = decoder.advance(states, read[0] if steps is None else read)
        scores = scores if steps is None else scores[0]
        stepwise.extend(scores[np.arange(len(scores)), wanted[0]])
    np.testing.assert_allclose(stepwise, expected, atol=1e-5)


def test_following_whole_histories_gives_what_stepping_gives(model):
    ids, lengths = np.array([[0, 5, 7, 3], [0, 9, 0, 0]]), np.array([4, 2])
    decoder = IncrementalDecoder(model)
    followed, states = decoder.follow(ids, lengths)
    for row, length in enumerate(lengths):
        alone = decoder.start(1)
        for read in ids[row, :length]:
            scores, alone = decoder.advance(alone, np.array([read]))
        np.testing.assert_allclose(followed[row], scores[0], atol=1e-5)
        for ours, theirs in zip(states, alone, strict=True):
            np.testing.assert_allclose(ours[row], theirs[0], atol=1e-5)


@pytest.mark.parametrize("subwords", [False, True])
def test_figures_hold_every_token(model, tmp_path, subwords):
    words = stream(tmp_path, 300)
    continues = np.zeros(V, bool)
    continues[10:] = subwords
    metrics = evaluate_language_model(model, words, continues=continues)
    assert metrics.tokens == 300
    log_probabilities = StreamScorer(model).score(words).log_probabilities
    assert metrics.perplexity == pytest.approx(np.exp(-log_probabilities.mean()))
    assert metrics.out_of_vocabulary == pytest.approx(np.mean(words.ids[words.ids != 0] == 1))
    assert 0 <= metrics.top1 <= metrics.top3 <= 1
    assert (metrics.word_perplexity is not None) is subwords


def test_a_cache_helps_where_words_come_again(tmp_path):
    """Blocks of one word each: a model that knows nothing is helped a lot."""
    model, words = LanguageModel(V, units=6, seed=1), np.repeat(np.arange(2, V), 20)
    path = tmp_path / "blocks"
    path.write_bytes(np.concatenate([[0], words]).astype(np.int32).tobytes())
    blocks = TokenStream(path, len(words))
    plain = np.exp(-StreamScorer(model).score(blocks).log_probabilities.mean())
    assert perplexity_with_cache(model, blocks, blocks, size=10) < 0.9 * plain
