"""A model with our layers converts to ONNX and LiteRT wherever one with Keras's does."""

import subprocess
import sys
from itertools import product

import keras
import numpy as np
import pytest

from nlpkit.layers import GRU, LSTM
from nlpkit.testing import Tolerance, assert_close

tf = pytest.importorskip("tensorflow")

BATCH, TIME, FEATURES, UNITS = 1, 10, 3, 4

# Another runtime sums in another order, and onnxruntime has a sigmoid of its own.
CONVERTED = Tolerance(1e-5, 1.0)

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        keras.backend.backend() != "tensorflow", reason="converters take TensorFlow's graphs"
    ),
    # The converters and Keras's calls of them, not ours.
    pytest.mark.filterwarnings("ignore"),
]


def model_of(kind, **arguments):
    """A small model of an LSTM and a GRU, plain, masked or in both directions."""
    keras.utils.set_random_seed(0)
    inputs = keras.Input(batch_shape=(BATCH, TIME, FEATURES))
    x = keras.layers.Masking()(inputs) if kind == "masked" else inputs
    around = keras.layers.Bidirectional if kind == "bidirectional" else lambda layer: layer
    x = around(LSTM(UNITS, return_sequences=True, **arguments))(x)
    x = around(GRU(UNITS, **arguments))(x)
    return keras.Model(inputs, keras.layers.Dense(2)(x))


def data():
    """A sequence with padding and a hole."""
    sequences = np.random.default_rng(0).normal(size=(BATCH, TIME, FEATURES)).astype("float32")
    sequences[:, 3] = sequences[:, -2:] = 0
    return sequences


def by_onnxruntime(path):
    runtime = pytest.importorskip("onnxruntime")
    session = runtime.InferenceSession(path, providers=["CPUExecutionProvider"])
    return session.run(None, {session.get_inputs()[0].name: data()})[0]


def onnx_export(model, folder):
    pytest.importorskip("tf2onnx")
    model.export(folder / "m.onnx", format="onnx", verbose=False)
    return by_onnxruntime(folder / "m.onnx")


def tf2onnx_function(model, folder):
    tf2onnx = pytest.importorskip("tf2onnx")
    signature = [tf.TensorSpec((BATCH, TIME, FEATURES), name="x")]
    path = str(folder / "m.onnx")
    tf2onnx.convert.from_function(tf.function(model), signature, output_path=path)
    return by_onnxruntime(path)


def litert(model, folder):
    content = tf.lite.TFLiteConverter.from_keras_model(model).convert()
    interpreter = tf.lite.Interpreter(model_content=content)
    interpreter.allocate_tensors()
    names = {op["op_name"] for op in interpreter._get_ops_details()}
    assert not any(name.startswith("Flex") for name in names)
    interpreter.set_tensor(interpreter.get_input_details()[0]["index"], data())
    interpreter.invoke()
    return interpreter.get_tensor(interpreter.get_output_details()[0]["index"])


WAYS = {way.__name__: way for way in (onnx_export, tf2onnx_function, litert)}


# The two ways to ONNX share a converter, so one of them takes the hardest kind alone.
@pytest.mark.parametrize(
    ("way", "kind"),
    [
        *product(("onnx_export", "litert"), ("plain", "masked", "bidirectional")),
        ("tf2onnx_function", "masked"),
    ],
)
def test_a_converted_model_gives_the_same_numbers(way, kind, tmp_path):
    model = model_of(kind)
    expected = model.predict(data(), verbose=0)
    assert_close(WAYS[way](model, tmp_path), expected, CONVERTED)


def test_a_saved_model_without_a_branch_by_device_converts(tmp_path):
    pytest.importorskip("tf2onnx")
    model = model_of("masked", use_cudnn=False)
    model.export(tmp_path / "saved", verbose=False)
    paths = ["--saved-model", tmp_path / "saved", "--output", tmp_path / "m.onnx"]
    subprocess.run([sys.executable, "-m", "tf2onnx.convert", *paths], check=True)
    assert_close(by_onnxruntime(tmp_path / "m.onnx"), model.predict(data(), verbose=0), CONVERTED)
