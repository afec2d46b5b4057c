"""What rounding explains passes; what it does not is refused, in the same texts and in others.

The models are at the edge of chaos, where a difference of 1e-8 grows from step to step: what takes
a long text to an LSTM that was trained takes them thirty words.
"""

import functools

import numpy as np
import pytest
import tensorflow as tf

from nlpkit import export
from nlpkit.export.plain_tensorflow import behaviour
from nlpkit.export.plain_tensorflow.tolerances import MULTIPLE, TOLERANCE, agreement
from tests.artefacts import WORDS, tiny_language_model

LONG = "the cat sat on the mat . " * 12
PROBES = ("the cat", "a dog ran", "", "정말 영화", "the mat .", LONG)
FORK = 2.5
CHECKS = (behaviour.check_answers, behaviour.check_session)


def forked_model(gain=FORK):
    """A language model whose recurrence forgets nothing."""
    encoder, model = tiny_language_model(cell="simple-rnn")
    for weight in model.weights:
        if weight.name == "recurrent_kernel":
            weight.assign(weight * gain)
    return encoder, model


@pytest.fixture(scope="module")
def forked(tmp_path_factory):
    """Its artefact, whose stored answers came from other kernels than those it runs itself."""
    folder = tmp_path_factory.mktemp("forked") / "model"
    export.write(export.next_word(*forked_model()), folder, probes=PROBES)
    return behaviour.Model(folder)


@pytest.mark.slow
def test_a_right_model_passes_where_rounding_grows_beyond_the_tolerance(forked):
    for check in CHECKS:
        passed, words = check(forked)
        assert passed, words
        assert "rounding alone moves" in words


def wrong_weight(encoder, model):
    """One entry of all is off by 0.001."""
    table = model.embeddings.numpy()
    table[WORDS.index("the"), 0] += 1e-3
    model.embeddings.assign(table)
    return encoder, model


def other_dropout(encoder, model):
    """The recurrent kernel is scaled as for another fraction of dropped entries."""
    return forked_model(FORK * 0.999)


def cut_off_by_one(encoder, model):
    """The last token of a text is not read."""
    read = encoder.__class__.__call__

    class Cut(encoder.__class__):
        def __call__(self, texts):
            ids, lengths = read(encoder, texts)
            return ids, tf.maximum(lengths - 1, 1)

    encoder.__class__ = Cut
    return encoder, model


@pytest.mark.slow
@pytest.mark.parametrize("spoil", [wrong_weight, other_dropout, cut_off_by_one])
def test_a_wrong_model_is_refused_though_it_is_as_sensitive(forked, monkeypatch, spoil):
    wrong = export.next_word(*spoil(*forked_model()))
    answers = wrong.serving_default(tf.constant(PROBES))
    stored = {
        "signature": "serving_default",
        "inputs": {"text": list(PROBES)},
        "outputs": {"probabilities": answers["probabilities"].numpy().tolist()},
    }
    monkeypatch.setattr(forked, "calls", [stored])
    passed, words = behaviour.check_answers(forked)
    assert not passed and "differs from the live model's answer by" in words


def compare(errors, moved):
    """The agreement of answers that are off by `errors`, where rounding moves them by `moved`."""
    zeros = np.zeros(len(errors))
    neighbours = [{"p": zeros}, {"p": np.array(moved)}]
    return agreement({"p": np.array(errors)}, {"p": zeros}, lambda: neighbours).holds


@pytest.mark.parametrize(
    ("errors", "moved", "holds"),
    [
        ([0, 0, TOLERANCE], [0, 0, 0], True),
        ([0, 0, 1e-4], [0, 0, 0], False),
        ([0, 0, 1e-4], [0, 0, 1.1e-4 / MULTIPLE], True),
        ([0, 0, 1e-4], [0, 0, 0.9e-4 / MULTIPLE], False),
        ([0, 0, 1e-4], [0, 1, 0], False),
        ([0, 1e-4, 1e-4], [0, 1, 1], False),
        ([0, 0, np.nan], [0, 0, 1], False),
        ([0, 0, 1], [0, 0, np.nan], False),
    ],
)
def test_a_row_needs_an_explanation_of_its_own_and_most_rows_none(errors, moved, holds):
    assert compare(errors, moved) is holds


@pytest.mark.parametrize(("others", "holds"), [((b"a", b"c"), True), ((b"a", b"b"), False)])
def test_a_word_may_differ_where_rounding_makes_it_another(others, holds):
    actual, wanted = np.array([b"a", b"b"], object), ["a", "c"]
    neighbours = [{"w": actual}, {"w": np.array(others, object)}]
    assert agreement({"w": actual}, {"w": wanted}, lambda: neighbours).holds is holds


@pytest.mark.slow
def test_the_weights_are_what_they_were_after_rounding_was_measured(forked):
    before = [weight.numpy() for weight in forked.weights]
    answer = functools.partial(behaviour._answer, forked, forked.calls[0])
    ours, *others = forked.neighbours(answer)
    assert any(not np.array_equal(ours["probabilities"], o["probabilities"]) for o in others)
    for weight, value in zip(forked.weights, before, strict=True):
        np.testing.assert_array_equal(weight.numpy(), value)
