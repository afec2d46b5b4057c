"""Ids are what plain Python says, alone or in a batch, eager, in tf.data and in a SavedModel."""

import numpy as np
import pytest
import tensorflow as tf

from nlpkit.errors import InputError
from nlpkit.text import MAX_NGRAMS, NgramEncoder, NgramVocabulary, token_counts
from nlpkit.text.ngrams import encoder as encoder_module
from tests.text import drawing, reference
from tests.text.ngrams.test_ngrams import named, phrases

LEARNT, UNSEEN = drawing.texts(800)[:400], drawing.texts(800)[400:]
CAP = 12


@pytest.fixture(scope="module")
def vocabulary():
    return NgramVocabulary.learn([tf.constant(LEARNT)])


@pytest.fixture(scope="module")
def encoder(vocabulary):
    return NgramEncoder(vocabulary, max_length=CAP)


def unpadded(ids):
    """The ids of each token of each text; the padding must stand on the right."""
    for row in np.asarray(ids):
        slots, tokens = row > 0, (row > 0).any(axis=1)
        assert (slots[:, :-1] >= slots[:, 1:]).all() and (tokens[:-1] >= tokens[1:]).all()
    return [[token[token > 0].tolist() for token in row if token[0]] for row in np.asarray(ids)]


def test_its_graph_is_made_once_for_all_data_sets(vocabulary, monkeypatch):
    made, make = [], encoder_module.ngrams
    monkeypatch.setattr(
        encoder_module, "ngrams", lambda characters: made.append(1) or make(characters)
    )
    encoder = NgramEncoder(vocabulary, max_length=CAP)
    for size in (2, 3):
        dataset = tf.data.Dataset.from_tensor_slices(LEARNT).batch(size).map(encoder)
        assert len(next(iter(dataset))) == size
    assert len(encoder(tf.constant(UNSEEN))) == len(UNSEEN) and made == [1]


@pytest.mark.parametrize("max_length", [1, CAP, 1000])
def test_drawn_strings_have_the_ids_that_plain_python_finds(vocabulary, max_length):
    id_of = {value: k + 2 for k, value in enumerate(vocabulary.fingerprints.tolist())}
    known = {name: id_of[value] for name, value in named(LEARNT + UNSEEN) if value in id_of}
    texts = LEARNT + UNSEEN
    ids = NgramEncoder(vocabulary, max_length=max_length)(tf.constant(texts))
    assert unpadded(ids) == [reference.encode(text, known, max_length) for text in texts]


@pytest.mark.parametrize("max_length", [1, CAP, 1000])
def test_a_vocabulary_with_phrases_adds_their_ids_and_changes_no_other(max_length):
    known = NgramVocabulary.learn([tf.constant(LEARNT)], phrases=500, min_count=1, size=900)
    id_of = {value: known.ngrams + k for k, value in enumerate(known.phrases.tolist())}
    names = {name: id_of.get(value, 0) for name, value in phrases(LEARNT + UNSEEN)}
    encoder = NgramEncoder(known, max_length=max_length)
    ids = encoder(tf.constant(LEARNT + UNSEEN)).numpy()
    assert ids.shape[2] == encoder.width == MAX_NGRAMS + 2
    for text, row in zip(LEARNT + UNSEEN, ids[:, :, MAX_NGRAMS:].tolist(), strict=True):
        ends = reference.phrases(text)[:max_length]
        expected = [[names[end] for end in token] + [0] * (2 - len(token)) for token in ends]
        assert row == expected + [[0, 0]] * (len(row) - len(expected))
    without = NgramVocabulary(known.fingerprints)
    alone = NgramEncoder(without, max_length=max_length)(tf.constant(LEARNT + UNSEEN))
    np.testing.assert_array_equal(ids[:, :, :MAX_NGRAMS], alone)


def test_a_text_alone_has_the_ids_it_has_in_a_batch(encoder):
    together = unpadded(encoder(tf.constant(UNSEEN[:30])))
    assert together == [unpadded(encoder(tf.constant([text])))[0] for text in UNSEEN[:30]]


@pytest.mark.parametrize(
    ("texts", "shape"),
    [
        ([], (0, 1)),
        ([""], (1, 1)),
        (["", " \0 "], (2, 1)),
        (["a", "a b c"], (2, 3)),
        (["a " * 100, "a"], (2, CAP)),
    ],
)
def test_shapes(encoder, texts, shape):
    ids = encoder(tf.constant(texts, tf.string))
    assert ids.shape == (*shape, MAX_NGRAMS) and ids.dtype == tf.int32


def test_a_token_without_a_known_piece_is_unknown_and_a_text_without_a_token_is_padding(encoder):
    assert unpadded(encoder(tf.constant(["ꙮꙮꙮ", "", "ꙮ ꙮ"]))) == [[[1]], [], [[1], [1]]]


def test_ids_lie_in_the_vocabulary(encoder, vocabulary):
    ids = encoder(tf.constant(LEARNT)).numpy()
    assert ids.min() == 0 and ids.max() == len(vocabulary) - 1


def test_no_token_has_more_than_the_most_pieces():
    word = "abcdefgh"
    known = NgramVocabulary.learn([tf.constant([word])], min_count=1)
    assert len(known) - 2 > MAX_NGRAMS - 1
    (token,) = unpadded(NgramEncoder(known)(tf.constant([word])))[0]
    assert len(token) == min(MAX_NGRAMS, len(reference.tokens(word)[0]))


def test_an_empty_vocabulary_knows_no_token():
    assert unpadded(NgramEncoder(NgramVocabulary.learn([]))(tf.constant(["a b", ""]))) == [
        [[1], [1]],
        [],
    ]


@pytest.mark.parametrize("line", ["xy" * (1 << 19), "가나" * 175_000, "good film " * 100_000])
def test_a_line_of_a_megabyte_is_legal(encoder, line):
    ids = encoder(tf.constant([line, "short"]))
    assert ids.shape == (2, CAP, MAX_NGRAMS)
    assert unpadded(ids)[1] == unpadded(encoder(tf.constant(["short"])))[0]


def test_ids_are_the_same_inside_tf_data(encoder):
    texts = UNSEEN[:64]
    dataset = tf.data.Dataset.from_tensor_slices(texts).batch(16).map(encoder)
    assert dataset.element_spec.shape.as_list() == [None, None, MAX_NGRAMS]
    got = [text for ids in dataset for text in unpadded(ids)]
    assert got == unpadded(encoder(tf.constant(texts)))


def test_ids_are_the_same_from_a_saved_model(encoder, tmp_path):
    module = tf.Module()
    module.encoder = encoder
    module.encode = tf.function(encoder, input_signature=[tf.TensorSpec([None], tf.string)])
    tf.saved_model.save(module, str(tmp_path))
    loaded = tf.saved_model.load(str(tmp_path))
    for texts in (UNSEEN, [], ["", "\0"]):
        texts = tf.constant(texts, tf.string)
        np.testing.assert_array_equal(loaded.encode(texts), encoder(texts))


def test_token_counts_know_no_cap():
    texts = [*UNSEEN, "a " * 1000, ""]
    expected = [len(reference.tokens(text)) for text in texts]
    assert token_counts(tf.constant(texts)).numpy().tolist() == expected


def test_the_length_is_positive(vocabulary):
    with pytest.raises(InputError, match=r"^`max_length` must be a positive integer, got 0\.$"):
        NgramEncoder(vocabulary, max_length=0)
