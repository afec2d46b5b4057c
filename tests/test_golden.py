"""Models that earlier versions saved load in this one, and answer as they did.

What is in tests/golden/, and how it came there, is told by tests/golden/make_golden.py.
"""

import json
from pathlib import Path

import keras
import numpy as np
import pytest

from nlpkit import layers, models  # noqa: F401 (registers what the files name)
from nlpkit.testing import VALUES, assert_close
from tests.golden.make_golden import described, listed

FILES = sorted((Path(__file__).parent / "golden").glob("*/*.keras"))
golden = pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.name} {file.stem}")


def load(file):
    """The model; its inputs [2, B, ...]; each of its outputs [2, B, ...]; and its weights."""
    with np.load(file.with_suffix(".npz")) as known:
        outputs = [known[name] for name in sorted(known) if name.startswith("output_")]
        inputs, weights = known["inputs"], json.loads(str(known["weights"]))
    return keras.saving.load_model(file), inputs, outputs, weights


def test_there_are_golden_files():
    assert FILES


@golden
def test_it_answers_as_it_did(file):
    model, inputs, outputs, _ = load(file)
    calls = [listed(model(batch)) for batch in inputs]
    for index, expected in enumerate(outputs):
        got = np.stack([answers[index] for answers in calls])
        assert_close(got, expected, VALUES["float32"], f"output {index}")


@golden
def test_it_predicts_as_it_answered(file):
    if keras.backend.backend() == "jax" and file.stem == "lstm_stateful":
        pytest.skip("on JAX Keras's `predict` keeps the states of no layer")
    model, inputs, outputs, _ = load(file)
    rows = np.concatenate(inputs)
    answers = listed(model.predict(rows, batch_size=inputs.shape[1], verbose=0))
    for index, (got, expected) in enumerate(zip(answers, outputs, strict=True)):
        assert_close(got, np.concatenate(expected), VALUES["float32"], f"output {index}")


@golden
def test_its_weights_have_the_names_and_shapes_that_they_had(file):
    model, _, _, weights = load(file)
    assert described(model) == weights
