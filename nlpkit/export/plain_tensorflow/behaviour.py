"""Checks of the loaded model: its answers."""

import functools
from collections.abc import Callable
from types import ModuleType
from typing import Any

import tensorflow as tf

from . import classification, next_word
from .loaded import Answers, Model, arrays
from .tolerances import agreement

__all__ = ["CHECKS", "Model"]


def check_answers(model: Model) -> tuple[bool, str]:
    """Each stored call must give the answer of the live model."""

    return _compare(model, functools.partial(_answer, model))


def check_session(model: Model) -> tuple[bool, str]:
    """So must each in a session of TensorFlow 1, as in TensorFlow Serving and saved_model_cli.

    A session restores variables and tables by other code than `tf.saved_model.load`. It would
    optimise the graph anew for each call, which takes most of the time; `check_answers` has run
    the optimised graph already.
    """
    config = tf.compat.v1.ConfigProto()
    config.graph_options.rewrite_options.disable_meta_optimizer = True
    with tf.Graph().as_default(), tf.compat.v1.Session(config=config) as session:
        loaded = tf.compat.v1.saved_model.loader.load(session, ["serve"], str(model.directory))

        def answer(call: dict[str, Any]) -> Answers:
            signature = loaded.signature_def[call["signature"]]
            fetches = {n: tensor.name for n, tensor in signature.outputs.items()}
            feeds = {signature.inputs[n].name: v for n, v in call["inputs"].items()}
            return session.run(fetches, feeds)

        answers = iter([answer(call) for call in model.calls])
    # Outside the session, since rounding is measured on the loaded model, which runs eagerly.
    passed, message = _compare(model, lambda call: next(answers))
    return passed, f"In a session, as TensorFlow Serving runs it: {message}"


def check_composition(model: Model) -> tuple[bool, str]:
    """`serving_default` must agree with the numeric signatures applied to `encode`."""
    return _checks(model).check_composition(model)


def check_compilation(model: Model) -> tuple[bool, str]:
    """The numeric signatures must compile for XLA and give the same results."""
    return _checks(model).check_compilation(model)


CHECKS = {
    "answers": check_answers,
    "session": check_session,
    "composition": check_composition,
    "compilation": check_compilation,
}
"""Name → check; each takes the loaded model and returns whether it passed, and a message."""


TASKS = {"sentiment": classification, "next-word": next_word}
"""Task, as artefact.json names it → its checks of composition and compilation."""


def _checks(model: Model) -> ModuleType:
    """The checks of the model's task."""
    if model.task not in TASKS:
        raise ValueError(f"the task must be one of {', '.join(TASKS)}, got {model.task!r}")
    return TASKS[model.task]


def _compare(model: Model, answer: Callable[[dict[str, Any]], Answers]) -> tuple[bool, str]:
    """Whether the stored calls give the stored answers."""
    largest, count, remarks = 0.0, 0, ""
    for call in model.calls:
        neighbours = functools.partial(model.neighbours, functools.partial(_answer, model, call))
        comparison = agreement(answer(call), call["outputs"], neighbours)
        if not comparison.holds:
            by = f"{comparison.difference:.1e}{comparison.remark}"
            output = f"{call['signature']} → {comparison.output}"
            return False, f"{output} differs from the live model's answer by {by}."
        largest, count = max(largest, comparison.difference), count + len(call["outputs"])
        remarks += comparison.remark
    return count > 0, f"{count} stored outputs are reproduced within {largest:.1e}{remarks}."


def _answer(model: Model, call: dict[str, Any]) -> Answers:
    """The answer of the loaded model to a call."""
    signature = model.signatures[call["signature"]]
    specs = signature.structured_input_signature[1]
    tensors = {n: tf.constant(value, specs[n].dtype) for n, value in call["inputs"].items()}
    return arrays(signature(**tensors))
