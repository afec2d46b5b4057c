"""Explainers of small models, and explanations that no model made."""

import functools

import numpy as np
import tensorflow as tf

from nlpkit import export, models
from nlpkit.explain import Attribution, Curve, Explanation
from nlpkit.explain.classifier import ClassifierExplainer
from nlpkit.explain.explainer import Explainer
from nlpkit.explain.language_model import LanguageModelExplainer
from nlpkit.serve import serve_live
from nlpkit.text import MAX_NGRAMS, NgramEncoder, NgramVocabulary
from tests.artefacts import CLASSES, SUBWORDS, WORDS, tiny_language_model

TEXTS = ["the cast, great but a mess", "정말 최고의 영화 wonderfully!"]
"""Six tokens of the classifier each: what is compiled for one serves the other."""

CAP = 40


def small_classifier(*, cell="lstm", layers=1, linear=True, classes=CLASSES):
    """The encoder and the model of a classifier as the recipe makes it, with random weights."""
    known = NgramVocabulary.learn([tf.constant(TEXTS * 2)], phrases=100 if linear else 0)
    encoder = NgramEncoder(known, max_length=CAP)
    model = models.classifier(
        vocabulary=known.ngrams,
        classes=len(classes),
        pieces=MAX_NGRAMS,
        extra_ids=encoder.width - MAX_NGRAMS,
        cell=cell,
        units=6,
        layers=layers,
        embedding=5,
        seed=1,
    )
    rng = np.random.default_rng(0)
    model.set_weights([weight + rng.normal(size=weight.shape) for weight in model.get_weights()])
    if linear:
        bag = models.BagOfNgrams(len(known), len(classes), name="linear")
        other = type(model)(model.input, bag(model.input))
        bag.set_weights([rng.normal(size=weight.shape) for weight in bag.get_weights()])
        model = models.mixture(model, other, 0.6)
    return encoder, models.calibrated(model, 1.7)


def _classifier(classes=CLASSES, **options):
    encoder, model = small_classifier(classes=classes, **options)
    return ClassifierExplainer(model, serve_live(export.classifier(encoder, model, classes)))


def _language_model(words, **options):
    encoder, model = tiny_language_model(words, **options)
    return LanguageModelExplainer(model, serve_live(export.next_word(encoder, model)))


_MAKE = {
    "lstm + linear": functools.partial(_classifier),
    "two gru": functools.partial(
        _classifier, cell="gru", layers=2, linear=False, classes=("a", "b", "c")
    ),
    "words, lstm": functools.partial(_language_model, WORDS),
    "subwords, slstm": functools.partial(
        _language_model, SUBWORDS, tokenization="subwords", cell="slstm"
    ),
}
CLASSIFIERS, LANGUAGE_MODELS = list(_MAKE)[:2], list(_MAKE)[2:]
CASES = CLASSIFIERS + LANGUAGE_MODELS


@functools.cache
def explainer(case):
    """The explainer of a case, made once."""
    return _MAKE[case]()


@functools.cache
def explained(case, text):
    """What it says of a text."""
    return explainer(case).explain(text)


def explanation(tokens=("no", "</script>", "영화"), *, units=3, seed=0):
    """An explanation of random numbers."""
    rng, time = np.random.default_rng(seed), len(tokens)
    names = {"f": rng.uniform(size=(time, units)), "c": rng.normal(size=(time, units))}
    values = rng.normal(size=time)
    surprise = np.append(np.nan, rng.uniform(size=time - 1))
    return Explanation(
        text=" ".join(tokens),
        tokens=tuple(tokens),
        traces={"both/forward": names, "both/backward": {"f": names["f"][::-1]}},
        answers=tuple({"<good>": 0.75, "bad": 0.25} for _ in tokens),
        curve=Curve("surprise, bits", surprise),
        attribution=Attribution("<good>", -0.5, -0.5 + values.sum(), values, 8),
    )


class Noise(Explainer):
    """Explains a model whose units are noise, but for those that are planted.

    Args:
        planted: From the name of a feature to a unit; "position", "word" and "class" are known.
    """

    task = "noise"

    def __init__(self, planted=()):
        super().__init__(None, None)
        self.planted, self._rng = dict(planted), np.random.default_rng(1)

    def encode(self, text, *, whole=True):
        tokens = tuple(text.split())
        return tokens, np.array([[len(token) for token in tokens]])

    def trace(self, ids):
        activity = self._rng.normal(size=(*ids.shape, 40))
        signals = {
            "position": np.broadcast_to(np.arange(ids.shape[1]), ids.shape) / 4,
            "word": 2.0 * (ids == 3),
            "class": np.broadcast_to(2.0 * (ids[:, :1] == 5), ids.shape),
        }
        for name, unit in self.planted.items():
            activity[:, :, unit] += signals[name]
        return {"layer": {"h": activity}}

    def groups(self, encoded):
        return {"five": np.array([ids[0, 0] == 5 for ids in encoded])}

    answer = name = path = None
