"""The classifier: its labels, its probabilities, and scikit-learn's searches and pipelines."""

import copy

import numpy as np
import pytest
from sklearn.metrics import log_loss
from sklearn.model_selection import GridSearchCV, ShuffleSplit
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer

from nlpkit.errors import InputError
from tests.estimators.cases import CASES, LABELS, TEXTS

SENTIMENT = CASES["sentiment"]
KINDS = {
    "objects": (np.array(["good", "bad"], object), "O"),
    "integers": ([10, 2], "i"),
    "booleans": ([True, False], "b"),
}


@pytest.mark.slow
@pytest.mark.parametrize(("labels", "kind"), KINDS.values(), ids=KINDS)
def test_labels_keep_their_type_and_columns_their_order(untrained, labels, kind):
    y = np.tile(labels, 30) if isinstance(labels, np.ndarray) else labels * 30
    model = SENTIMENT.make().fit(TEXTS, y)
    assert model.classes_.dtype.kind == kind
    assert model.classes_.tolist() == sorted(np.asarray(labels).tolist())
    predicted = model.predict(TEXTS[:8])
    assert predicted.dtype == model.classes_.dtype
    probabilities = model.predict_proba(TEXTS[:8])
    assert predicted.tolist() == model.classes_[probabilities.argmax(axis=1)].tolist()
    # An exported model has its columns in the order of its labels, in which "10" is above "2".
    served = [answer.label for answer in model._served.classify(TEXTS[:8])]
    assert served == [str(label) for label in predicted.tolist()]


def test_probabilities_are_those_that_metrics_want(fitted):
    model = fitted("sentiment")
    probabilities = model.predict_proba(TEXTS)
    assert probabilities.shape == (60, 2) and probabilities.dtype == np.float32
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, atol=1e-6)
    assert 0 < log_loss(LABELS, probabilities, labels=model.classes_) < 1
    right = np.mean(model.predict(TEXTS) == np.array(LABELS))
    assert model.score(TEXTS, LABELS) == right
    assert model.temperature_ > 0 and 0 <= model.linear_fraction_ <= 1


@pytest.mark.slow
@pytest.mark.parametrize(("limit", "mixed"), [(2, True), (1, False)])
def test_many_classes_have_no_linear_part(monkeypatch, limit, mixed):
    monkeypatch.setattr("nlpkit.training.MAX_LINEAR_CLASSES", limit)
    model = SENTIMENT.make().fit(TEXTS, LABELS)
    assert any(layer.name == "linear" for layer in model.model_.layers) == mixed
    assert len(model.vocabulary_.phrases) > 0 or not mixed


def test_no_texts_have_no_answers(fitted):
    model = fitted("sentiment")
    assert model.predict([]).shape == (0,)
    assert model.predict([]).dtype == model.classes_.dtype
    assert model.predict_proba(np.array([], str)).shape == (0, 2)


def test_answers_do_not_depend_on_what_else_is_asked(fitted):
    model = fitted("sentiment")
    long = [*TEXTS[:5], "long " * 400, "", "\ud83d half a pair"]
    alone = np.concatenate([model.predict_proba([text]) for text in long])
    np.testing.assert_allclose(model.predict_proba(long), alone, atol=1e-6)


@pytest.mark.slow
def test_names_of_labels_are_for_what_is_exported(untrained):
    names = {False: "negative", True: "positive"}
    model = SENTIMENT.make(label_names=names).fit(TEXTS, [True, False] * 30)
    assert model.classes_.tolist() == [False, True]
    assert model.labels_.values == ("False", "True")
    assert model._served.classes == ("negative", "positive")


@pytest.mark.parametrize("names", ["bad=poor,good=poor", {"bad": "", "good": "fine"}])
def test_names_neither_merge_labels_nor_leave_them_out(names):
    with pytest.raises(InputError, match="`label_names` must give each label a name of its own"):
        SENTIMENT.make(label_names=names).fit(TEXTS, LABELS)


BAD_LABELS = {
    "none": (None, "`y` must hold a label for each text, got None."),
    "a single one": ("good", "`y` must hold labels, got a single one, 'good'; give a list."),
    "a single one as bytes": (b"good", "`y` must hold labels, got a single one, b'good'"),
    "a number": (1, "`y` must hold labels one after the other, got 1; give a list, a NumPy"),
    "a mapping": (dict.fromkeys(TEXTS, 1), "`y` must hold labels one after the other, got {'a"),
    "too few": (LABELS[:-1], "equally long, got 60 and 59."),
    "a table": (np.array(LABELS)[:, None], "one dimension, got the shape (60, 1)"),
    "one missing": ([*LABELS[:-1], None], "got None in row 59"),
    "one NaN": ([*[1.0, 0.0] * 29, 1.0, float("nan")], "got nan in row 59"),
    "of two types": ([*LABELS[:-1], 1], "of one type, got 'good' and 1."),
    "measurements": (np.linspace(0, 1, 60), "must hold classes, got numbers such as"),
    "one class": (["good"] * 60, "at least two classes, got 'good' only."),
    "a class of one text": (["good"] * 59 + ["bad"], "2 different texts, one to learn from and"),
    "spelt alike": (["1", "1.0"] * 30, "that can be told apart, got '1' and '1.0'"),
    "of one case": (["good", "Good"] * 30, "differ only in case or width"),
    "an empty one": (["good", ""] * 30, "no label that is empty, got ''"),
    "too many": ([str(number) for number in range(2000)], "at most 1,000 different labels"),
}


@pytest.mark.parametrize(("labels", "message"), BAD_LABELS.values(), ids=BAD_LABELS)
def test_what_are_no_labels_is_refused_in_a_sentence(labels, message):
    texts = [str(n) for n in range(2000)] if np.size(labels) == 2000 else TEXTS
    with pytest.raises(InputError) as error:
        SENTIMENT.make().fit(texts, labels)
    assert message in str(error.value)
    assert "--" not in str(error.value)


def test_texts_with_nothing_in_them_are_refused():
    with pytest.raises(InputError, match="`X` must hold text, got"):
        SENTIMENT.make().fit([" " * n for n in range(60)], LABELS)


def test_a_fit_that_fails_leaves_what_was_fitted(fitted):
    model = copy.deepcopy(fitted("sentiment"))
    with pytest.raises(InputError):
        model.fit(TEXTS, ["good"] * 60)
    np.testing.assert_array_equal(
        model.predict_proba(TEXTS), fitted("sentiment").predict_proba(TEXTS)
    )


def test_it_learns(fitted):
    assert fitted("sentiment").score(TEXTS, LABELS) > 0.9


@pytest.mark.slow
def test_a_grid_search_in_processes_chooses_a_number_of_units_in_a_pipeline():
    plain = FunctionTransformer(np.char.strip)
    pipeline = Pipeline([("plain", plain), ("model", SENTIMENT.make())])
    halves = ShuffleSplit(1, test_size=0.4, random_state=0)
    search = GridSearchCV(
        pipeline, {"model__units": [2, 4]}, cv=halves, n_jobs=2, error_score="raise"
    )
    search.fit(np.array(TEXTS), np.array(LABELS))
    chosen = search.best_params_["model__units"]
    assert chosen in (2, 4) and search.best_estimator_["model"].units == chosen
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()
    assert search.predict(np.array(TEXTS[:3])).shape == (3,)
