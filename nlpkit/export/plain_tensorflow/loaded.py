"""The model as it is loaded, and what the checks of its answers share."""

import functools
import json
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

__all__ = ["TOLERANCE", "TOLERANCE_XLA", "Model", "compiles", "difference"]

TOLERANCE = 1e-5
"""The largest difference between the stored answers, or two paths, and what is computed here.

Of numbers beyond 1, such as the logarithm of a long text's probability, it is a share.
"""

TOLERANCE_XLA = 1e-4
"""XLA sums in another order, and a recurrence adds such differences up."""


class Model:
    """An artefact that is loaded on demand, with the calls whose answers are stored in it."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    def load(self) -> tuple[bool, str]:
        """It must load where neither nlpkit nor Keras can be imported."""
        return True, f"Loads without nlpkit and Keras; signatures {', '.join(self.signatures)}."

    @functools.cached_property
    def signatures(self) -> dict[str, Any]:
        """The callable signatures by name."""
        self._loaded = tf.saved_model.load(str(self.directory))  # its variables live as long as it
        return dict(sorted(self._loaded.signatures.items()))

    @property
    def numeric(self) -> dict[str, Any]:
        """Those that neither take nor give strings: what an accelerator is to run."""
        return {
            name: signature
            for name, signature in self.signatures.items()
            if tf.string not in {spec.dtype for spec in _specs(signature)}
        }

    @functools.cached_property
    def calls(self) -> list[dict[str, Any]]:
        """The stored calls: signature, inputs and outputs."""
        path = self.directory / "assets.extra" / "answers.json"
        return json.loads(path.read_text(encoding="utf-8"))

    @property
    def texts(self) -> tf.Tensor:
        """The probe texts, string [N]."""
        return tf.constant(self.calls[0]["inputs"]["text"], tf.string)


def compiles(model: Model, name: str, inputs: dict[str, Any]) -> tuple[bool, str]:
    """A numeric signature, as loaded, must compile for XLA and give the same."""
    signature = model.signatures[name]
    compiled = tf.function(lambda **inputs: signature(**inputs), jit_compile=True, autograph=False)
    try:
        answers = compiled(**inputs)
    except tf.errors.OpError as error:
        reason = " ".join(error.message.split())[:300]
        return False, f"{name} does not compile under jit_compile=True: {reason}"
    wanted = signature(**inputs)
    found = max(difference(answers[n].numpy(), wanted[n].numpy()) for n in wanted)
    if not found <= TOLERANCE_XLA:
        return False, f"{name} compiled under jit_compile=True differs by {found:.1e}."
    return True, f"{name} compiles under jit_compile=True and agrees within {found:.1e}."


def difference(found: np.ndarray, wanted: Any) -> float:
    """The largest difference; infinite if shapes or strings differ, and NaN is unequal to all."""
    if found.dtype == object:
        found = np.array([value.decode() for value in found.ravel()]).reshape(found.shape)
        wanted = np.array(wanted, dtype=str).reshape(np.shape(wanted))
        return 0.0 if np.array_equal(found, wanted) else np.inf
    wanted = np.array(wanted, found.dtype)
    if found.shape != wanted.shape:
        return np.inf
    scale = np.maximum(np.abs(wanted), 1)
    return float((np.abs(found.astype(np.float64) - wanted) / scale).max(initial=0.0))


def _specs(signature: Any) -> list[tf.TensorSpec]:
    """What a signature takes and gives."""
    return tf.nest.flatten([signature.structured_input_signature, signature.structured_outputs])
