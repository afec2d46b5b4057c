"""The checks of a language model: a client that holds the states must find what is served."""

from collections.abc import Sequence

import numpy as np
import tensorflow as tf

from .loaded import Answers, Model, arrays, compiles
from .tolerances import Agreement, agreement

__all__ = ["check_compilation", "check_composition"]

LONGEST = 64
"""Bytes of a text that is read step by step, at most."""

SPECIALS = 2
"""Ids of no word come first."""

CONTINUES = "##"
"""What `decode` puts in front of a piece that continues a word."""


def check_composition(model: Model) -> tuple[bool, str]:
    """`step` from zero states must lead where `serving_default` and `steps` are at once."""
    _, ids, lengths = _short(model)
    states = _zeros(model, len(ids))

    def leap() -> Answers:
        return arrays(model.signatures["steps"](ids=ids, **states))

    walked = _walk(model, ids, states)
    leapt = agreement(leap(), walked, lambda: model.neighbours(leap))
    if not leapt.holds:
        by = f"{leapt.difference:.1e}{leapt.remark}"
        return False, f"steps differs from step, repeated, by {by}."

    stepped = np.exp(walked["log_probabilities"][np.arange(len(ids)), lengths - 1])

    names = _names(model, stepped.shape[1])
    # Where words are not written apart, what is suggested is text, of one id or of two; older
    # artefacts suggest ids there too.
    found = _suggested(model, stepped, names)
    if found is None or not found.holds:
        found = _suggested(model, stepped, [_written(name) for name in names]) or found
    if found is None:
        return False, "serving_default differs from step: it gives words that decode does not."
    if not found.holds:
        by = f"{found.difference:.1e}{found.remark}"
        return False, f"serving_default differs from step, from word to word, by {by}."
    within = f"{max(leapt.difference, found.difference):.1e}{leapt.remark}{found.remark}"
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
    return all(passed for passed, _ in results), " ".join(message for _, message in results)


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


def _names(model: Model, vocabulary: int) -> list[str]:
    """What `decode` calls the ids of words."""
    names = model.signatures["decode"](ids=tf.range(SPECIALS, vocabulary))["words"]
    return [name.decode() for name in names.numpy().tolist()]


def _written(name: str) -> str:
    """A word or piece as it stands in a text."""
    return name.removeprefix(CONTINUES) or name


def _suggested(model: Model, stepped: np.ndarray, texts: Sequence[str]) -> Agreement | None:
    """Whether `serving_default` suggests the best of the texts that the ids of words stand for.

    None if it gives others.
    """
    place = {text: number for number, text in enumerate(dict.fromkeys(texts))}
    shares = np.zeros([len(stepped), len(place)], stepped.dtype)
    np.add.at(shares.T, [place[text] for text in texts], stepped.T[SPECIALS:])

    def serve() -> Answers:
        return arrays(model.signatures["serving_default"](text=_short(model)[0]))

    def suggest() -> Answers:
        return dict.fromkeys(("best", "named"), serve()["probabilities"])

    words = serve()["words"]
    named = np.vectorize(lambda word: place.get(word.decode(), -1), otypes=[int])(words)
    if np.any(named < 0):
        return None
    best = -np.sort(-shares, axis=1)[:, : named.shape[1]]
    wanted = {"best": best, "named": np.take_along_axis(shares, named, axis=1)}
    return agreement(suggest(), wanted, lambda: model.neighbours(suggest))
