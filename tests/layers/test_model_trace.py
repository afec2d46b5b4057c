"""The trace of a model is that of each of its layers, on what reaches it there."""

import keras
import numpy as np
import pytest
from keras import ops

import nlpkit
from nlpkit.errors import InputError
from nlpkit.layers import GRU, LSTM, SimpleRNN, WeightDrop
from nlpkit.testing import VALUES, assert_close

BATCH, TIME, FEATURES, UNITS = 3, 5, 4, 6


def sequences():
    return np.random.default_rng(0).normal(size=(BATCH, TIME, FEATURES)).astype("float32")


def numpy(tensor):
    return ops.convert_to_numpy(tensor)


def ids():
    return np.array([[1, 2, 3, 0, 0], [4, 0, 5, 6, 0], [0, 0, 0, 0, 0]])


def tagger():
    """Both directions, then one, over ids of which 0 is padding."""
    return keras.Sequential(
        [
            keras.Input((None,), dtype="int32"),
            keras.layers.Embedding(7, FEATURES, mask_zero=True),
            keras.layers.Bidirectional(LSTM(UNITS, return_sequences=True, name="lstm"), name="two"),
            GRU(UNITS, name="gru"),
        ]
    )


def test_a_model_is_traced_layer_by_layer_as_if_each_was_called_by_hand():
    model, mask = tagger(), ids() != 0
    embedding, both, gru = model.layers
    traces = nlpkit.trace(model, ids())
    x = embedding(ids())
    by_hand = {
        "two/forward_lstm": both.forward_layer.trace(x, mask=mask),
        "two/backward_lstm": both.backward_layer.trace(x, mask=mask),
        "gru": gru.trace(both(x, mask=mask), mask=mask),
    }
    assert list(traces) == list(by_hand)
    for path, expected in by_hand.items():
        assert list(traces[path]) == list(expected)
        for name, array in expected.items():
            # Of another kernel: while a trace is taken, every state of every step is wanted.
            np.testing.assert_allclose(traces[path][name], array, 1e-5, 1e-6, err_msg=path + name)
    np.testing.assert_array_equal(np.isnan(traces["gru"]["z"][..., 0]), ~mask)


def test_both_directions_are_in_the_order_of_the_inputs():
    both = keras.layers.Bidirectional(LSTM(UNITS, return_sequences=True, name="lstm"))
    outputs = numpy(both(sequences()))
    traces = nlpkit.trace(both, sequences())
    h = [traces[name]["h"] for name in ("forward_lstm", "backward_lstm")]
    assert_close(np.concatenate(h, axis=2), outputs, VALUES["float32"])


def test_states_that_one_layer_hands_to_another_are_in_the_trace():
    inputs = keras.Input((TIME, FEATURES))
    _, *states = LSTM(UNITS, return_state=True, name="encoder")(inputs)
    outputs = LSTM(UNITS, return_sequences=True, name="decoder")(inputs, initial_state=states)
    model = keras.Model(inputs, outputs)
    traces = nlpkit.trace(model, sequences())
    assert_close(traces["decoder"]["h"], numpy(model(sequences())), VALUES["float32"])


class Shared(keras.Model):
    """One layer twice, another in a wrapper in a nested model; built by its first call."""

    def __init__(self):
        super().__init__()
        self.shared = SimpleRNN(FEATURES, return_sequences=True, name="shared")
        self.inner = keras.Sequential([WeightDrop(LSTM(3, name="lstm"), name="drop")], name="inner")

    def call(self, inputs):
        return self.inner(self.shared(self.shared(inputs)))


def test_nested_wrapped_and_shared_layers_are_told_apart():
    model = Shared()
    traces = nlpkit.trace(model, sequences())
    assert list(traces) == ["shared", "shared:2", "inner/drop/lstm"]
    second = model.shared.trace(traces["shared"]["h"])
    assert_close(traces["shared:2"]["h"], second["h"], VALUES["float32"])
    last = traces["inner/drop/lstm"]["h"][:, -1]
    assert_close(last, numpy(model(sequences())), VALUES["float32"])


def test_a_model_keeps_the_states_of_its_stateful_layers():
    model = keras.Sequential(
        [
            keras.Input((TIME, FEATURES), batch_size=BATCH),
            GRU(UNITS, stateful=True, return_sequences=True, num_layers=2),
            GRU(UNITS, stateful=True),
        ]
    )
    model(sequences())
    kept = [numpy(weight) for weight in model.non_trainable_variables]
    nlpkit.trace(model, sequences())
    for weight, before in zip(model.non_trainable_variables, kept, strict=True):
        np.testing.assert_array_equal(numpy(weight), before)


class Remembers(keras.Model):
    """A stateful layer in a model that is built by its first call."""

    def __init__(self):
        super().__init__()
        self.inner = LSTM(UNITS, stateful=True, name="inner")

    def call(self, inputs):
        return self.inner(inputs)


def test_a_model_that_is_built_for_the_trace_has_seen_nothing():
    model = Remembers()
    traces = nlpkit.trace(model, sequences())
    assert list(traces) == ["inner"]
    for state in model.inner.states:
        assert not numpy(state).any()
    assert_close(traces["inner"]["h"][:, -1], numpy(model(sequences())), VALUES["float32"])


def sentences(count):
    """A model with a layer over each of so many sentences."""
    words = keras.Input((count, TIME, FEATURES))
    each = keras.layers.TimeDistributed(LSTM(UNITS, name="lstm"), name="each")
    return keras.Model(words, each(words))


def test_a_layer_over_several_sentences_is_called_for_each():
    traces = nlpkit.trace(sentences(2), np.stack([sequences(), 2 * sequences()], axis=1))
    assert list(traces) == ["each/lstm", "each/lstm:2"]


def test_a_model_without_a_layer_of_ours_is_told_so():
    model = keras.Sequential([keras.Input((TIME, FEATURES)), keras.layers.GRU(3, name="theirs")])
    sentence = (
        r"^`model` must have recurrent layers of nlpkit\.layers, "
        r"but has those of keras\.layers alone: 'theirs'\.$"
    )
    with pytest.raises(InputError, match=sentence):
        nlpkit.trace(model, sequences())
    with pytest.raises(InputError, match=r"of nlpkit\.layers, but has none\.$"):
        nlpkit.trace(keras.layers.Dense(3), sequences())


def test_what_is_no_model_is_told_so():
    with pytest.raises(InputError, match=r"^`model` must be a Keras model or layer, got a dict\.$"):
        nlpkit.trace({}, sequences())


class InAGraph(keras.layers.Layer):
    """A layer that the backend maps over the rows, where there are no values."""

    def __init__(self):
        super().__init__()
        self.lstm = LSTM(UNITS, name="lstm", unroll=True)

    def call(self, inputs):
        return ops.vectorized_map(lambda row: self.lstm(row[None])[0], inputs)


def test_a_layer_that_runs_in_a_graph_alone_is_named():
    layer = InAGraph()
    layer.lstm.build((None, TIME, FEATURES))
    sentence = (
        r"^`model` must call its recurrent layers on values, but calls 'lstm' within a graph "
        r"alone: trace the layer itself by `layer\.trace`\.$"
    )
    with pytest.raises(InputError, match=sentence):
        nlpkit.trace(layer, sequences())
