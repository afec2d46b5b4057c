"""A model is measured by one long pass, every token once, however many are read at a time."""

import numpy as np
import pytest

from nlpkit.data import TokenStream
from nlpkit.evaluation import measure, measuring
from nlpkit.evaluation.word_beam import word_recall

V = 9
SCORES = np.random.default_rng(0).normal(size=(V, V))


class Remembers:
    """The last two tokens decide what comes next."""

    def start(self, n):
        return np.zeros([n], int)

    def advance(self, states, ids):
        ids = np.asarray(ids)
        windows = ids.reshape(len(ids), -1)
        before = np.concatenate([states[:, None], windows[:, :-1]], 1)
        scores = SCORES[before] + SCORES.T[windows]
        scores -= np.log(np.exp(scores).sum(-1, keepdims=True))
        return scores if ids.ndim == 2 else scores[:, 0], windows[:, -1]


def stream(folder, size=300, words=V):
    ids = np.random.default_rng(1).integers(0, words, size)
    np.array([0, *ids], np.int32).tofile(folder / "ids")
    return TokenStream(folder / "ids", size)


@pytest.mark.parametrize("apart", [True, False])
@pytest.mark.parametrize("continued", [0, 3])
@pytest.mark.parametrize("steps", [1, 7, 1000])
def test_every_token_counts_once(tmp_path, monkeypatch, steps, continued, apart):
    monkeypatch.setattr(measuring, "STEPS", steps)
    tokens, model, continues = stream(tmp_path), Remembers(), np.arange(V) >= V - continued
    characters = None if apart else np.arange(V)
    metrics = measure(model, tokens, continues=continues, characters=characters)
    ids = np.array(tokens.ids)
    answers, _ = model.advance(model.start(1), [[0, *ids[:-1]]])
    log_probabilities = answers[0, np.arange(len(ids)), ids]
    assert metrics.perplexity == pytest.approx(np.exp(-log_probabilities.mean()))
    assert metrics.tokens == len(ids)
    if continued and apart:
        assert (metrics.top1, metrics.top3) == word_recall(model, ids, continues)
        assert metrics.word_perplexity > metrics.perplexity
    else:
        best, words = 2 + np.argsort(-answers[0, :, 2:], axis=1), ids != 0
        assert metrics.top1 == np.mean((best[:, 0] == ids)[words])
        assert metrics.top3 == np.mean((best[:, :3] == ids[:, None]).any(1)[words])
        assert metrics.word_perplexity is None
    bits = -log_probabilities.sum() / np.log(2) / ids.sum()
    assert metrics.bits_per_character == (None if apart else pytest.approx(bits))
