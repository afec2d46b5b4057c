"""The classifier: every cell, any depth, saved and loaded, seeded, indifferent to padding."""

import keras
import numpy as np
import pytest
from keras import ops

from nlpkit.errors import InputError
from nlpkit.models import MaxMeanPooling, classifier
from nlpkit.testing import VALUES, assert_close
from tests.models.cells import CELLS

SIZES = {"vocabulary": 30, "classes": 3, "pieces": 4, "units": 5, "embedding": 6}
DEPTHS = [1, 2]


def draw_ids(tokens=6):
    """Ids of four texts, the last one empty."""
    ids = np.random.default_rng(0).integers(1, SIZES["vocabulary"], size=(4, tokens, 4))
    ids[1, 3:] = ids[2, 1:] = ids[3] = 0
    ids[:, 1, 2:] = 0
    return ids.astype("int32")


def answers(model, ids):
    return ops.convert_to_numpy(model(ids, training=False))


@pytest.fixture(params=[(cell, depth) for cell in CELLS for depth in DEPTHS], ids=str)
def model(request):
    cell, depth = request.param
    return classifier(**SIZES, cell=cell, layers=depth, seed=1)


def test_it_is_what_the_drawing_says(model):
    kinds = [type(layer) for layer in model.layers]
    assert kinds.count(keras.layers.Bidirectional) in DEPTHS
    assert kinds[-3:] == [MaxMeanPooling, keras.layers.Dropout, keras.layers.Dense]
    assert model.input_shape == (None, None, 4) and model.output_shape == (None, 3)


def test_each_layer_is_used_and_every_text_has_finite_logits(model):
    before = answers(model, draw_ids())
    assert np.isfinite(before).all() and before.shape == (4, 3)
    for weight in model.trainable_weights:
        kept = ops.convert_to_numpy(weight)
        weight.assign(kept + np.random.default_rng(0).normal(size=kept.shape))
        assert not np.allclose(answers(model, draw_ids()), before), weight.path
        weight.assign(kept)


def test_padding_does_not_change_the_logits(model):
    ids = draw_ids()
    for more in (1, 8):
        padded = np.pad(ids, [(0, 0), (0, more), (0, 0)])
        assert_close(answers(model, padded), answers(model, ids), VALUES["float32"])


def test_a_text_alone_has_the_logits_it_has_in_a_batch(model):
    ids = draw_ids()
    alone = np.concatenate([answers(model, ids[row : row + 1]) for row in range(len(ids))])
    assert_close(alone, answers(model, ids), VALUES["float32"])


def test_it_survives_a_keras_file(model, tmp_path):
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    assert_close(answers(loaded, draw_ids()), answers(model, draw_ids()), VALUES["float32"])


def test_ids_for_other_parts_are_not_read():
    with pytest.raises(InputError, match=r"^`extra_ids` must be a positive integer, got -1\.$"):
        classifier(**SIZES, extra_ids=-1)
    model = classifier(**SIZES, extra_ids=2, seed=1)
    ids = draw_ids()
    more = np.concatenate([ids, np.full((*ids.shape[:2], 2), 10_000, "int32")], axis=2)
    expected = answers(classifier(**SIZES, seed=1), ids)
    assert model.input_shape == (None, None, 6)
    assert_close(answers(model, more), expected, VALUES["float32"])


@pytest.mark.parametrize("cell", CELLS)
def test_a_seed_gives_the_same_weights_and_dropouts(cell):
    ids = draw_ids()
    results = []
    for seed in (7, 7, 8):
        model = classifier(**SIZES, cell=cell, seed=seed)
        results.append([*model.get_weights(), ops.convert_to_numpy(model(ids, training=True))])
    for one, again in zip(results[0], results[1], strict=True):
        assert_close(one, again, VALUES["float32"])
    assert not all(np.allclose(a, b) for a, b in zip(results[0], results[2], strict=True))


def test_without_a_seed_weights_differ():
    one, other = (classifier(**SIZES).get_weights() for _ in range(2))
    assert not np.array_equal(one[0], other[0])


def test_dropouts_are_where_they_are_said_to_be():
    rates = {"piece_dropout": 0.1, "embedding_dropout": 0.2, "dropout": 0.3}
    layers = classifier(**SIZES, layers=2, **rates).layers
    kinds = [keras.layers.SpatialDropout1D, keras.layers.Dropout, keras.layers.Dropout]
    dropouts = [layer for layer in layers if isinstance(layer, keras.layers.Dropout)]
    assert [type(layer) for layer in dropouts] == kinds
    assert [layer.rate for layer in dropouts] == [0.2, 0.3, 0.3]
    assert layers[1].piece_dropout == 0.1


@pytest.mark.parametrize(
    "name", ["vocabulary", "classes", "pieces", "units", "layers", "embedding"]
)
def test_sizes_are_positive(name):
    with pytest.raises(InputError, match=r"^`\w+` must be a positive integer, got 0\.$"):
        classifier(**{**SIZES, name: 0})


@pytest.mark.parametrize("name", ["piece_dropout", "embedding_dropout", "dropout"])
def test_dropouts_are_fractions(name):
    with pytest.raises(InputError, match=rf"^`{name}` must be a number from 0 to 1, got -0\.5\.$"):
        classifier(**SIZES, **{name: -0.5})


def test_an_unknown_cell_is_named():
    with pytest.raises(InputError, match=r"^`cell` must be one of 'simple-rnn', .+ got 'elman'\.$"):
        classifier(**SIZES, cell="elman")
