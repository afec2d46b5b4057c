import numpy as np
import pytest

from nlpkit.errors import InputError
from nlpkit.evaluation import ngram_baseline as module
from nlpkit.evaluation.kneser_ney import KneserNey
from nlpkit.evaluation.next_word import NextWordMetrics, most_probable, recall
from nlpkit.evaluation.ngram_baseline import kneser_ney_baseline
from nlpkit.evaluation.word_beam import word_recall

END = 0
TRAIN, TEST = (
    np.random.default_rng(seed).integers(0, 9, size) for seed, size in [(0, 4000), (1, 300)]
)


@pytest.mark.parametrize("cells", [1, 100, 10**6])
def test_words_are_judged_in_blocks_of_any_size(cells, monkeypatch):
    monkeypatch.setattr(module, "_CELLS", cells)
    baseline = kneser_ney_baseline(TRAIN, TEST, vocabulary=9, order=3)
    model, positions = KneserNey(TRAIN, 9, order=3), np.flatnonzero(TEST != END)
    top = most_probable(model.distribution(model.contexts(TEST, positions)))
    recalls = [recall(top[:, :count], TEST[positions]) for count in (1, 3)]
    wanted = NextWordMetrics.of(model.log_probabilities(TEST), TEST, recalls)
    assert baseline.metrics.as_dict() == pytest.approx(wanted.as_dict(), abs=2e-6)
    assert (baseline.name, baseline.tokens_used, baseline.tokens_given) == (
        "kneser-ney-3",
        4000,
        4000,
    )


def test_pieces_are_judged_by_whole_words():
    continues = np.arange(9) > 6
    baseline = kneser_ney_baseline(TRAIN, TEST, vocabulary=9, continues=continues)
    wanted = word_recall(KneserNey(TRAIN, 9), TEST, continues)
    assert (baseline.metrics.top1, baseline.metrics.top3) == wanted
    assert baseline.metrics.word_perplexity > baseline.metrics.perplexity


def test_pieces_are_judged_as_they_are_where_words_are_not_written_apart():
    options = {"continues": np.arange(9) > 6, "characters": np.arange(9)}
    ours = kneser_ney_baseline(TRAIN, TEST, vocabulary=9, **options).metrics
    plain = kneser_ney_baseline(TRAIN, TEST, vocabulary=9).metrics
    assert (ours.top1, ours.top3, ours.word_perplexity) == (plain.top1, plain.top3, None)
    assert ours.bits_per_character > 0


@pytest.mark.parametrize("vocabulary", [2, 3, 4])
def test_a_tiny_vocabulary_is_judged_too(vocabulary):
    stream = np.arange(60) % vocabulary
    metrics = kneser_ney_baseline(stream, stream, vocabulary=vocabulary).metrics
    assert metrics.top1 == metrics.top3 == pytest.approx(max(vocabulary - 2, 0) / (vocabulary - 1))


def test_a_stream_of_empty_passages_has_no_word_to_recall():
    metrics = kneser_ney_baseline([END, END], [END, END, END], vocabulary=5).metrics
    assert (metrics.top1, metrics.top3, metrics.tokens) == (0, 0, 3)


def test_nothing_to_foresee_is_an_error():
    with pytest.raises(InputError, match=r"^Perplexity needs at least one token, got none\.$"):
        kneser_ney_baseline([2], [], vocabulary=5)
