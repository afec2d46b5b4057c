"""Every explainer on every text: what it says is what the model computes."""

import numpy as np
import pytest
import tensorflow as tf

from nlpkit.errors import InputError
from nlpkit.explain import explain_texts
from nlpkit.explain.classifier import ClassifierExplainer
from nlpkit.explain.explainer import LONGEST, MOST_TEXTS
from nlpkit.explain.language_model import LanguageModelExplainer
from nlpkit.models import classifier
from tests.artefacts import WORDS, tiny_language_model
from tests.explain.cases import (
    CAP,
    CASES,
    CLASSIFIERS,
    LANGUAGE_MODELS,
    TEXTS,
    explained,
    explainer,
    small_classifier,
)

pytestmark = pytest.mark.slow

every_case = pytest.mark.parametrize("case", CASES)
every_text = pytest.mark.parametrize("text", TEXTS, ids=["english", "korean"])


@every_case
@every_text
def test_attributions_add_up_to_the_change_of_the_log_odds(case, text):
    result = explained(case, text)
    attribution = result.attribution
    assert attribution.complete and attribution.error <= 0.01
    assert attribution.values.sum() == pytest.approx(attribution.change, rel=0.01)
    assert attribution.values.shape == (len(result.tokens),)


@every_case
@every_text
def test_gates_are_those_that_the_layer_traces(case, text):
    _, ids = explainer(case).encode(text)
    result, model = explained(case, text), explainer(case).model
    if case in CLASSIFIERS:
        vectors = model.get_layer("pieces")(ids[..., :16])
        both = next(layer for layer in model.layers if hasattr(layer, "forward_layer"))
        layers = [both.forward_layer, both.backward_layer]
    else:
        vectors = tf.gather(model.embeddings, ids)
        layers = [model.recurrences[0].layer]
    for layer, trace in zip(layers, result.traces.values(), strict=False):
        own = layer.trace(vectors)
        assert list(trace) == list(own)
        for name, values in trace.items():
            np.testing.assert_allclose(values, own[name][0], rtol=1e-5, atol=1e-6)


@every_case
def test_every_layer_is_there(case):
    paths = list(explained(case, TEXTS[0]).traces)
    assert len(paths) == {"lstm + linear": 2, "two gru": 4}.get(case, 2)


@pytest.mark.parametrize("case", CLASSIFIERS)
@every_text
def test_a_classifier_answers_as_it_would_if_the_text_ended_there(case, text):
    result, served = explained(case, text), explainer(case).served
    tokens, ids = explainer(case).encode(text)
    classes = served.classes
    for at in (0, len(tokens) - 1):
        alone = served.answer(ids[:, : at + 1])[0]
        assert [result.answers[at][name] for name in classes] == pytest.approx(alone, abs=1e-5)
    target = classes.index(result.attribution.answer)
    assert target == np.argmax(alone)
    assert result.curve.values[-1] == pytest.approx(alone[target], abs=1e-5)
    odds = alone[target] / (1 - alone[target])
    assert result.attribution.text == pytest.approx(np.log(odds), abs=1e-3)


@pytest.mark.parametrize("case", LANGUAGE_MODELS)
@every_text
def test_surprise_and_suggestions_are_those_of_the_served_model(case, text):
    _, ids = explainer(case).encode(text)
    result, served = explained(case, text), explainer(case).served
    log_probabilities = served.advance(served.start(1), ids)[0].numpy()[0]
    bits = -log_probabilities[np.arange(ids.shape[1] - 1), ids[0, 1:]] / np.log(2)
    np.testing.assert_allclose(result.curve.values[1:], bits, rtol=1e-4)
    assert np.isnan(result.curve.values[0])
    (suggested,) = served.predict([text])
    assert list(result.answers[-1]) == suggested["words"]
    assert result.attribution.answer == suggested["words"][0]


def test_unknown_words_are_shown_with_what_is_read_instead():
    tokens, _ = explainer("words, lstm").encode("the plot sat.")
    assert tokens == ("</s>", "the", "plot→<unk>", "sat", ".")


@every_case
@pytest.mark.parametrize("text", ["", " \n"])
def test_an_empty_text_is_refused(case, text):
    with pytest.raises(InputError, match="a text must hold a word or a sign"):
        explainer(case).explain(text)


@pytest.mark.parametrize("case", CLASSIFIERS)
def test_a_text_above_the_cap_is_refused_with_the_cure(case):
    text = "good " * (CAP + 1)
    with pytest.raises(InputError, match=f"at most {CAP} tokens.*`--max-length {CAP + 1}`"):
        explainer(case).explain(text)
    assert len(explainer(case).encode(text, whole=False)[0]) == CAP


def test_a_page_has_room_for_so_many_tokens_and_texts():
    with pytest.raises(InputError, match=f"at most {LONGEST:,} tokens together"):
        explainer("words, lstm").explain("the " * LONGEST)
    with pytest.raises(InputError, match=f"at most {MOST_TEXTS} texts"):
        explain_texts(explainer("words, lstm"), ["the"] * (MOST_TEXTS + 1))


@pytest.mark.parametrize("case", ["lstm + linear", "words, lstm"])
def test_a_lone_surrogate_is_read_as_the_sign_for_it(case):
    assert explained(case, "the \ud83d").tokens[-1].startswith("\ufffd")


def test_layers_of_keras_have_no_gates():
    _, model = small_classifier(cell="keras-lstm", linear=False)
    with pytest.raises(InputError, match="those of keras.layers have no gates.*`--cell lstm`"):
        ClassifierExplainer(model, explainer("lstm + linear").served).trace(
            np.ones([1, 3, 16], np.int32)
        )


def test_another_model_beside_the_artefact_is_noticed():
    served = explainer("lstm + linear").served
    _, other = small_classifier(linear=False)
    with pytest.raises(InputError, match="must be of the same run"):
        ClassifierExplainer(other, served).explain(TEXTS[0])
    _, of_three = small_classifier(linear=False, classes="abc")
    with pytest.raises(InputError, match="must be of the same run"):
        ClassifierExplainer(of_three, served)
    _, shorter = tiny_language_model(WORDS[:-1])
    with pytest.raises(InputError, match="must be of the same run"):
        LanguageModelExplainer(shorter, explainer("words, lstm").served)


def test_an_artefact_that_cuts_texts_otherwise_is_of_another_version(monkeypatch):
    served = explainer("two gru").served
    ids = served.encode(["one two three"])
    monkeypatch.setattr(served, "encode", lambda texts: ids[:, [0, 1, 2, 2]])
    with pytest.raises(InputError, match="cut texts as this nlpkit does, but another version"):
        explainer("two gru").explain("one two three")


def test_a_model_of_another_shape_is_no_classifier_of_the_recipe():
    other = classifier(vocabulary=8, classes=2, pieces=2, units=4, embedding=4)
    with pytest.raises(InputError, match="must be as `nlpkit sentiment` wrote it"):
        ClassifierExplainer(other, None)
