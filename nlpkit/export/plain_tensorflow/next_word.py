"""The checks of a language model: a client that holds the states must find what is served."""

from typing import Any

import numpy as np
import tensorflow as tf

from .loaded import Answers, Model, arrays, compiles
from .tolerances import agreement

__all__ = ["check_compilation", "check_composition"]

LONGEST = 64
"""Bytes of a text that is read step by step, at most."""

SPECIALS = 2
"""Ids of no word come first."""


def check_composition(model: Model) -> tuple[bool, str]:
    """`step` from zero states must lead where `serving_default` and `steps` are at once."""
    texts, ids, lengths = _short(model)
    states = _zeros(model, len(ids))

    def leap() -> Answers:
        return arrays(model.signatures["steps"](ids=ids, **states))

    walked = _walk(model, ids, states)
    leapt = agreement(leap(), walked, lambda: model.neighbours(leap))
    if not leapt.holds:
        by = f"{leapt.difference:.1e}{leapt.words}"
        return False, f"steps differs from step, repeated, by {by}."

    stepped = np.exp(walked["log_probabilities"][np.arange(len(ids)), lengths - 1])

    def serve() -> Answers:
        return arrays(model.signatures["serving_default"](text=texts))

    def suggest() -> Answers:
        return dict.fromkeys(("best", "named"), serve()["probabilities"])

    named = _ids(model, serve()["words"], stepped.shape[1])
    if np.any(named < 0):
        return False, "serving_default differs from step: it gives words that decode does not."
    best = -np.sort(-stepped[:, SPECIALS:], axis=1)[:, : named.shape[1]]
    wanted = {"best": best, "named": np.take_along_axis(stepped, named, axis=1)}
    found = agreement(suggest(), wanted, lambda: model.neighbours(suggest))
    if not found.holds:
        by = f"{found.difference:.1e}{found.words}"
        return False, f"serving_default differs from step, from word to word, by {by}."
    within = f"{max(leapt.difference, found.difference):.1e}{leapt.words}{found.words}"
    return True, f"serving_default and steps are step, from word to word, within {within}."


def check_compilation(model: Model) -> tuple[bool, str]:
    """`step` and `steps` must compile for XLA."""
    _, ids, _ = _short(model)
    states = model.signatures["steps"](ids=ids[:4], **_zeros(model, len(ids[:4])))
    states.pop("log_probabilities")
    results = [
        compiles(model, name, {"ids": found, **states})
        for name, found in (("step", ids[:4, 0]), ("steps", ids[:4]))
    ]
    return all(passed for passed, _ in results), " ".join(words for _, words in results)


def _short(model: Model) -> tuple[tf.Tensor, np.ndarray, np.ndarray]:
    """The short ones of the probe texts, with their ids and lengths."""
    texts = tf.boolean_mask(model.texts, tf.strings.length(model.texts) <= LONGEST)
    encoded = model.signatures["encode"](text=texts)
    return texts, encoded["ids"].numpy(), encoded["lengths"].numpy()


def _zeros(model: Model, batch: int) -> dict[str, tf.Tensor]:
    """The states of a client that begins."""
    specs = model.signatures["step"].structured_input_signature[1]
    return {n: tf.zeros([batch, spec.shape[1]]) for n, spec in specs.items() if n != "ids"}


def _walk(model: Model, ids: np.ndarray, states: dict[str, tf.Tensor]) -> Answers:
    """What `step` gives for each id in turn, [N, T, V], and the last states."""
    found = []
    for column in ids.T:
        states = model.signatures["step"](ids=tf.constant(column), **states)
        found.append(states.pop("log_probabilities").numpy())
    return {"log_probabilities": np.stack(found, axis=1), **arrays(states)}


def _ids(model: Model, words: np.ndarray, vocabulary: int) -> np.ndarray:
    """The ids of served words; -1 of what is no word."""
    names: list[Any] = (
        model.signatures["decode"](ids=tf.range(vocabulary))["words"].numpy().tolist()
    )
    place = {name: i for i, name in enumerate(names) if i >= SPECIALS}
    return np.vectorize(lambda word: place.get(word, -1), otypes=[int])(words)
