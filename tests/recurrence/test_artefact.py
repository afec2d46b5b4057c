"""What of the recurrence is in an artefact, however it is written and whatever was run before."""

import json
import re
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf

from nlpkit.export.plain_tensorflow import graph
from nlpkit.layers import GRU, LSTM, SimpleRNN
from nlpkit.testing import VALUES, assert_close, draw_mask

BATCH, TIME = 5, 7

FRESH = """
import json, sys
import numpy as np
import tensorflow as tf

def by_session(folder, arguments):
    with tf.Graph().as_default(), tf.compat.v1.Session() as session:
        meta = tf.compat.v1.saved_model.loader.load(session, ["serve"], folder)
        definition = meta.signature_def["serving_default"]
        feed = {definition.inputs[name].name: array for name, array in arguments.items()}
        return session.run([tensor.name for tensor in definition.outputs.values()], feed)

def answers(folder, arrays):
    loaded = tf.saved_model.load(folder)
    signature = loaded.signatures["serving_default"]
    names = sorted(signature.structured_input_signature[1])
    arguments = dict(zip(names, arrays, strict=True))
    tensors = {name: tf.constant(array) for name, array in arguments.items()}
    jitted = tf.function(lambda: signature(**tensors), jit_compile=True)
    results = {"loaded": signature(**tensors).values(), "jitted": jitted().values()}
    if folder == sys.argv[1].split(",")[0]:
        results["session"] = by_session(folder, arguments)
    return {way: np.asarray(*outputs).tolist() for way, outputs in results.items()}

inputs = [np.load(path) for path in sys.argv[2:]]
assert "nlpkit" not in sys.modules
print(json.dumps({folder: answers(folder, inputs) for folder in sys.argv[1].split(",")}))
"""


def inputs():
    """Sequences and a mask with holes."""
    rng = np.random.default_rng(0)
    sequences = rng.normal(size=(BATCH, TIME, 2)).astype("float32")
    return [sequences, draw_mask("holes", BATCH, TIME)]


@pytest.fixture(scope="module")
def model():
    """A model that was called, asked for predictions and fitted."""
    keras.utils.set_random_seed(0)
    sequences, mask = keras.Input([None, 2], name="a"), keras.Input([None], name="b", dtype="bool")
    x = LSTM(3, return_sequences=True)(sequences, mask=mask)
    x = GRU(3, return_sequences=True)(x, mask=mask)
    model = keras.Model([sequences, mask], SimpleRNN(2, go_backwards=True)(x, mask=mask))
    model.compile("sgd", "mse")
    model(inputs())
    model.predict(inputs(), verbose=0)
    model.fit(inputs(), np.ones([BATCH, 2]), verbose=0)
    return model


def by_export(model, folder):
    model.export(folder, verbose=False)


def by_save(model, folder):
    tf.saved_model.save(model, folder)


WAYS = {function.__name__: function for function in (by_export, by_save)}
way = pytest.mark.parametrize("way", WAYS)

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def artefacts(model, tmp_path_factory):
    """The folder of an artefact for each way to write one."""
    folders = {name: str(tmp_path_factory.mktemp(name)) for name in WAYS}
    for name, write in WAYS.items():
        write(model, folders[name])
    return folders


@pytest.fixture(scope="module")
def graphs(artefacts):
    return {name: graph.read(Path(folder)) for name, folder in artefacts.items()}


@way
def test_nothing_needs_xla(graphs, way):
    assert graph.CHECKS["xla"](graphs[way]) == (True, "No function needs XLA.")
    library = graphs[way].graph_def.library.function
    marked = [function.attr for function in library]
    marked += [node.attr for function in library for node in function.node_def]
    assert not any("_XlaMustCompile" in attr and attr["_XlaMustCompile"].b for attr in marked)


@way
def test_no_op_is_ours(graphs, way):
    definition = graphs[way].graph_def
    bodies = [definition.node, *(function.node_def for function in definition.library.function)]
    assert not any(node.op.startswith("Nlpkit") for body in bodies for node in body)


@way
def test_cudnn_is_in_the_branch_for_gpus_only(graphs, way):
    passed, message = graph.CHECKS["devices"](graphs[way])
    assert passed
    assert re.search(
        r"on a CPU, TensorFlow ops; on a GPU, TensorFlow ops and cuDNN \(.*CudnnRNNV3\); "
        r"elsewhere and under XLA, TensorFlow ops\.$",
        message,
    )


@way
def test_the_branch_is_chosen_when_the_graph_runs(graphs, way):
    bodies = [f.node_def for f in graphs[way].graph_def.library.function]
    indices = [node for body in bodies for node in body if node.op == "DeviceIndex"]
    cases = [node for body in bodies for node in body if node.op in ("Case", "StatelessCase")]
    assert len(indices) == len(cases) >= 2
    for index, case in zip(indices, cases, strict=True):
        assert index.attr["device_names"].list.s == [b"CPU", b"GPU"]
        assert not case.attr["_lower_using_switch_merge"].b


def test_a_process_with_tensorflow_alone_gives_the_same_numbers_every_way(
    model, artefacts, tmp_path
):
    paths = [str(tmp_path / f"{k}.npy") for k in range(2)]
    for path, array in zip(paths, inputs(), strict=True):
        np.save(path, array)
    command = [sys.executable, "-c", FRESH, ",".join(artefacts.values()), *paths]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    expected = model.predict(inputs(), verbose=0)
    answers = json.loads(done.stdout)
    # Keras's own layers find no variables in a session either if tf.saved_model.save wrote them.
    assert "session" in answers[artefacts["by_export"]]
    for folder, results in answers.items():
        for how, got in results.items():
            assert_close(got, expected, VALUES["float32"], f"{folder}, {how}")


def test_a_save_without_gradients_holds_none_and_loads_without_a_remark(tmp_path, caplog):
    layer = LSTM(4, return_sequences=True)
    sequences = tf.constant(inputs()[0])
    expected = layer(sequences)
    module = tf.Module()
    module.layer = layer
    module.run = tf.function(
        layer, input_signature=[tf.TensorSpec([None, None, 2])], autograph=False
    )
    options = tf.saved_model.SaveOptions(experimental_custom_gradients=False)
    tf.saved_model.save(module, str(tmp_path), options=options)
    written = (tmp_path / "saved_model.pb").read_bytes()
    assert b"_gradient_op_type" not in written
    caplog.clear()
    loaded = tf.saved_model.load(str(tmp_path))
    assert not [record for record in caplog.records if "gradient" in record.getMessage()]
    with tf.GradientTape() as tape:
        tape.watch(sequences)
        outputs = loaded.run(sequences)
    assert tape.gradient(outputs, sequences) is None
    assert_close(outputs, expected, VALUES["float32"])
