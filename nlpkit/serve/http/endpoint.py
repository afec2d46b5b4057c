"""A loaded model as what a server needs of it: its signatures, as functions of arrays."""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import tensorflow as tf
from tensorflow.core.framework import types_pb2

from nlpkit.serve.http.limits import Limits
from nlpkit.serve.http.refusal import Overloaded, Refusal
from nlpkit.serve.http.tensors import Spec

__all__ = ["VERSION", "Endpoint"]

VERSION = "1"
"""The only version of a model that there is."""

_AVAILABLE = {"state": "AVAILABLE", "status": {"error_code": "OK", "error_message": ""}}
_AT_FAULT = (
    tf.errors.InvalidArgumentError,
    tf.errors.OutOfRangeError,
    tf.errors.FailedPreconditionError,
)


class Endpoint:
    """A model under a name.

    Args:
        name: Its name in the address.
        loaded: What `tf.saved_model.load` returned.
    """

    def __init__(self, name: str, loaded: Any) -> None:
        self.name = name
        self._functions = dict(loaded.signatures)
        self._loaded = loaded  # the functions' variables live as long as the loaded object
        self.inputs = {n: _specs(_inputs(f)) for n, f in self._functions.items()}
        self.outputs = {n: _specs(f.structured_outputs) for n, f in self._functions.items()}

    @property
    def status(self) -> dict[str, Any]:
        """TensorFlow Serving's answer to a question for the model."""
        return {"model_version_status": [{"version": VERSION, **_AVAILABLE}]}

    @property
    def metadata(self) -> dict[str, Any]:
        """TensorFlow Serving's answer to a question for the model's signatures."""
        signatures = {
            name: {
                "inputs": _described(_inputs(function)),
                "outputs": _described(function.structured_outputs),
                "method_name": "tensorflow/serving/predict",
            }
            for name, function in self._functions.items()
        }
        return {
            "model_spec": {"name": self.name, "signature_name": "", "version": VERSION},
            "metadata": {"signature_def": {"signature_def": signatures}},
        }

    def specs(self, signature: str) -> Mapping[str, Spec]:
        """The inputs of a signature.

        Args:
            signature: Its name.

        Returns:
            Inputs by name.

        Raises:
            Refusal: If there is no such signature.
        """
        if signature not in self.inputs:
            known = ", ".join(f"`{name}`" for name in self.inputs)
            raise Refusal(f"`{self.name}` has no signature {signature!r:.60}, only {known}.")
        return self.inputs[signature]

    def is_per_example(self, signature: str) -> bool:
        """Whether a signature answers row by row.

        Args:
            signature: Its name.

        Returns:
            Whether the first axis of every input and output counts examples.
        """
        specs = (*self.inputs[signature].values(), *self.outputs[signature].values())
        return all(spec.per_example for spec in specs)

    def can_join(self, signature: str) -> bool:
        """Whether requests can be joined and cut without a change to their answers.

        Args:
            signature: Its name.

        Returns:
            Whether it answers row by row, and no answer is padded to the longest of all.
        """
        inputs, outputs = self.inputs[signature].values(), self.outputs[signature].values()
        padded = any(None in spec.shape[1:] for spec in outputs)
        as_given = any(None in spec.shape[1:] for spec in inputs)
        return self.is_per_example(signature) and (as_given or not padded)

    def check(self, signature: str, arrays: Mapping[str, np.ndarray], limits: Limits) -> None:
        """Refuses arrays that do not belong together, or that would take too much time or memory.

        Args:
            signature: The signature's name.
            arrays: Its inputs.
            limits: What to take.

        Raises:
            Refusal: If the inputs have different numbers of examples, or there are too many
                examples, too long texts, or too many words or numbers to answer.
        """
        specs = self.inputs[signature]
        sizes = {name: len(arrays[name]) for name, spec in specs.items() if spec.per_example}
        rows = max(sizes.values(), default=1)
        if len(set(sizes.values())) > 1:
            got = ", ".join(f"{size} of `{name}`" for name, size in sizes.items())
            raise Refusal(f"Every input must have the same number of examples, got {got}.")
        if rows > limits.rows:
            raise Refusal(f"A request may hold {limits.rows:,} examples at most, got {rows:,}.")
        texts = (text for array in arrays.values() if array.dtype == object for text in array.flat)
        if (longest := max(map(len, texts), default=0)) > limits.text:
            raise Refusal(f"A text may have {limits.text:,} bytes at most, got {longest:,}.")
        if not self.can_join(signature) and rows * longest > limits.padded:
            raise Refusal(
                f"Texts may have {limits.padded:,} bytes at most, each padded to the longest, got "
                f"{rows * longest:,}; send fewer at a time."
            )
        words = int(arrays.get("length", 0)) * max(1, int(arrays.get("width", 1)))
        if words > limits.words:
            asked = "`length` times `width`" if "width" in arrays else "`length`"
            raise Refusal(f"{asked} must be at most {limits.words:,}, got {words:,}.")
        steps = max((a.shape[1] for a in arrays.values() if a.ndim > 1), default=1)
        for name, spec in self.outputs[signature].items():
            free = (rows, steps, *[1] * len(spec.shape))
            values = math.prod(free[k] if n is None else n for k, n in enumerate(spec.shape))
            if values > limits.values:
                raise Refusal(
                    f"`{name}` would hold {values:,} numbers, more than {limits.values:,}; "
                    "send fewer examples or steps at a time."
                )

    def call(self, signature: str, arrays: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Runs the model.

        Args:
            signature: The signature's name.
            arrays: Its inputs.

        Returns:
            Its outputs.

        Raises:
            Refusal: If the model cannot take the values, or there is no memory for them.
        """
        specs = _inputs(self._functions[signature])
        tensors = {name: tf.constant(arrays[name], spec.dtype) for name, spec in specs.items()}
        try:
            outputs = self._functions[signature](**tensors)
            return {name: tensor.numpy() for name, tensor in outputs.items()}
        except _AT_FAULT as error:
            raise Refusal(f"The model cannot take these values: {_reason(error)}.") from None
        except (tf.errors.ResourceExhaustedError, MemoryError):
            raise Overloaded("There is not enough memory for this request now.") from None


def _reason(error):
    """What TensorFlow found wrong, without where in the graph; it writes the place after a tab."""
    return error.message.partition("\n\t")[0].splitlines()[-1].partition(" [[")[0][:200]


def _inputs(function):
    """The inputs of a signature, by name."""
    return function.structured_input_signature[1]


def _specs(tensors):
    """Types and shapes by name, in alphabetical order."""
    return {
        name: Spec(np.dtype(tensors[name].dtype.as_numpy_dtype), tuple(tensors[name].shape))
        for name in sorted(tensors)
    }


def _described(tensors):
    """Inputs or outputs as TensorFlow Serving describes them."""
    return {
        name: {
            "dtype": types_pb2.DataType.Name(tensor.dtype.as_datatype_enum),
            "tensor_shape": {
                "dim": [
                    {"size": str(-1 if size is None else size), "name": ""} for size in tensor.shape
                ],
                "unknown_rank": False,
            },
            "name": tensor.name,
        }
        for name, tensor in tensors.items()
    }
