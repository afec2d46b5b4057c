"""After `import nlpkit` Keras finds the classes of nlpkit in a file, whatever came first."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

import nlpkit

REGISTERED = re.compile(
    r"^@keras\.saving\.register_keras_serializable\(.*\n(?:@.*\n)*class (\w+)", re.M
)
FOLDER = Path(nlpkit.__file__).parent
# LazyAdam runs on TensorFlow alone; model.keras of a recipe does not name it.
CLASSES = {
    name
    for package in ("layers", "models")
    for path in (FOLDER / package).rglob("*.py")
    for name in REGISTERED.findall(path.read_text(encoding="utf-8"))
}


@pytest.mark.parametrize(
    "imports",
    [
        "import nlpkit, keras",
        "import keras, nlpkit",
        "import nlpkit.layers",
        "import nlpkit.models",
        "import nlpkit.export.language",
    ],
)
def test_whatever_is_imported_first_every_class_is_found(imports):
    code = f"{imports}\nimport keras\nprint(*keras.saving.get_custom_objects())"
    child = subprocess.run([sys.executable, "-c", code], capture_output=True, encoding="utf-8")
    assert {f"nlpkit>{name}" for name in CLASSES} <= set(child.stdout.split()), child.stderr


def test_importing_nlpkit_imports_no_keras():
    code = "import nlpkit, sys; print({'keras', 'tensorflow', 'jax'} & set(sys.modules))"
    child = subprocess.run([sys.executable, "-c", code], capture_output=True, encoding="utf-8")
    assert child.stdout == "set()\n"
    assert len(CLASSES) > 15
