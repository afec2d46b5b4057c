"""After any import of nlpkit Keras can load every class of nlpkit that a file may name."""

import re
import subprocess
import sys
from pathlib import Path

import keras
import pytest

import nlpkit
from nlpkit.optimizers import LazyAdam

REGISTERED = re.compile(
    r"""^@keras\.saving\.register_keras_serializable\(package="nlpkit"(?:, name="(\w+)")?\)\n"""
    r"(?:@.*\n)*class (\w+)",
    re.M,
)
FOLDER = Path(nlpkit.__file__).parent
NAMES = {
    f"nlpkit>{name or class_name}"
    for pattern in ("layers/**/*.py", "models/**/*.py", "optimizers.py")
    for path in FOLDER.glob(pattern)
    for name, class_name in REGISTERED.findall(path.read_text(encoding="utf-8"))
}


@pytest.mark.parametrize(
    "imports",
    [
        "import nlpkit, keras",
        "import keras, nlpkit",
        "import nlpkit.cells",
        "import nlpkit.layers",
        "import nlpkit.models",
        "import nlpkit.export.language",
    ],
)
def test_whatever_is_imported_first_every_class_is_found(imports):
    code = f"{imports}\nimport keras\nprint(*keras.saving.get_custom_objects())"
    child = subprocess.run([sys.executable, "-c", code], capture_output=True, encoding="utf-8")
    assert NAMES <= set(child.stdout.split()), child.stderr


def test_a_model_that_was_compiled_with_lazy_adam_loads(tmp_path):
    model = keras.Sequential([keras.Input([2]), keras.layers.Dense(1)])
    model.compile(LazyAdam(0.5), "mse")
    model.save(tmp_path / "model.keras")
    code = (
        "import nlpkit, keras, sys\n"
        "print(type(keras.saving.load_model(sys.argv[1]).optimizer).__name__)"
    )
    arguments = [sys.executable, "-c", code, tmp_path / "model.keras"]
    child = subprocess.run(arguments, capture_output=True, encoding="utf-8")
    assert child.stdout == "LazyAdam\n", child.stderr


def test_importing_nlpkit_imports_no_keras():
    code = "import nlpkit, sys; print({'keras', 'tensorflow', 'jax'} & set(sys.modules))"
    child = subprocess.run([sys.executable, "-c", code], capture_output=True, encoding="utf-8")
    assert child.stdout == "set()\n"
    assert len(NAMES) > 15
