"""The checks of a language model: a client that holds the states must find what is served."""

from typing import Any

import numpy as np
import tensorflow as tf

from .loaded import TOLERANCE, Model, compiles, difference

__all__ = ["check_compilation", "check_composition"]

LONGEST = 64
"""Bytes of a text that is read step by step, at most."""

SPECIALS = 2
"""Ids of no word come first."""


def check_composition(model: Model) -> tuple[bool, str]:
    """`step` from zero states must lead where `serving_default` and `steps` are at once."""
    texts, ids, lengths = _short(model)
    states = _zeros(model, len(ids))
    walked, after = _walk(model, ids, states)
    leapt = model.signatures["steps"](ids=ids, **states)
    log_probabilities = leapt.pop("log_probabilities").numpy()
    found = max(
        difference(log_probabilities, walked),
        *(difference(state.numpy(), after[name]) for name, state in leapt.items()),
    )
    if not found <= TOLERANCE:
        return False, f"steps differs from step, repeated, by {found:.1e}."
    served = model.signatures["serving_default"](text=texts)
    stepped = np.exp(walked[np.arange(len(ids)), lengths - 1])
    found = _suggestions(model, stepped, **{name: t.numpy() for name, t in served.items()})
    if not found <= TOLERANCE:
        return False, f"serving_default differs from step, from word to word, by {found:.1e}."
    return True, f"serving_default and steps are step, from word to word, within {found:.1e}."


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


def _walk(
    model: Model, ids: np.ndarray, states: dict[str, tf.Tensor]
) -> tuple[np.ndarray, dict[str, tf.Tensor]]:
    """What `step` gives for each id in turn, [N, T, V], and the last states."""
    found = []
    for column in ids.T:
        states = model.signatures["step"](ids=tf.constant(column), **states)
        found.append(states.pop("log_probabilities").numpy())
    return np.stack(found, axis=1), states


def _suggestions(
    model: Model, stepped: np.ndarray, words: np.ndarray, probabilities: np.ndarray
) -> float:
    """The difference of served words and their probabilities from those found step by step."""
    ids = tf.range(stepped.shape[1])
    names: list[Any] = model.signatures["decode"](ids=ids)["words"].numpy().tolist()
    place = {name: i for i, name in enumerate(names) if i >= SPECIALS}
    if not all(word in place for word in words.ravel()):
        return np.inf
    ids = np.vectorize(place.get, otypes=[int])(words)
    best = -np.sort(-stepped[:, SPECIALS:], axis=1)[:, : words.shape[1]]
    named = np.take_along_axis(stepped, ids, axis=1)
    return max(difference(probabilities, best), difference(probabilities, named))
