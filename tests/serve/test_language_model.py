"""A language model from an artefact: suggestions, continuations, and options out of range."""

from types import SimpleNamespace

import numpy as np
import pytest
import tensorflow as tf

from nlpkit import serve
from nlpkit.errors import InputError
from nlpkit.serve.language_model import ServedLanguageModel
from nlpkit.text import SPECIALS, WordVocabulary
from tests.artefacts import WORDS

TEXTS = ["the cat", "", "정말 영화", "half a pair \ud83d", "nul\0", "the cat"]


def test_an_answer_has_the_documented_form(language_model):
    answers = list(language_model.predict(TEXTS))
    assert [answer["text"] for answer in answers] == [*TEXTS[:3], "half a pair \ufffd", *TEXTS[4:]]
    for answer in answers:
        assert list(answer) == ["text", "words", "probabilities"]
        assert len(answer["words"]) == len(answer["probabilities"]) == 5
        assert answer["probabilities"] == sorted(answer["probabilities"], reverse=True)
        assert set(answer["words"]) <= set(WORDS[2:])
    assert answers[0]["words"] == answers[-1]["words"]
    assert answers[0]["probabilities"] == pytest.approx(answers[-1]["probabilities"], abs=1e-6)


def test_words_are_those_of_the_vocabulary(language_model):
    assert language_model.words == WORDS


@pytest.mark.parametrize(
    "options", [{}, {"temperature": 0}, {"top_k": 3, "top_p": 0.5}, {"beam": 3}]
)
def test_texts_go_on_the_same_way_each_time(language_model, options):
    first, again = (list(language_model.generate(TEXTS, length=6, **options)) for _ in range(2))
    assert first == again
    for answer, text in zip(first, TEXTS[:3], strict=False):
        assert list(answer) == ["text", "generated"]
        assert answer["generated"].startswith(text)
        assert len(answer["generated"]) > len(text)


def test_no_word_more_is_the_text_itself(language_model):
    (answer,) = language_model.generate(["the cat"], length=0)
    assert answer == {"text": "the cat", "generated": "the cat"}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"length": -1}, "`length` must be an integer from 0 to 1,000,000, got -1"),
        ({"length": 2**31 - 1}, "`length` must be an integer from 0 to 1,000,000, got 2147483647"),
        ({"length": 2.5}, "`length` must be an integer from 0 to .*, got 2.5"),
        ({"temperature": -0.5}, "`temperature` must be a finite number of at least 0, got -0.5"),
        ({"temperature": float("inf")}, "`temperature` must be a finite number .* got inf"),
        ({"temperature": float("nan")}, "`temperature` must be a finite number .* got nan"),
        ({"top_k": 13}, "`top_k` must be an integer from 0 to 12, the size of the vocabulary, got"),
        ({"top_k": True}, "`top_k` must be an integer .* got True"),
        ({"top_p": 0}, "`top_p` must be a number above 0 and at most 1, got 0"),
        ({"top_p": 1.5}, "`top_p` must be a number above 0 and at most 1, got 1.5"),
        ({"seed": 2**31}, "`seed` must be an integer from 0 to 2,147,483,647, got 2147483648"),
        ({"beam": 0}, "`beam` must be an integer from 1 to 1,000, got 0"),
        ({"beam": 2, "top_k": 3}, "`beam` draws nothing; leave out `temperature`, `top_k`"),
        ({"batch_size": 0}, "`batch_size` must be a positive integer, got 0"),
    ],
)
def test_options_out_of_range_are_refused(language_model, options, message):
    with pytest.raises(InputError, match=message):
        language_model.generate(["the"], **{"length": 1, **options})


def test_steps_from_the_start_lead_to_the_suggestions(language_model):
    (answer,) = language_model.predict(["the cat"])
    ids = np.array([[0, *map(WORDS.index, ("the", "cat"))]])
    actual, _ = language_model.advance(language_model.start(1), ids)
    states = language_model.start(1)
    for column in ids.T:
        stepped, states = language_model.advance(states, column)
    np.testing.assert_allclose(actual[:, -1], stepped, atol=1e-6)
    shares = [float(np.exp(stepped[0, WORDS.index(word)])) for word in answer["words"]]
    np.testing.assert_allclose(answer["probabilities"], shares, atol=1e-6)


def test_a_classifier_is_still_one(model):
    assert isinstance(model, serve.ServedClassifier)


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        (("다", "##다", "가", "##나"), {"##나": 0.4, "##다": 0.3, "다": 0.2, "가": 0.1}),
        (("了", "##了", "天", "##下雨"), {"了": 0.5, "下雨": 0.4, "天": 0.1}),
    ],
)
def test_suggestions_of_an_older_artefact_read_as_text_too(tmp_path, words, wanted):
    vocabulary = WordVocabulary((*SPECIALS, *words), "subwords")
    order = [words[index] for index in (3, 1, 0, 2)]

    def suggest(text):
        n = len(text)
        return {
            "words": tf.constant([order] * n),
            "probabilities": tf.constant([[0.4, 0.3, 0.2, 0.1]] * n),
        }

    model = ServedLanguageModel(tmp_path, SimpleNamespace(signatures={"serving_default": suggest}))
    vars(model).update(vocabulary=vocabulary, words=vocabulary.words)
    for answer in model.predict(["a", "b"]):
        actual = dict(zip(answer["words"], answer["probabilities"], strict=True))
        assert list(actual) == list(wanted) and actual == pytest.approx(wanted)
