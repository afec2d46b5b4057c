"""Writes an artefact, completely or not at all."""

import contextlib
import json
import logging
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
import tensorflow as tf

from nlpkit.errors import InputError
from nlpkit.export.artefact import ANSWERS, CONTENTS, DESCRIPTION, EXTRA
from nlpkit.export.atomic import atomic_directory
from nlpkit.export.manifest import MANIFEST, write_manifest
from nlpkit.export.probes import PROBES

__all__ = ["write"]


def write(
    module: tf.Module,
    directory: str | Path,
    *,
    probes: Sequence[str] = PROBES,
    extra: Mapping[str, str] | None = None,
) -> None:
    """Writes a module as a SavedModel, with its description and its answers to probe texts.

    Args:
        module: A module such as `nlpkit.export.classifier` returns. It has `SIGNATURES`, the names
            of the functions to serve, `serving_default` among them; a `description`; and `calls`,
            which returns the calls for the probe texts.
        directory: The folder to make, or an artefact to replace. A crash or a full disk leaves the
            old one in place.
        probes: Texts for which the answers of the live module are stored, for `verify`.
        extra: More files for assets.extra/: their contents by name.

    Raises:
        InputError: If `directory` holds something else, or a name in `extra` is taken.
    """
    files = {
        DESCRIPTION: module.description.to_json(),
        ANSWERS: json.dumps(_answers(module, probes), ensure_ascii=False) + "\n",
    }
    for name, content in (extra or {}).items():
        if name in files or name == MANIFEST or Path(name).name != name:
            raise InputError(f"`extra` must hold new plain file names, got {name!r}.")
        files[name] = content
    marker = f"{EXTRA}/{DESCRIPTION}"
    with atomic_directory(directory, marker=marker, contents=CONTENTS) as new:
        signatures = {name: getattr(module, name) for name in module.SIGNATURES}
        # Without gradients, the artefact holds nothing of the backward pass.
        options = tf.saved_model.SaveOptions(experimental_custom_gradients=False)
        with _without_remarks():
            tf.saved_model.save(module, str(new), signatures=signatures, options=options)
        (new / EXTRA).mkdir()
        for name, content in files.items():
            (new / EXTRA / name).write_text(content, encoding="utf-8")
        write_manifest(new)


@contextlib.contextmanager
def _without_remarks() -> Iterator[None]:
    """Silences TensorFlow, which would print the hidden name of the unfinished folder."""
    logger = tf.get_logger()
    level = logger.level
    logger.setLevel(logging.WARNING)
    try:
        yield
    finally:
        logger.setLevel(level)


def _answers(module: tf.Module, probes: Sequence[str]) -> list[dict]:
    """Calls with their answers: signature, inputs and outputs, a list for each tensor."""
    return [
        {"signature": name, "inputs": inputs, "outputs": _answer(getattr(module, name), inputs)}
        for name, inputs in module.calls(probes)
    ]


def _answer(function: tf.types.experimental.PolymorphicFunction, inputs: dict) -> dict:
    """The outputs for inputs by name."""
    tensors = [tf.constant(inputs[spec.name], spec.dtype) for spec in function.input_signature]
    with tf.device("CPU:0"):  # a GPU's faster matrix products may differ by more than 1e-5
        return {name: _as_list(tensor) for name, tensor in function(*tensors).items()}


def _as_list(tensor: tf.Tensor) -> list:
    """A tensor as lists for JSON; strings are decoded."""
    values = tensor.numpy()
    if tensor.dtype == tf.string:
        texts = [value.decode() for value in values.ravel().tolist()]
        values = np.array(texts, object).reshape(values.shape)
    return values.tolist()
