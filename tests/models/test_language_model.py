"""LanguageModel: explicit states, one table for both ends, dropouts only in training."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from nlpkit.errors import InputError
from nlpkit.layers import FAMILY
from nlpkit.models import LanguageModel
from nlpkit.models.recurrent import has_recurrent_kernel
from tests.models.cells import CELLS as FEW

V = 30
IDS = np.random.default_rng(0).integers(0, V, (3, 9))
DROPOUTS = ("word_dropout", "input_dropout", "hidden_dropout", "output_dropout", "weight_drop")
CELLS = pytest.mark.parametrize("cell", FEW)


def language_model(**options):
    return LanguageModel(V, **{"units": 6, "layers": 2, "seed": 3, **options})


@CELLS
@pytest.mark.parametrize("layers", [1, 3])
def test_reading_in_parts_with_carried_states_is_one_long_pass(cell, layers):
    model = language_model(cell=cell, layers=layers)
    whole, last = model.read(IDS, model.zero_states(3))
    first, states = model.read(IDS[:, :4], model.zero_states(3))
    second, after = model.read(IDS[:, 4:], states)
    np.testing.assert_allclose(np.concatenate([first, second], 1), whole, atol=1e-6)
    for ours, theirs in zip(after, last, strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-6)


@CELLS
def test_vectors_of_words_are_read_as_the_words_are(cell):
    model = language_model(cell=cell)
    states = model.zero_states(3)
    of_words = tf.nest.flatten(model.read_both(IDS, states))
    vectors = tf.gather(model.embeddings, IDS)
    of_vectors = tf.nest.flatten(model.read_vectors(vectors, states))
    for one, other in zip(of_words, of_vectors, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-6)


@CELLS
def test_states_have_names_and_sizes(cell):
    model = language_model(cell=cell, embedding=4)
    kinds = FAMILY[cell.removeprefix("keras-")].cell.state_names
    assert model.state_names == tuple(f"{kind}_{level}" for level in (0, 1) for kind in kinds)
    sizes = (6,) * len(kinds) + (4,) * len(kinds)
    if cell == "projected-lstm":  # c is twice as wide as the output
        sizes = (6, 12, 4, 8)
    assert model.state_sizes == sizes
    _, states = model.read(IDS, model.zero_states(3))
    assert [tuple(state.shape) for state in states] == [(3, size) for size in model.state_sizes]


def test_one_table_reads_and_predicts():
    model = language_model()
    assert sum(V in weight.shape for weight in model.trainable_weights) == 2  # table and bias
    features, _ = model.read(IDS, model.zero_states(3))
    expected = features @ tf.transpose(model.embeddings) + model.bias
    np.testing.assert_allclose(model.logits(features), expected, atol=1e-6)


def test_a_new_model_expects_words_as_often_as_they_were_counted():
    model, counts = language_model(), np.arange(V)
    model.init_bias_from_counts(counts)
    expected = tf.nn.softmax(model.logits(np.zeros(6, "float32")))
    np.testing.assert_allclose(expected, (counts + 1) / np.sum(counts + 1), rtol=1e-5)


@pytest.mark.parametrize("counts", [[1] * (V + 1), [], [[1] * V], [1] * (V - 1) + [-1]])
def test_counts_of_other_words_are_refused(counts):
    with pytest.raises(InputError, match=rf"`counts` must be {V} numbers of at least 0, one for"):
        language_model().init_bias_from_counts(counts)


def test_a_mask_keeps_the_states_of_each_rows_last_word():
    model = language_model()
    lengths = np.array([9, 4, 1])
    _, states = model.read(IDS, model.zero_states(3), mask=np.arange(9) < lengths[:, None])
    for row, length in enumerate(lengths):
        _, alone = model.read(IDS[row : row + 1, :length], model.zero_states(1))
        for ours, theirs in zip(states, alone, strict=True):
            np.testing.assert_allclose(ours[row], theirs[0], atol=1e-6)


@pytest.mark.parametrize("dropout", DROPOUTS)
def test_each_dropout_acts_in_training_alone(dropout):
    model, plain = language_model(**{dropout: 0.5}), language_model()
    np.testing.assert_allclose(model(IDS), plain(IDS), atol=1e-6)
    assert not np.allclose(model(IDS, training=True), model(IDS))


def test_a_dropped_word_is_dropped_wherever_it_stands():
    model = language_model(word_dropout=0.5)
    vectors = np.abs(model._vectors(np.arange(V)[None].repeat(2, 0), True)).sum(-1)
    dropped = vectors == 0
    assert dropped.any() and not dropped.all()
    np.testing.assert_array_equal(dropped[0], dropped[1])


def test_the_same_seed_gives_the_same_weights_and_masks():
    first, second = (language_model(**dict.fromkeys(DROPOUTS, 0.3)) for _ in range(2))
    for _ in range(2):
        answers = [model(IDS, training=True) for model in (first, second)]
        np.testing.assert_allclose(*answers, atol=1e-6)


@CELLS
def test_it_saves_and_loads(cell, tmp_path):
    dropouts = dict.fromkeys(DROPOUTS, 0.3)
    if not has_recurrent_kernel(cell):
        dropouts["weight_drop"] = 0
    model = language_model(cell=cell, embedding=4, **dropouts)
    model.save(tmp_path / "m.keras")
    again = keras.models.load_model(tmp_path / "m.keras")
    np.testing.assert_allclose(again(IDS), model(IDS), atol=1e-6)
    assert again.get_config() == model.get_config()


def test_weights_of_a_cell_that_multiplies_no_state_cannot_be_dropped():
    with pytest.raises(ValueError, match="`layer` must be a recurrent layer .* recurrent kernel"):
        language_model(cell="min-gru", weight_drop=0.5)


@pytest.mark.parametrize("name", ["units", "layers", "embedding"])
def test_a_wrong_size_is_named(name):
    with pytest.raises(ValueError, match=f"^`{name}` must be a positive integer, got 0\\.$"):
        language_model(**{name: 0})


@pytest.mark.parametrize("name", DROPOUTS)
def test_a_wrong_dropout_is_named(name):
    with pytest.raises(ValueError, match=f"^`{name}` must be a number from 0 to 1, got 2\\.$"):
        language_model(**{name: 2})
