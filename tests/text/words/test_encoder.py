"""Ids of words are what plain Python says, eager, in tf.data, in a SavedModel and in a session."""

import numpy as np
import pytest
import tensorflow as tf

from nlpkit.text import END, SPECIALS, UNKNOWN, WordEncoder, WordVocabulary
from nlpkit.text.words.tokenization import TOKENIZATIONS
from tests.text import cutting, drawing

LEARNT, UNSEEN = drawing.texts(400)[:200], drawing.texts(400)[200:]
ODD = ["", " \0 ", "a\0b", "\u1112\u1161\u11ab", "가나다" * 400, "x\u3000y\u00a0", b"no \xff\xe2"]
STRINGS = tf.TensorSpec([None], tf.string)


@pytest.fixture(scope="module", params=TOKENIZATIONS)
def encoder(request):
    return WordEncoder(
        WordVocabulary.learn([tf.constant(LEARNT)], tokenization=request.param, size=3_000)
    )


def expected_ids(text, vocabulary):
    """The ids of a text, found without a tensor."""
    id_of = {word: index for index, word in enumerate(vocabulary.words) if index > UNKNOWN}
    parts = cutting.cut(text, vocabulary.tokenization)
    if vocabulary.tokenization == "subwords":
        parts = [piece for word in parts for piece in cutting.longest_match(word, set(id_of))]
    return [id_of.get(word, UNKNOWN) for word in parts]


def test_drawn_strings_have_the_ids_that_plain_python_finds(encoder):
    texts = LEARNT + UNSEEN
    ids = encoder.ragged(tf.constant(texts))
    assert ids.dtype == tf.int32
    assert ids.to_list() == [expected_ids(text, encoder.vocabulary) for text in texts]


def test_a_text_alone_has_the_ids_it_has_in_a_batch(encoder):
    texts = UNSEEN[:30] + ODD
    together = encoder.ragged(tf.constant(texts)).to_list()
    assert together == [encoder.ragged(tf.constant([text])).to_list()[0] for text in texts]


def test_every_text_begins_after_the_end_which_also_pads(encoder):
    ids, lengths = encoder(tf.constant(UNSEEN + ODD))
    rows = encoder.ragged(tf.constant(UNSEEN + ODD)).to_list()
    width = 1 + max(map(len, rows))
    assert ids.dtype == lengths.dtype == tf.int32
    assert ids.numpy().tolist() == [[END, *row, *([END] * (width - 1 - len(row)))] for row in rows]
    assert lengths.numpy().tolist() == [1 + len(row) for row in rows]


@pytest.mark.parametrize(("texts", "shape"), [([], (0, 1)), ([""], (1, 1)), (["", " \0 "], (2, 1))])
def test_texts_without_words(encoder, texts, shape):
    ids, lengths = encoder(tf.constant(texts, tf.string))
    assert ids.shape == shape and lengths.numpy().tolist() == [1] * shape[0]


def test_specials_in_a_text_are_unknown_words():
    vocabulary = WordVocabulary.learn([tf.constant(["a a"])], tokenization="spaces")
    ids = WordEncoder(vocabulary).ragged(tf.constant(["a <unk> </s> b"]))
    assert ids.to_list() == [[2, UNKNOWN, UNKNOWN, UNKNOWN]]


def test_decoding_gives_the_words_as_the_vocabulary_writes_them(encoder):
    words = encoder.vocabulary.words
    every = tf.reshape(tf.range(len(words) // 2 * 2), [2, -1])
    decoded = encoder.decode(every)
    assert decoded.shape == every.shape
    assert [word.decode() for word in decoded.numpy().ravel()] == list(words[: tf.size(every)])
    assert encoder.decode(tf.constant([-5, 10**6])).numpy().tolist() == [
        word.encode() for word in (words[0], words[-1])
    ]
    assert encoder.decode(tf.constant(END)).shape == []


def test_pieces_that_continue_a_word_are_marked(encoder):
    subwords = encoder.vocabulary.tokenization == "subwords"
    expected = [
        subwords and word.startswith("##") and word != "##" for word in encoder.vocabulary.words
    ]
    assert encoder.continues.tolist() == expected and any(expected) == subwords


def test_known_subwords_join_to_the_text_they_were_cut_from():
    texts = ["이 영화 정말 재미있다", "정말 재미있는 영화", "ㅋㅋㅋ 최고!"]
    vocabulary = WordVocabulary.learn(
        [tf.constant(texts)], tokenization="subwords", size=500, min_count=1
    )
    encoder = WordEncoder(vocabulary)
    ids = encoder.ragged(tf.constant(texts)).to_tensor(END)
    joined = encoder.join(tf.constant([""] * len(texts)), ids)
    assert [text.decode() for text in joined.numpy()] == texts


@pytest.mark.parametrize("tokenization", TOKENIZATIONS)
def test_an_empty_vocabulary_knows_no_word(tokenization):
    encoder = WordEncoder(WordVocabulary(SPECIALS, tokenization))
    assert encoder.ragged(tf.constant(["a b", ""])).to_list() == [[1, 1], []]
    assert len(encoder.vocabulary) == len(encoder.continues) == 2


@pytest.mark.parametrize("line", ["xy" * (1 << 17), "가나 " * 100_000])
def test_a_long_prompt_is_legal(encoder, line):
    together = encoder.ragged(tf.constant([line, "short"])).to_list()
    assert together[1] == encoder.ragged(tf.constant(["short"])).to_list()[0]


def test_ids_are_the_same_inside_tf_data(encoder):
    texts = UNSEEN[:64]
    dataset = tf.data.Dataset.from_tensor_slices(texts).batch(64).map(encoder)
    assert [spec.shape.as_list() for spec in dataset.element_spec] == [[None, None], [None]]
    (ids, lengths), (whole, counts) = next(iter(dataset)), encoder(tf.constant(texts))
    np.testing.assert_array_equal(ids, whole)
    np.testing.assert_array_equal(lengths, counts)


def save(encoder, folder):
    """Saves every direction of an encoder."""
    module = tf.Module()
    module.encoder = encoder

    @tf.function(input_signature=[STRINGS])
    def encode(text):
        ids, lengths = encoder(text)
        words = encoder.decode(ids)
        joined = encoder.join(text, ids)
        return {"ids": ids, "lengths": lengths, "words": words, "joined": joined}

    module.encode = encode
    tf.saved_model.save(module, folder, signatures={"encode": encode})
    return encode


def test_all_is_the_same_from_a_saved_model_and_in_a_session_of_tensorflow_1(encoder, tmp_path):
    encode = save(encoder, str(tmp_path))
    loaded = tf.saved_model.load(str(tmp_path)).signatures["encode"]
    batches = [np.array(texts, object) for texts in (UNSEEN[:50], [""], ODD, ["one prompt"])]
    expected = [encode(tf.constant(texts, tf.string)) for texts in batches]
    for texts, outputs in zip(batches, expected, strict=True):
        for name, got in loaded(text=tf.constant(texts, tf.string)).items():
            np.testing.assert_array_equal(got, outputs[name], err_msg=name)
    with tf.Graph().as_default(), tf.compat.v1.Session() as session:
        meta = tf.compat.v1.saved_model.loader.load(session, ["serve"], str(tmp_path))
        signature = meta.signature_def["encode"]
        names = {name: tensor.name for name, tensor in signature.outputs.items()}
        for texts, outputs in zip(batches, expected, strict=True):
            fetched = session.run(names, {signature.inputs["text"].name: texts})
            for name, got in fetched.items():
                np.testing.assert_array_equal(got, outputs[name].numpy(), err_msg=name)
