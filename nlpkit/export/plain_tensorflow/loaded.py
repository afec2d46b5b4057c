"""The loaded model, and what the checks of its answers share."""

import functools
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from .tolerances import DRAWS, TOLERANCE_XLA, agreement

__all__ = ["Answers", "Model", "arrays", "compiles"]

Answers = dict[str, np.ndarray]


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

    @functools.cached_property
    def weights(self) -> list[tf.Variable]:
        """The floating-point variables."""
        _ = self.signatures
        variables = {id(v): v for s in self._loaded.signatures.values() for v in s.variables}
        return [variable for variable in variables.values() if variable.dtype.is_floating]

    @property
    def numeric(self) -> dict[str, Any]:
        """The signatures without strings, which an accelerator can run."""
        return {
            name: signature
            for name, signature in self.signatures.items()
            if tf.string not in {spec.dtype for spec in _specs(signature)}
        }

    @functools.cached_property
    def task(self) -> str:
        """The task of the model, from its description."""
        return self._extra("artefact.json")["task"]

    @functools.cached_property
    def calls(self) -> list[dict[str, Any]]:
        """The stored calls: signature, inputs and outputs."""
        return self._extra("answers.json")

    def neighbours(self, answer: Callable[[], Answers]) -> list[Answers]:
        """The answers of this model, then those of models whose weights differ by a rounding."""
        weights = self.weights
        kept = [variable.numpy() for variable in weights]
        answers = [answer()]
        try:
            for seed in range(DRAWS):
                draw = np.random.default_rng(seed)
                for variable, value in zip(weights, kept, strict=True):
                    variable.assign(_beside(value, draw))
                answers.append(answer())
        finally:
            for variable, value in zip(weights, kept, strict=True):
                variable.assign(value)
        return answers

    @property
    def texts(self) -> tf.Tensor:
        """The probe texts, string [N]."""
        return tf.constant(self.calls[0]["inputs"]["text"], tf.string)

    def _extra(self, name: str) -> Any:
        """The content of a JSON file in assets.extra/."""
        return json.loads((self.directory / "assets.extra" / name).read_text(encoding="utf-8"))


def compiles(model: Model, name: str, inputs: dict[str, Any]) -> tuple[bool, str]:
    """A numeric signature must compile for XLA and give the same results."""
    signature = model.signatures[name]
    compiled = tf.function(lambda **inputs: signature(**inputs), jit_compile=True, autograph=False)
    try:
        answers = arrays(compiled(**inputs))
    except tf.errors.OpError as error:
        reason = " ".join(error.message.split())[:300]
        return False, f"{name} does not compile under jit_compile=True: {reason}"

    def answer() -> Answers:
        return arrays(signature(**inputs))

    holds, _, difference, remark = agreement(
        answers, answer(), lambda: model.neighbours(answer), tolerance=TOLERANCE_XLA
    )
    does = "compiles under jit_compile=True and agrees within"
    if not holds:
        does = "compiled under jit_compile=True differs by"
    return holds, f"{name} {does} {difference:.1e}{remark}."


def arrays(answers: dict[str, tf.Tensor]) -> Answers:
    """The outputs of a signature as NumPy arrays."""
    return {name: tensor.numpy() for name, tensor in answers.items()}


def _specs(signature: Any) -> list[tf.TensorSpec]:
    """The inputs and outputs of a signature."""
    return tf.nest.flatten([signature.structured_input_signature, signature.structured_outputs])


def _beside(values: np.ndarray, draw: np.random.Generator) -> np.ndarray:
    """Moves each number to the next larger or smaller one of its type."""
    upward = draw.random(values.shape) < 0.5
    return np.nextafter(values, np.where(upward, np.inf, -np.inf).astype(values.dtype))
