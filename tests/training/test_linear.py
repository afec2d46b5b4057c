"""The linear part: the model of the paper, its penalty chosen, its answers those of the model."""

import numpy as np
import pytest
import tensorflow as tf
from sklearn.linear_model import LogisticRegression

from nlpkit.evaluation import calibration
from nlpkit.training import fit_linear, linear, predict_dataset
from tests.training import toy

TRAIN, VALIDATION = toy.batches(400), toy.batches(160, seed=1)


def part(train=TRAIN, validation=VALIDATION, model=None, classes=2, **options):
    """The linear part of a model."""
    model = model or toy.recurrent_model(classes=classes)
    sizes = {"vocabulary": toy.VOCABULARY, "classes": classes}
    return fit_linear(model, train, validation, **sizes, **options)


def fitted(*args, **options):
    return part(*args, **options).model


def accuracy(model, batches):
    logits, labels = predict_dataset(model, batches)
    return np.mean(logits.argmax(axis=1) == labels)


def test_it_learns_and_its_weights_rest():
    model = fitted()
    assert accuracy(model, VALIDATION) > 0.95
    assert not model.trainable_weights


def planted(count, classes, seed=0):
    """Texts that hold an n-gram of their class, or now and then one of another."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(classes, size=count).astype("int32")
    ids = rng.integers(2 + classes, toy.VOCABULARY, size=(count, 5, 2)).astype("int32")
    ids[:, 2, 1] = 2 + np.where(rng.random(count) < 0.8, labels, rng.integers(classes, size=count))
    return ids, labels


def as_batches(examples):
    return tf.data.Dataset.from_tensor_slices(examples).batch(32)


@pytest.mark.parametrize("classes", [2, 3, 5])
def test_a_class_has_the_weights_of_naive_bayes_and_logistic_regression(classes, monkeypatch):
    """Wang & Manning 2012, equations 1 and 2, with the length of texts divided out."""
    monkeypatch.setattr(linear, "_PENALTIES", (0.5,))
    parts = planted(400, classes), planted(160, classes, seed=1)
    weights, bias = fitted(*map(as_batches, parts), classes=classes).get_weights()
    ids, labels = map(np.concatenate, zip(*parts, strict=True))  # it learns from both, at last
    present = np.zeros((len(ids), toy.VOCABULARY))
    for row, text in zip(present, ids, strict=True):
        row[text.ravel()] = 1
    for k in range(classes == 2, classes):
        p, q = (present[side].sum(axis=0) + 1 for side in (labels == k, labels != k))
        p[0] = q[0] = 1  # padding
        ratio = np.log(p / p.sum()) - np.log(q / q.sum())
        features = ratio * present / np.sqrt(present.sum(axis=1, keepdims=True))
        model = LogisticRegression(C=2.0, max_iter=300).fit(features, labels == k)
        np.testing.assert_allclose(weights[:, k], ratio * model.coef_[0], rtol=0, atol=1e-3)
        np.testing.assert_allclose(bias[k], model.intercept_[0], rtol=0, atol=1e-3)
    if classes == 2:  # the other one says it all
        assert not weights[:, 0].any() and bias[0] == 0


@pytest.mark.parametrize("classes", [3, 4])
def test_more_classes_than_two_are_told_apart(classes):
    batches = as_batches(planted(300, classes))
    assert 0.7 < accuracy(fitted(batches, batches, classes=classes), batches)


def test_class_weights_move_the_answers_towards_the_rare_class():
    ids, labels = toy.examples(400)
    keep = (labels == 0) | (np.arange(400) % 8 == 0)
    ids[:, :, 0] = ids[:, ::-1, 0] * (np.arange(6) < 2)  # mostly hidden, so that priors matter
    skewed = tf.data.Dataset.from_tensor_slices((ids[keep], labels[keep])).batch(32)
    plain, balanced = (
        predict_dataset(fitted(skewed, skewed, class_weight=weight), skewed)[0].argmax(axis=1)
        for weight in (None, {0: 0.5, 1: 4.0})
    )
    assert balanced.mean() > plain.mean()


def test_no_more_texts_are_read_than_fit_in_memory():
    read = []

    def noted():
        for ids, labels in TRAIN:
            read.append(len(ids))
            yield ids, labels

    spec = TRAIN.element_spec
    fitted(tf.data.Dataset.from_generator(noted, output_signature=spec), max_entries=1000)
    assert 0 < sum(read) < 200


@pytest.mark.parametrize("max_entries", [100, 1000])
def test_validation_texts_beyond_the_limit_are_left_out_of_both_parts(max_entries):
    linear = part(max_entries=max_entries)
    assert 0 <= linear.calibration.fraction <= 1
    assert np.isfinite(linear.model.get_weights()[0]).all()


@pytest.mark.parametrize("classes", [3, 4])
@pytest.mark.parametrize("seen", [1, 2, 3])
def test_a_class_that_is_not_among_the_texts_read_is_unlikely(classes, seen):
    ids, labels = planted(200, seen)
    few = tf.data.Dataset.from_tensor_slices((ids, labels)).batch(16)
    logits, _ = predict_dataset(fitted(few, few, classes=classes), few)
    assert logits.shape == (200, classes) and np.isfinite(logits).all()
    assert (logits.argmax(axis=1) < seen).all()


def test_texts_without_ngrams_get_the_class_frequencies():
    ids, labels = np.zeros((8, 3, 2), np.int32), np.array([0, 1, 1, 1] * 2, np.int32)
    batches = tf.data.Dataset.from_tensor_slices((ids, labels)).batch(4)
    logits, _ = predict_dataset(fitted(batches, batches), batches)
    np.testing.assert_allclose(np.exp(logits[0]), [5 / 18, 13 / 18], rtol=1e-6)


def test_a_mixture_is_no_worse_on_the_validation_data_than_either_part(monkeypatch):
    model, kept = toy.model(), []
    choose = calibration.calibrate_mixture
    monkeypatch.setattr(
        calibration, "calibrate_mixture", lambda *parts: kept.extend(parts) or choose(*parts)
    )
    linear = part(toy.batches(60), model=model)
    logits, others, labels = kept
    chosen = linear.calibration
    mixed = (1 - chosen.fraction) * logits + chosen.fraction * others
    loss = calibration.log_loss(mixed, labels, chosen.temperature)
    for alone in (logits, others):
        temperature = calibration.temperature(alone, labels)
        assert loss <= calibration.log_loss(alone, labels, temperature) + 1e-9
    assert linear.temperature == calibration.temperature(others, labels)


def test_what_the_validation_data_decide_was_not_learnt_from_them():
    """Labels that are noise: whoever had learnt them would be mixed in wholly."""
    ids, _ = toy.examples(200, seed=2)
    noise = np.random.default_rng(0).integers(2, size=200).astype("int32")
    held_out = tf.data.Dataset.from_tensor_slices((ids, noise)).batch(16)
    assert part(validation=held_out).calibration.temperature > 4
