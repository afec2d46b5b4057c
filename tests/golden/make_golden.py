"""Writes the golden files of a version: small models as it saves them, and what they answer.

    python tests/golden/make_golden.py VERSION

makes tests/golden/VERSION/, with NAME.keras and NAME.npz for each of `MODELS`. In the .npz are
inputs, the outputs that go with them, the names and shapes of the weights, and the versions that
made it all. tests/test_golden.py holds every version after that to these files: it must load the
model and give the same outputs. So they are made once, when a version is released, and never
again; VERSION must be that of the nlpkit that is imported, and its folder must not be there yet.

Weights and inputs are drawn by NumPy from one seed. What is made again with the same versions
differs in the date that Keras writes into a .keras file and, on another processor, in the last
digits of the outputs.
"""

import argparse
import importlib.metadata
import json
import platform
from pathlib import Path

import keras
import numpy as np

import nlpkit
from nlpkit import layers, models

HERE = Path(__file__).parent
SEED = 0
# Two batches, one after the other, so that a layer that keeps its states shows it.
CALLS, ROWS, TIME, FEATURES, UNITS = 2, 3, 6, 3, 4


def main() -> None:
    """Makes the folder of the version that the command line names."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("version", metavar="VERSION", help="that of the nlpkit that is imported")
    version = parser.parse_args().version
    if version != nlpkit.__version__:
        parser.error(f"this is nlpkit {nlpkit.__version__}, from {nlpkit.__file__}")
    folder = HERE / version
    if folder.exists():
        parser.error(f"{folder} is there already, and golden files are never made again")
    folder.mkdir()
    for name in MODELS:
        write(name, folder)


def write(name: str, folder: Path) -> None:
    """Writes one model, and what it answers from then on."""
    keras.utils.clear_session()
    rng = np.random.default_rng(SEED)
    model, inputs = MODELS[name](rng)
    for weight in model.trainable_weights:
        weight.assign(rng.normal(scale=0.5, size=weight.shape))
    model.save(folder / f"{name}.keras")
    answers = zip(*(listed(model(batch)) for batch in inputs), strict=True)
    np.savez_compressed(
        folder / f"{name}.npz",
        inputs=inputs,
        **{f"output_{number}": np.stack(calls) for number, calls in enumerate(answers)},
        weights=json.dumps(described(model)),
        made_with=json.dumps(versions()),
    )


def listed(outputs) -> list[np.ndarray]:
    """The outputs of a model, be they one or several."""
    return [keras.ops.convert_to_numpy(output) for output in keras.tree.flatten(outputs)]


def described(model: keras.Model) -> list[list]:
    """The layer, the name and the shape of each weight, in order."""
    # What stands before the layer in a weight's path, Keras changes when it loads a model.
    return [[*weight.path.split("/")[-2:], list(weight.shape)] for weight in model.weights]


def versions() -> dict[str, str]:
    """What made the files."""
    backend = keras.backend.backend()
    return {
        "python": platform.python_version(),
        "nlpkit": nlpkit.__version__,
        "keras": keras.__version__,
        backend: importlib.metadata.version(backend),
    }


def sequences(rng) -> np.ndarray:
    """Batches of vectors, the last steps of some rows zero: padding, where a layer masks it."""
    drawn = rng.normal(size=(CALLS, ROWS, TIME, FEATURES)).astype("float32")
    drawn[:, 1, 4:] = drawn[:, 2, 2:] = 0
    return drawn


def stacked(*stack) -> keras.Model:
    """Layers one after the other, from vectors."""
    return keras.Sequential([keras.Input((None, FEATURES)), *stack])


def lstm(rng):
    """The layer with the defaults."""
    return stacked(layers.LSTM(UNITS)), sequences(rng)


def lstm_unusual(rng):
    """The layer with other activations, which leave the loop to Keras, and a mask."""
    layer = layers.LSTM(
        UNITS,
        activation="relu",
        recurrent_activation="hard_sigmoid",
        dropout=0.25,
        recurrent_dropout=0.5,
        seed=3,
        return_sequences=True,
        go_backwards=True,
        use_cudnn=False,
        implementation=1,
        zero_output_for_mask=True,
    )
    return stacked(keras.layers.Masking(), layer), sequences(rng)


def lstm_backwards(rng):
    """The layer with the usual activations and other arguments beside them, and a mask."""
    layer = layers.LSTM(
        UNITS,
        use_bias=False,
        dropout=0.25,
        seed=3,
        return_sequences=True,
        go_backwards=True,
        zero_output_for_mask=True,
    )
    return stacked(keras.layers.Masking(), layer), sequences(rng)


def lstm_stateful(rng):
    """The layer that goes on from batch to batch, from zero states, which no file holds."""
    inputs = keras.Input(batch_shape=(ROWS, TIME, FEATURES))
    layer = layers.LSTM(UNITS, stateful=True, return_sequences=True)
    return keras.Sequential([inputs, layer]), sequences(rng)


def bidirectional(rng):
    """Both directions, side by side."""
    layer = layers.LSTM(UNITS, return_sequences=True)
    return stacked(keras.layers.Bidirectional(layer)), sequences(rng)


def rnn_of_cell(rng):
    """Keras's loop around the cell."""
    return stacked(keras.layers.RNN(layers.LSTMCell(UNITS))), sequences(rng)


def rnn_of_stacked_cells(rng):
    """Keras's loop around two cells at once."""
    cells = [layers.LSTMCell(5), layers.LSTMCell(UNITS)]
    return stacked(keras.layers.RNN(keras.layers.StackedRNNCells(cells))), sequences(rng)


def weight_drop(rng):
    """The layer in its wrapper."""
    layer = layers.LSTM(UNITS, return_sequences=True)
    return stacked(layers.WeightDrop(layer, 0.5, seed=2)), sequences(rng)


def masked_embedding(rng):
    """Ids, of which 0 is padding, through two layers to the last output and the states."""
    ids = keras.Input((None,), dtype="int32")
    h = keras.layers.Embedding(9, FEATURES, mask_zero=True)(ids)
    h = layers.LSTM(UNITS, return_sequences=True)(h)
    model = keras.Model(ids, layers.LSTM(UNITS, return_state=True)(h))
    return model, padded(rng.integers(1, 9, size=(CALLS, ROWS, TIME)))


def classifier(rng):
    """The classifier and its calibration, as `nlpkit sentiment` saves it."""
    sizes = {"vocabulary": 20, "classes": 3, "pieces": 2, "units": UNITS, "embedding": 5}
    model = models.calibrated(models.classifier(**sizes, seed=1), 1.5)
    ids = padded(rng.integers(1, 20, size=(CALLS, ROWS, TIME, 2)))
    ids[:, :, 0, 1] = 0  # a token of one piece
    return model, ids


def language_model(rng):
    """The language model with all of its dropouts."""
    names = ("word_dropout", "input_dropout", "hidden_dropout", "output_dropout", "weight_drop")
    sizes = {"units": UNITS, "layers": 2, "embedding": 5}
    model = models.LanguageModel(12, cell="lstm", **sizes, **dict.fromkeys(names, 0.25), seed=1)
    return model, rng.integers(12, size=(CALLS, ROWS, TIME)).astype("int32")


def padded(ids) -> np.ndarray:
    """Ids with zeros at the end of some rows, and in the midst of one."""
    ids[:, 1, 4:] = ids[:, 2, 2:] = ids[:, 0, 1] = 0
    return ids.astype("int32")


MODELS = {
    make.__name__: make
    for make in (
        lstm,
        lstm_unusual,
        lstm_backwards,
        lstm_stateful,
        bidirectional,
        rnn_of_cell,
        rnn_of_stacked_cells,
        weight_drop,
        masked_embedding,
        classifier,
        language_model,
    )
}

if __name__ == "__main__":
    main()
