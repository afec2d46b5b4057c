"""Checks of a language model: a client that keeps the states must get what is served."""

from collections.abc import Sequence

import numpy as np
import tensorflow as tf

from .loaded import Answers, Model, arrays, compiles
from .tolerances import Agreement, agreement

__all__ = ["check_compilation", "check_composition"]

LONGEST = 64
"""The most bytes of a text that is read step by step."""

SPECIALS = 2
"""The number of special ids, which come first."""

CONTINUES = "##"
"""The prefix that `decode` puts before a piece that continues a word."""


def check_composition(model: Model) -> tuple[bool, str]:
    """Repeated `step` from zero states must agree with `serving_default` and `steps`."""
    _, ids, lengths = _short(model)
    states = _zeros(model, len(ids))

    def at_once() -> Answers:
        return arrays(model.signatures["steps"](ids=ids, **states))

    stepwise = _step_through(model, ids, states)
    steps = agreement(at_once(), stepwise, lambda: model.neighbours(at_once))
    if not steps.holds:
        by = f"{steps.difference:.1e}{steps.remark}"
        return False, f"steps differs from step, word by word, by {by}."

    stepped = np.exp(stepwise["log_probabilities"][np.arange(len(ids)), lengths - 1])

    names = _names(model, stepped.shape[1])
    # Where words are not written apart, suggestions are texts, each of one or two ids; those of
    # older artefacts are ids.
    served = _suggested(model, stepped, names)
    if served is None or not served.holds:
        served = _suggested(model, stepped, [_written(name) for name in names]) or served
    if served is None:
        return False, "serving_default differs from step: it suggests words that decode lacks."
    if not served.holds:
        by = f"{served.difference:.1e}{served.remark}"
        return False, f"serving_default differs from step, word by word, by {by}."
    within = f"{max(steps.difference, served.difference):.1e}{steps.remark}{served.remark}"
    return True, f"serving_default and steps agree with step, word by word, within {within}."


def check_compilation(model: Model) -> tuple[bool, str]:
    """`step` and `steps` must compile for XLA."""
    _, ids, _ = _short(model)
    states = model.signatures["steps"](ids=ids[:4], **_zeros(model, len(ids[:4])))
    states.pop("log_probabilities")
    results = [
        compiles(model, name, {"ids": inputs, **states})
        for name, inputs in (("step", ids[:4, 0]), ("steps", ids[:4]))
    ]
    return all(passed for passed, _ in results), " ".join(message for _, message in results)


def _short(model: Model) -> tuple[tf.Tensor, np.ndarray, np.ndarray]:
    """The short probe texts, with their ids and lengths."""
    texts = tf.boolean_mask(model.texts, tf.strings.length(model.texts) <= LONGEST)
    encoded = model.signatures["encode"](text=texts)
    return texts, encoded["ids"].numpy(), encoded["lengths"].numpy()


def _zeros(model: Model, batch: int) -> dict[str, tf.Tensor]:
    """The states with which a client begins."""
    specs = model.signatures["step"].structured_input_signature[1]
    return {n: tf.zeros([batch, spec.shape[1]]) for n, spec in specs.items() if n != "ids"}


def _step_through(model: Model, ids: np.ndarray, states: dict[str, tf.Tensor]) -> Answers:
    """The outputs of `step` for each id in turn, [N, T, V], and the last states."""
    log_probabilities = []
    for column in ids.T:
        states = model.signatures["step"](ids=tf.constant(column), **states)
        log_probabilities.append(states.pop("log_probabilities").numpy())
    return {"log_probabilities": np.stack(log_probabilities, axis=1), **arrays(states)}


def _names(model: Model, vocabulary: int) -> list[str]:
    """The words of the ids, from `decode`."""
    names = model.signatures["decode"](ids=tf.range(SPECIALS, vocabulary))["words"]
    return [name.decode() for name in names.numpy().tolist()]


def _written(name: str) -> str:
    """A word or piece as it stands in a text."""
    return name.removeprefix(CONTINUES) or name


def _suggested(model: Model, stepped: np.ndarray, texts: Sequence[str]) -> Agreement | None:
    """Whether `serving_default` suggests the most probable of the texts that ids stand for.

    None if it suggests others.
    """
    index = {text: number for number, text in enumerate(dict.fromkeys(texts))}
    probabilities = np.zeros([len(stepped), len(index)], stepped.dtype)
    np.add.at(probabilities.T, [index[text] for text in texts], stepped.T[SPECIALS:])

    def serve() -> Answers:
        return arrays(model.signatures["serving_default"](text=_short(model)[0]))

    def suggest() -> Answers:
        return dict.fromkeys(("best", "named"), serve()["probabilities"])

    words = serve()["words"]
    named = np.vectorize(lambda word: index.get(word.decode(), -1), otypes=[int])(words)
    if np.any(named < 0):
        return None
    best = -np.sort(-probabilities, axis=1)[:, : named.shape[1]]
    wanted = {"best": best, "named": np.take_along_axis(probabilities, named, axis=1)}
    return agreement(suggest(), wanted, lambda: model.neighbours(suggest))
