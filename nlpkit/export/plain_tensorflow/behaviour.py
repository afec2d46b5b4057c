"""Checks of the model as it is loaded: what it answers."""

from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np
import tensorflow as tf

from . import classification, next_word
from .loaded import TOLERANCE, Model, difference

__all__ = ["CHECKS", "Model"]


def check_answers(model: Model) -> tuple[bool, str]:
    """Each stored call must give what it gave when the model was live."""

    def answer(name: str, inputs: dict[str, Any]) -> dict[str, np.ndarray]:
        signature = model.signatures[name]
        specs = signature.structured_input_signature[1]
        tensors = {n: tf.constant(value, specs[n].dtype) for n, value in inputs.items()}
        return {n: tensor.numpy() for n, tensor in signature(**tensors).items()}

    return _compare(model.calls, answer)


def check_session(model: Model) -> tuple[bool, str]:
    """So must each in a session of TensorFlow 1, as TensorFlow Serving and saved_model_cli run it.

    It restores variables and prepares tables by other code than `tf.saved_model.load`.
    """
    with tf.Graph().as_default(), tf.compat.v1.Session() as session:
        loaded = tf.compat.v1.saved_model.loader.load(session, ["serve"], str(model.directory))

        def answer(name: str, inputs: dict[str, Any]) -> dict[str, np.ndarray]:
            signature = loaded.signature_def[name]
            fetches = {n: tensor.name for n, tensor in signature.outputs.items()}
            return session.run(fetches, {signature.inputs[n].name: v for n, v in inputs.items()})

        passed, words = _compare(model.calls, answer)
    return passed, f"In a session, as TensorFlow Serving runs it: {words}"


def check_composition(model: Model) -> tuple[bool, str]:
    """`serving_default` must be what the numeric signatures give for `encode`."""
    return _task(model).check_composition(model)


def check_compilation(model: Model) -> tuple[bool, str]:
    """The numeric signatures, as loaded, must compile for XLA and give the same."""
    return _task(model).check_compilation(model)


CHECKS = {
    "answers": check_answers,
    "session": check_session,
    "composition": check_composition,
    "compilation": check_compilation,
}
"""Name → check; each takes the loaded model and returns whether it passed, and words."""


def _task(model: Model) -> ModuleType:
    """The checks that depend on what the model does: one that takes steps is a language model."""
    return next_word if "step" in model.signatures else classification


def _compare(
    calls: list[dict[str, Any]], answer: Callable[[str, dict[str, Any]], dict[str, np.ndarray]]
) -> tuple[bool, str]:
    """Whether the answers to stored calls, by signature and inputs, are the stored ones."""
    largest, count = 0.0, 0
    for call in calls:
        answers = answer(call["signature"], call["inputs"])
        for name, wanted in call["outputs"].items():
            found = difference(answers[name], wanted)
            place = f"{call['signature']} → {name}"
            if not found <= TOLERANCE:
                return False, f"{place} differs from the live model's answer by {found:.1e}."
            largest, count = max(largest, found), count + 1
    return count > 0, f"{count} stored outputs are met within {largest:.1e}."
