"""What both estimators have in common: parameters, pickles, artefacts, and no trace of a fit."""

import copy
import inspect
import json
import pickle
import random
import subprocess
import sys
import tempfile

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

import nlpkit
from nlpkit import serve, tasks
from nlpkit.errors import InputError
from tests.estimators.cases import CASES, LINES, TEXTS, said

# Options of a recipe that an estimator has no use for: where data come from, and where they go.
PLACES = {
    "data", "test_data", "valid_data", "text_column", "label_column", "encoding", "header",
    "data_dir", "out", "config", "cache", "dynamic", "resume", "checkpoint_minutes",
}  # fmt: skip
ASKED = ["a wonderful film", "a dull film", "the cat", "", "정말"]
every_case = pytest.mark.parametrize("name", CASES)


def test_nothing_slow_is_imported_before_an_estimator_is_fitted():
    program = (
        "import sys, nlpkit; assert 'sklearn' not in sys.modules; "
        "nlpkit.SentimentClassifier(units=3), nlpkit.NextWordModel(); "
        "assert not {'tensorflow', 'keras'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


@every_case
def test_the_parameters_are_the_options_of_the_recipe_with_their_defaults(name):
    options = inspect.signature(CASES[name].recipe).parameters
    defaults = {option: p.default for option, p in options.items() if option not in PLACES}
    assert CASES[name].estimator().get_params() == defaults | {"quiet": True}


@every_case
def test_a_clone_has_the_parameters_and_nothing_of_the_fit(name, fitted):
    other = clone(fitted(name))
    assert other.get_params() == fitted(name).get_params()
    with pytest.raises(NotFittedError):
        other.predict(["text"])
    assert other.set_params(units=7).units == 7 != fitted(name).units


@every_case
@pytest.mark.parametrize("method", ["predict", "predict_proba", "score", "generate", "perplexity"])
def test_nothing_is_answered_before_fit(name, method):
    estimator = CASES[name].make()
    if hasattr(estimator, method):
        data = (["text"], ["label"]) if method == "score" else (["text"],)
        with pytest.raises(NotFittedError):
            getattr(estimator, method)(*data)
    with pytest.raises(NotFittedError):
        estimator.export("nowhere")


BAD_TEXTS = {
    "a single text": ("a text", "got a single one, 'a text'; give a list"),
    "None in it": (["a", None, "b"], "got None in row 1"),
    "NaN in it": (["a", float("nan")], "got nan in row 1"),
    "a number in it": ([1.5], "got 1.5 in row 0"),
    "bytes in it": (["a", b"b"], "got b'b' in row 1"),
    "a table": (np.array([["a"], ["b"]]), "got 2 dimensions; give a list"),
    "a mapping": ({"a": "b"}, "one after the other, got {'a': 'b'}"),
    "None": (None, "one after the other, got None"),
}


@every_case
@pytest.mark.parametrize("method", ["fit", "predict"])
@pytest.mark.parametrize(("texts", "message"), BAD_TEXTS.values(), ids=BAD_TEXTS)
def test_what_is_no_list_of_texts_is_refused_and_the_row_named(
    name, fitted, method, texts, message
):
    estimator = fitted(name) if method == "predict" else CASES[name].make()
    labels = (["label"] * 3,) if method == "fit" else ()
    with pytest.raises(InputError, match="`X` must hold") as error:
        getattr(estimator, method)(texts, *labels)
    assert message in str(error.value)


def test_minutes_are_positive():
    for value in (0, -1, float("nan"), float("inf"), "30", True):
        with pytest.raises(InputError, match="^`budget`"):
            CASES["next-word"].make(budget=value).fit(LINES)


BAD_OPTIONS = {
    "units": [0, -1, 1.5, "4", True],
    "layers": [0],
    "epochs": [0, 0.5],
    "batch_size": [0],
    "dropout": [1.0, -0.1, "half"],
    "learning_rate": [0, float("nan"), float("inf"), None],
    "seed": [-1, 2**31, None],
    "quiet": ["yes"],
    "cell": ["elman"],
    "embedding": [0, 1.5],
    "vectors": ["", 5],
}


@every_case
@pytest.mark.parametrize(
    ("option", "value"), [(name, value) for name, values in BAD_OPTIONS.items() for value in values]
)
def test_fit_refuses_a_parameter_out_of_its_range_and_the_constructor_does_not(name, option, value):
    estimator = CASES[name].make(**{option: value})
    with pytest.raises(ValueError, match=f"^`{option}`") as error:
        estimator.fit(*CASES[name].data)
    assert isinstance(error.value, InputError)
    assert str(value) in str(error.value)


@pytest.mark.slow
@every_case
def test_a_second_fit_is_alike_and_leaves_no_trace(name, fitted, tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    case, before = CASES[name], said(fitted(name), ASKED)
    states = random.getstate(), np.random.get_state()[1].tolist()
    again = case.make(units=np.int64(case.options["units"]))
    assert again.fit(*case.data) is again
    assert (random.getstate(), np.random.get_state()[1].tolist()) == states
    # TensorFlow's AutoGraph deletes its own when the process ends.
    left = [path for path in tmp_path.iterdir() if not path.name.startswith("__autograph")]
    assert left == []
    np.testing.assert_array_equal(said(again, ASKED), before)
    np.testing.assert_array_equal(said(fitted(name), ASKED), before)


@every_case
def test_a_fit_tells_how_it_went(name, fitted):
    estimator = fitted(name)
    assert {"loss", "val_loss"} <= set(estimator.history_)
    assert {len(values) for values in estimator.history_.values()} == {estimator.n_iter_}
    assert estimator.settled_["epochs"] == CASES[name].options["epochs"] >= estimator.n_iter_


COPIES = {"pickle": lambda model: pickle.loads(pickle.dumps(model)), "deepcopy": copy.deepcopy}


@every_case
@pytest.mark.parametrize("copied", COPIES.values(), ids=COPIES)
def test_copies_answer_alike_and_know_what_was_fitted(name, fitted, copied):
    estimator = fitted(name)
    other = copied(estimator)
    np.testing.assert_array_equal(said(other, ASKED), said(estimator, ASKED))
    assert other.predict(ASKED).tolist() == estimator.predict(ASKED).tolist()
    assert other.get_params() == estimator.get_params()
    assert other.history_ == estimator.history_
    assert copied(CASES[name].make()).get_params() == CASES[name].make().get_params()


@pytest.mark.slow
@every_case
def test_a_pickle_answers_alike_in_another_process(name, fitted, tmp_path):
    (tmp_path / "model.pickle").write_bytes(pickle.dumps(fitted(name)))
    program = (
        "import json, pathlib, pickle, sys; "
        "model = pickle.loads(pathlib.Path(sys.argv[1]).read_bytes()); "
        "print(json.dumps(model.predict(json.loads(sys.argv[2])).tolist()))"
    )
    command = [sys.executable, "-c", program, tmp_path / "model.pickle", json.dumps(ASKED)]
    child = subprocess.run(command, capture_output=True, encoding="utf-8", check=True)
    assert json.loads(child.stdout) == fitted(name).predict(ASKED).tolist()


@pytest.mark.slow
@every_case
def test_what_is_exported_is_proven_and_answers_as_the_estimator(name, fitted, tmp_path):
    report = fitted(name).export(tmp_path / "model")
    assert report.passed
    task = tasks.find(tmp_path / "model")
    assert task.name == name
    served = serve.load(tmp_path / "model")
    answers = list(task.predict(served, ASKED))
    if name == "sentiment":
        given = [
            [answer["probabilities"][label] for label in ("bad", "good")] for answer in answers
        ]
        np.testing.assert_allclose(fitted(name).predict_proba(ASKED), given, atol=1e-5)
    else:
        given = [answer["words"] for answer in answers]
        assert fitted(name).predict(ASKED, k=5).tolist() == given
        assert nlpkit.export.read_text_note(tmp_path / "model") == ("words", "lines")


@every_case
def test_nothing_that_is_not_an_artefact_is_overwritten(name, fitted, tmp_path):
    (tmp_path / "letter.txt").write_text("dear")
    with pytest.raises(InputError):
        fitted(name).export(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]


@pytest.mark.parametrize("texts", [TEXTS[:10], LINES[:3]], ids=["reviews", "lines"])
def test_texts_may_be_of_any_kind_that_gives_strings(fitted, texts):
    model, wanted = fitted("sentiment"), fitted("sentiment").predict(texts).tolist()
    for kind in (tuple, iter, np.array, lambda texts: np.array(texts, object)):
        assert model.predict(kind(texts)).tolist() == wanted
