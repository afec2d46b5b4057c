"""Predictions from an artefact: their form, their order, their cost, odd texts, and bad folders."""

import json
import os
import shutil
import subprocess
import sys
import textwrap

import numpy as np
import pytest
import tensorflow as tf
from tensorflow.python.eager import context

from nlpkit import export, serve
from nlpkit.errors import InputError
from tests.artefacts import CLASSES

ODD = [*export.PROBES, "\ud83d half a pair", "\udcff", "가" * 1_000_000]


def test_an_answer_has_the_documented_form(model):
    (answer,) = model.predict(["정말 최고의 영화"])
    assert list(answer) == ["text", "label", "score", "probabilities"]
    assert answer["text"] == "정말 최고의 영화"
    assert tuple(answer["probabilities"]) == CLASSES
    assert answer["score"] == answer["probabilities"][answer["label"]]
    assert answer["score"] == max(answer["probabilities"].values())
    assert sum(answer["probabilities"].values()) == pytest.approx(1, abs=1e-6)


def test_a_text_can_be_encoded_and_answered_in_two_steps(model):
    texts = ["정말 최고의 영화", "a", ""]
    whole = [prediction.probabilities for prediction in model.classify(texts)]
    np.testing.assert_allclose(model.answer(model.encode(texts)), whole, rtol=1e-5)
    assert model.encode([]).shape[0] == 0


def test_figures_have_the_digits_that_float32_carries(model):
    (answer,) = model.predict(["a"])
    (prediction,) = model.classify(["a"])
    assert np.float32(answer["score"]) == prediction.score
    assert len(str(answer["score"])) <= 12


def test_answers_are_those_of_the_stored_live_model(model):
    call = json.loads(model.extra("answers.json"))[0]
    predictions = [p.probabilities for p in model.classify(call["inputs"]["text"], batch_size=3)]
    np.testing.assert_allclose(predictions, call["outputs"]["probabilities"], atol=1e-5)


@pytest.mark.parametrize("text", ODD, ids=lambda text: ascii(text[:12]))
def test_odd_texts_are_legal_and_their_json_is_utf_8(model, text):
    (answer,) = model.predict([text])
    line = serve.as_json(answer)
    assert len(line.splitlines()) == 1
    assert json.loads(line.encode().decode()) == answer


def test_half_a_pair_becomes_a_replacement_and_two_halves_a_character(model):
    answers = model.predict(["a\ud83db", "\ud83d\ude00"])
    assert [answer["text"] for answer in answers] == ["a\ufffdb", "😀"]


def test_json_keeps_korean_readable():
    assert serve.as_json({"text": "좋다"}) == '{"text": "좋다"}'


def test_nothing_is_traced_for_new_lengths_or_batch_sizes(model):
    list(model.predict(["first"]))
    before = set(context.context().list_function_names())
    for size in (1, 2, 7):
        list(model.predict(["x" * length for length in range(30)], batch_size=size))
    assert set(context.context().list_function_names()) == before


@pytest.mark.parametrize("option", ["batch_size", "window"])
def test_sizes_must_be_positive(model, option):
    with pytest.raises(InputError, match=rf"`{option}` must be a positive integer, got 0"):
        model.predict(["a"], **{option: 0})


def describe(folder, **fields):
    path = folder / "assets.extra" / "artefact.json"
    path.write_text(json.dumps(json.loads(path.read_text(encoding="utf-8")) | fields))


def no_graph(folder):
    (folder / "saved_model.pb").write_bytes(b"no")
    export.write_manifest(folder)


def no_weights(folder):
    (folder / "variables/variables.index").unlink()
    export.write_manifest(folder)


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda f: shutil.rmtree(f), "there is no such folder"),
        (lambda f: (f / "saved_model.pb").unlink(), "this is not a model"),
        (lambda f: (f / "saved_model.pb").write_bytes(b"no"), "must have .+ bytes by the manifest"),
        (lambda f: (f / "variables/variables.index").unlink(), "of the manifest is missing"),
        (no_graph, r"the model is damaged \(.+\)"),
        (no_weights, r"the model is damaged \(.+\)"),
        (
            lambda f: describe(f, task="chess"),
            "task must be one of sentiment, next-word, got 'chess'",
        ),
        (lambda f: describe(f, format=2), "has format 2, and this nlpkit reads format 1"),
    ],
)
def test_what_is_no_model_is_refused(artefact, tmp_path, damage, message):
    folder = shutil.copytree(artefact, tmp_path / "copy")
    damage(folder)
    with pytest.raises(InputError, match=message):
        serve.load(folder)


def test_missing_signatures_are_named(artefact, tmp_path):
    live = tf.Module()
    live.f = tf.function(lambda text: {"a": text}, input_signature=[tf.TensorSpec([None])])
    tf.saved_model.save(live, str(tmp_path), signatures={"encode": live.f})
    shutil.copytree(artefact / "assets.extra", tmp_path / "assets.extra")
    export.write_manifest(tmp_path)
    with pytest.raises(InputError, match="lacks the signatures serving_default, ids"):
        serve.load(tmp_path)


PLAIN = """
    import json, sys
    sys.modules["nlpkit"] = None
    import tensorflow as tf
    model = tf.saved_model.load(sys.argv[1])
    call = json.load(open(sys.argv[1] + "/assets.extra/answers.json", encoding="utf-8"))[0]
    answers = model.signatures["serving_default"](text=tf.constant(call["inputs"]["text"]))
    wanted = tf.constant(call["outputs"]["probabilities"])
    print(float(tf.reduce_max(tf.abs(answers["probabilities"] - wanted))))
"""


@pytest.mark.slow
def test_plain_tensorflow_gives_the_same_without_nlpkit(artefact, tmp_path):
    command = [sys.executable, "-c", textwrap.dedent(PLAIN), str(artefact)]
    child = subprocess.run(command, capture_output=True, text=True, check=True, cwd=tmp_path)
    assert float(child.stdout) <= 1e-5


@pytest.mark.slow
def test_the_session_path_of_tensorflow_serving_runs_it(artefact, tmp_path):
    command = [sys.executable, "-m", "tensorflow.python.tools.saved_model_cli", "run",
               "--dir", str(artefact), "--tag_set", "serve", "--signature_def", "serving_default",
               "--input_exprs", 'text=["정말 최고"]']  # fmt: skip
    environment = {**os.environ, "LC_ALL": "C"}
    child = subprocess.run(
        command, capture_output=True, encoding="utf-8", cwd=tmp_path, env=environment
    )
    assert child.returncode == 0, child.stderr
    assert "Result for output key probabilities" in child.stdout
