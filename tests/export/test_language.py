"""A language model as it is served: whole loops agree with a client that goes word by word."""

import itertools

import numpy as np
import pytest
import tensorflow as tf

from nlpkit import export
from nlpkit.errors import InputError
from nlpkit.export import reading
from tests.artefacts import SUBWORDS, WORDS, tiny_language_model, tiny_next_word

TEXTS = ["the cat sat on the mat.", "", "정말 영화", "never seen before", "the " * 40]
SPECIALS_ABOVE_ALL = [50.0, 50.0, *[0.0] * (len(WORDS) - 2)]
DRAWING = {"temperature": 1.0, "top_k": 0, "top_p": 1.0, "seed": 0}


@pytest.fixture(scope="module")
def loaded(language_artefact):
    """The signatures, loaded by plain TensorFlow."""
    model = tf.saved_model.load(str(language_artefact))
    return {**model.signatures, "model": model}


def generate(module, texts, length, **drawing):
    """The texts that `generate` gives."""
    values = [length, *{**DRAWING, **drawing}.values()]
    specs = module.generate.input_signature[1:]
    inputs = [tf.constant(v, spec.dtype) for v, spec in zip(values, specs, strict=True)]
    return decoded(module.generate(tf.constant(texts, tf.string), *inputs)["text"])


def beam(module, texts, length, width):
    """The texts that `beam` gives, and their log-probabilities."""
    answers = module.beam(tf.constant(texts, tf.string), tf.constant(length), tf.constant(width))
    return decoded(answers["text"]), answers["log_probability"].numpy()


def decoded(strings):
    return [string.decode() for string in strings.numpy().ravel().tolist()]


def typed(signatures, text):
    """Log-probabilities [V] after a text that is typed word by word, and the states."""
    states = zeros(signatures["step"])
    for word in signatures["encode"](text=tf.constant([text]))["ids"][0]:
        states = signatures["step"](ids=word[None], **states)
        log_probabilities = states.pop("log_probabilities")
    return log_probabilities[0].numpy(), states


def zeros(step):
    specs = step.structured_input_signature[1]
    return {n: tf.zeros([1, spec.shape[1]]) for n, spec in specs.items() if n != "ids"}


@pytest.mark.parametrize("text", TEXTS, ids=lambda text: ascii(text[:12]))
def test_a_client_that_types_finds_the_words_that_are_served(loaded, text):
    actual, _ = typed(loaded, text)
    served = loaded["serving_default"](text=tf.constant([text]))
    best = 2 + np.argsort(-actual[2:])[:5]
    words = loaded["decode"](ids=tf.constant(best, tf.int32))["words"]
    assert decoded(served["words"]) == decoded(words)
    np.testing.assert_allclose(served["probabilities"][0], np.exp(actual[best]), atol=1e-6)


def test_probabilities_are_those_of_the_whole_softmax(language_module):
    encoder, model = tiny_language_model()
    ids, _ = encoder(tf.constant(TEXTS[:1]))
    wanted = tf.nn.softmax(model(ids)[0, -1])[2:]
    served = language_module.serving_default(tf.constant(TEXTS[:1]))["probabilities"][0]
    np.testing.assert_allclose(served, np.sort(wanted)[::-1][:5], atol=1e-6)
    assert np.sum(served) < 1


def test_many_steps_are_one_step_repeated(loaded):
    ids = loaded["encode"](text=tf.constant(TEXTS[:1]))["ids"]
    leapt = loaded["steps"](ids=ids, **zeros(loaded["step"]))
    actual, states = typed(loaded, TEXTS[0])
    np.testing.assert_allclose(leapt["log_probabilities"][0, -1], actual, atol=1e-6)
    for name, state in states.items():
        np.testing.assert_allclose(leapt[name], state, atol=1e-6)


def test_a_score_is_the_sum_over_the_words_and_the_end(loaded):
    scored = loaded["score"](text=tf.constant(TEXTS))
    for row, text in enumerate(TEXTS):
        ids = loaded["encode"](text=tf.constant([text]))["ids"]
        answers = loaded["steps"](ids=ids, **zeros(loaded["step"]))["log_probabilities"][0]
        targets = np.append(ids[0, 1:], 0)
        wanted = np.sum(answers.numpy()[np.arange(len(targets)), targets])
        np.testing.assert_allclose(scored["log_probability"][row], wanted, rtol=1e-5)
        assert scored["tokens"][row] == len(targets)


def test_long_texts_are_read_in_blocks_with_the_same_result(language_module, monkeypatch):
    monkeypatch.setattr(reading, "ROWS", 2 * len(TEXTS))
    monkeypatch.setattr(reading, "SCORES", 3 * len(TEXTS) * len(WORDS))
    blocks, texts = tiny_next_word(), tf.constant(TEXTS)
    for name in ("serving_default", "score"):
        actual, wanted = getattr(blocks, name)(texts), getattr(language_module, name)(texts)
        for key in wanted.keys() - {"words"}:
            np.testing.assert_allclose(actual[key], wanted[key], rtol=1e-5, atol=1e-6)
    assert generate(blocks, TEXTS, 5) == generate(language_module, TEXTS, 5)


@pytest.mark.parametrize("name", ["serving_default", "score", "encode", "decode"])
def test_no_text_is_legal(language_module, name):
    function = getattr(language_module, name)
    nothing = tf.zeros([0], function.input_signature[0].dtype)
    assert all(value.shape[0] == 0 for value in function(nothing).values())


def test_no_text_is_continued_to_no_text(language_module):
    assert (
        generate(language_module, [], 3)
        == generate(language_module, [], 3, top_k=2, top_p=0.5)
        == []
    )
    assert beam(language_module, [], 3, 2)[0] == []


def test_the_best_words_are_those_that_a_client_finds_step_by_step(language_module, loaded):
    actual, states = typed(loaded, "the cat")
    ids = []
    for _ in range(6):
        ids.append(2 + np.argmax(actual[2:]))
        states = loaded["step"](ids=tf.constant(ids[-1:], tf.int32), **states)
        actual = states.pop("log_probabilities")[0].numpy()
    encoder, _ = tiny_language_model()
    wanted = decoded(encoder.join(tf.constant(["the cat"]), tf.constant([ids], tf.int32)))
    for drawing in ({"temperature": 0.0}, {"temperature": -1.0}, {"top_k": 1}, {"top_p": 1e-6},
                    {"top_p": -1.0}, {"temperature": float("nan")}):  # fmt: skip
        assert generate(language_module, ["the cat"], 6, **drawing) == wanted
    assert (
        beam(language_module, ["the cat"], 6, 1)[0]
        == wanted
        == beam(language_module, ["the cat"], 6, 0)[0]
    )


@pytest.mark.parametrize("length", [0, -3])
def test_to_add_no_word_leaves_the_text(language_module, length):
    assert (
        generate(language_module, TEXTS, length)
        == TEXTS
        == generate(language_module, TEXTS, length, top_k=3)
    )
    assert beam(language_module, TEXTS, length, 3)[0] == TEXTS


def test_the_seed_settles_what_is_drawn(language_module):
    one, again, other = (generate(language_module, TEXTS, 12, seed=seed) for seed in (1, 1, 2))
    assert one == again != other


@pytest.mark.parametrize(
    ("drawing", "kept", "temperature"),
    [
        ({}, 10, 1.0),
        ({"top_k": 10_000}, 10, 1.0),
        ({"top_p": 7.0}, 10, 1.0),
        ({"temperature": 2.5}, 10, 2.5),
        ({"temperature": float("inf")}, 10, float("inf")),
        ({"top_k": 3}, 3, 1.0),
        ({"top_k": 3, "temperature": 0.5}, 3, 0.5),
        ({"top_p": 0.6}, None, 1.0),
        ({"top_p": 0.6, "temperature": 3.0}, None, 3.0),
    ],
)
def test_words_are_drawn_as_often_as_they_are_likely(
    language_module, loaded, drawing, kept, temperature
):
    draws = 4000
    scores = np.sort(typed(loaded, "")[0][2:])[::-1].astype(np.float64) / temperature
    order = 2 + np.argsort(-typed(loaded, "")[0][2:])
    probabilities = np.exp(scores - scores.max()) / np.sum(np.exp(scores - scores.max()))
    if kept is None:
        kept = 1 + int(np.sum(np.cumsum(probabilities) < drawing["top_p"]))
    probabilities = probabilities[:kept] / np.sum(probabilities[:kept])
    words = generate(language_module, [""] * draws, 1, **drawing)
    counts = np.array([words.count(WORDS[i]) for i in order[:kept]])
    assert counts.sum() == draws
    np.testing.assert_allclose(counts / draws, probabilities, atol=5 * np.sqrt(0.25 / draws))


def test_no_special_is_ever_suggested_or_generated():
    module = tiny_next_word(bias=SPECIALS_ABOVE_ALL)
    served = module.serving_default(tf.constant(TEXTS))
    said = decoded(served["words"]) + generate(module, [""] * 50, 20) + beam(module, [""], 9, 4)[0]
    assert not [text for text in said if "</s>" in text or "<unk>" in text]
    assert np.all(np.sum(served["probabilities"], axis=1) < 1e-6)


def test_fewer_words_than_suggestions_are_all_suggested():
    module = tiny_next_word(WORDS[:5])
    served = module.serving_default(tf.constant(["the"]))
    assert sorted(decoded(served["words"])) == sorted(WORDS[2:5])


def test_a_wide_beam_finds_the_likeliest_continuation(language_module, loaded):
    text, best = "the cat", (-np.inf, None)
    actual, after = typed(loaded, text)
    firsts = tf.range(2, len(WORDS))
    states = {n: tf.repeat(s, len(firsts), axis=0) for n, s in after.items()}
    second = loaded["step"](ids=firsts, **states)["log_probabilities"].numpy()
    for first, last in itertools.product(firsts.numpy(), firsts.numpy()):
        best = max(best, (actual[first] + second[first - 2, last], (first, last)))
    encoder, _ = tiny_language_model()
    wanted = decoded(encoder.join(tf.constant([text]), tf.constant([best[1]], tf.int32)))
    texts, log_probabilities = beam(language_module, [text, ""], 2, 100)
    assert texts[:1] == wanted
    np.testing.assert_allclose(log_probabilities[0], best[0], rtol=1e-5)


def test_subwords_are_joined():
    module = tiny_next_word(SUBWORDS, tokenization="subwords")
    (text,) = generate(module, ["the c"], 30, seed=4)
    assert text.startswith("the c")
    assert "##" not in text


def test_a_layer_of_keras_has_the_states_that_it_has():
    module = tiny_next_word(cell="keras-gru")
    answers = module.step(tf.constant([0]), tf.zeros([1, 6]), tf.zeros([1, 5]))
    assert set(answers) == {"log_probabilities", "h_0", "h_1"}


def test_numbers_of_texts_and_words_are_free(loaded):
    shapes = {
        n: s.shape.as_list() for n, s in loaded["steps"].structured_input_signature[1].items()
    }
    assert shapes == {"ids": [None, None], "h_0": [None, 6], "c_0": [None, 6], "h_1": [None, 5],
                      "c_1": [None, 5]}  # fmt: skip
    assert loaded["step"].structured_input_signature[1]["ids"].shape.as_list() == [None]


def test_the_keras_model_is_not_tracked(language_module):
    kinds = {
        type(node).__module__.partition(".")[0]
        for node in language_module._flatten(with_path=False)
    }
    assert "keras" not in kinds
    assert language_module.description == export.artefact.Description("next-word", ())


@pytest.mark.slow
def test_a_prompt_of_a_hundred_thousand_words_is_read(language_module):
    text = "the cat sat on the mat. " * 17_000
    served = language_module.serving_default(tf.constant([text]))
    assert np.all(np.isfinite(served["probabilities"]))
    assert generate(language_module, [text], 2)[0].startswith(text)


@pytest.mark.parametrize("words", [WORDS[:2], WORDS[:7]])
def test_model_and_encoder_must_know_the_same_words(words):
    encoder, _ = tiny_language_model(words)
    _, model = tiny_language_model(words if len(words) == 2 else WORDS)
    with pytest.raises(InputError, match=rf"`model` must have a score .* for {len(words)} words"):
        export.next_word(encoder, model)


def test_where_words_are_not_written_apart_a_text_is_suggested_once_with_all_its_probability():
    words = ("</s>", "<unk>", "今天", "##天", "天", "##下雨", "##了", "了", "##雨", "下雨")
    encoder, model = tiny_language_model(words, tokenization="subwords")
    texts = tf.constant(["今天", "", "天 下雨了"])
    served = export.next_word(encoder, model).serving_default(texts)
    for row, text in enumerate(texts):
        ids, _ = encoder(text[None])
        probabilities = tf.nn.softmax(model(ids)[0, -1]).numpy()
        wanted = {}
        for word, probability in zip(words[2:], probabilities[2:], strict=True):
            written = word.removeprefix("##")
            wanted[written] = wanted.get(written, 0) + probability
        best = sorted(wanted, key=wanted.get, reverse=True)[:5]
        assert decoded(served["words"][row]) == best
        np.testing.assert_allclose(
            served["probabilities"][row], [wanted[text] for text in best], atol=1e-6
        )
