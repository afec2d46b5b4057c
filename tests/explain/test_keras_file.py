"""A `.keras` file from a stranger: read without running anything in it, or refused."""

import json
import zipfile

import keras
import numpy as np
import pytest

from nlpkit.explain.keras_file import read_keras


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """A small model's file."""
    path = tmp_path_factory.mktemp("keras") / "model.keras"
    keras.Sequential([keras.Input([3]), keras.layers.Dense(2)]).save(path)
    return path


def members(path):
    """The contents of a `.keras` file by name."""
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(folder, files, packing=zipfile.ZIP_STORED):
    """A `.keras` file with these contents."""
    path = folder / "model.keras"
    with zipfile.ZipFile(path, "w", packing) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return path


def hostile_layer(**fields):
    """A change of config.json: the last layer becomes another."""

    def change(files):
        config = json.loads(files["config.json"])
        config["config"]["layers"][-1] |= fields
        return {**files, "config.json": json.dumps(config)}

    return change


CODE = {
    "class_name": "__lambda__",
    "config": {"value": {"code": "4wA=", "defaults": None, "closure": None}},
}
LAMBDA = hostile_layer(
    module="keras.layers", class_name="Lambda", registered_name=None,
    config={"name": "x", "function": CODE, "arguments": {}},
)  # fmt: skip
HOSTILE = {
    "a Lambda": (LAMBDA, "lambda|Lambda|unsafe"),
    "a function of os": (
        hostile_layer(
            module="keras.layers", class_name="Dense", registered_name=None,
            config={"units": 2, "activation": {"class_name": "function", "module": "os",
                                               "config": "system", "registered_name": "system"}},
        ),
        "Could not",
    ),
    "a class of another module": (
        hostile_layer(module="subprocess", class_name="Popen", registered_name="Popen"),
        "Could not",
    ),
    "a function that is no model's": (
        hostile_layer(module="keras.utils", class_name="get_file", registered_name=None),
        "from_config|modeling|Could not",
    ),
    "a SavedModel": (
        hostile_layer(module="keras.layers", class_name="TFSMLayer", registered_name=None,
                      config={"filepath": "/tmp/x", "call_endpoint": "serve"}),
        "TFSMLayer|unsafe|safe",
    ),
    "no model": (
        lambda files: {**files, "config.json": json.dumps(
            json.loads(files["config.json"])["config"]["layers"][-1])},
        "could not be loaded|which is no model",
    ),
    "a path out of it": (lambda files: {**files, "../x": b""}, "'../x', which is no part"),
    "assets": (lambda files: {**files, "assets/x": b""}, "'assets/x', which is no part"),
    "a long config": (
        lambda files: {**files, "config.json": b" " * (1 << 24) + b"{}"}, "16,777,218 bytes once"
    ),
    "a deep config": (lambda files: {**files, "config.json": b"[" * 100_000}, "recursion"),
}  # fmt: skip


@pytest.mark.parametrize("case", HOSTILE)
def test_what_may_not_be_trusted_is_refused(saved, tmp_path, case):
    change, message = HOSTILE[case]
    with pytest.raises(Exception, match=message):
        read_keras(packed(tmp_path, change(members(saved))))


def test_a_bomb_is_refused(saved, tmp_path):
    files = {**members(saved), "model.weights.h5": bytes(1 << 27)}
    with pytest.raises(ValueError, match="model.weights.h5 has 134,217,728 bytes once unpacked"):
        read_keras(packed(tmp_path, files, zipfile.ZIP_DEFLATED))


def test_a_model_that_was_compressed_again_is_read(saved, tmp_path):
    model = read_keras(packed(tmp_path, members(saved), zipfile.ZIP_DEFLATED))
    np.testing.assert_array_equal(model.get_weights()[0], read_keras(saved).get_weights()[0])


def test_code_is_run_with_trust_alone(tmp_path):
    layer = keras.layers.Lambda(lambda x: x * 2, output_shape=(3,))
    path = tmp_path / "model.keras"
    keras.Sequential([keras.Input([3]), layer]).save(path)
    with pytest.raises(ValueError, match="lambda|Lambda"):
        read_keras(path)
    assert read_keras(path, trust=True)(np.ones([1, 3])).numpy().tolist() == [[2, 2, 2]]


def test_what_is_no_archive_is_refused(tmp_path):
    path = tmp_path / "model.keras"
    path.write_bytes(b"no")
    with pytest.raises(zipfile.BadZipFile):
        read_keras(path)
