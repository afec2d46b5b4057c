"""Checks of the numeric signatures with the TPU's own compiler, which needs no TPU.

The compiler comes with the packages jax and libtpu. Nothing else in this process needs them, so
they are imported where it is called.
"""

import functools
import re
from typing import Any

import tensorflow as tf

from .loaded import Model

__all__ = ["CHECKS", "Programs"]

BATCH, LENGTH = 32, 64
"""The sizes to compile for, as XLA needs static shapes. The first free dimension is the batch."""

TOPOLOGY = "v5e:2x2"
"""The machine, by its name in libtpu; an artefact is compiled for one chip of it."""


class Programs:
    """The numeric signatures of a model in StableHLO, which every XLA compiler accepts.

    The weights are arguments, and a device branch takes its default. TensorFlow's package has no
    TPU support, so the signatures are lowered for a CPU; code specific to CPUs would show up as a
    custom call.
    """

    def __init__(self, model: Model) -> None:
        self._model = model

    @functools.cached_property
    def texts(self) -> dict[str, str]:
        """The programs by the names of their signatures."""
        return {name: _lower(signature) for name, signature in self._model.numeric.items()}

    @property
    def sizes(self) -> dict[str, str]:
        """The sizes that the free dimensions of each are set to, in words."""
        return {name: _sizes(signature) for name, signature in self._model.numeric.items()}


def check_stablehlo(programs: Programs) -> tuple[bool, str]:
    """Each must be pure StableHLO, since a custom call needs code that a TPU may lack."""
    for name, text in programs.texts.items():
        if calls := sorted(set(re.findall(r"hlo\.custom_call\W+(\w+)", text))):
            return False, f"{name} needs the custom calls {', '.join(calls)}, which a TPU may lack."
    if not programs.texts:
        return False, "Every signature takes or gives strings, so none can run on a TPU."
    return True, f"No custom call is in the StableHLO of {', '.join(programs.texts)}."


def check_compiler(programs: Programs) -> tuple[bool, str]:
    """The compiler must accept each; the message has its estimates, and says what they are."""
    sentences = [
        _told(name, programs.sizes[name], _compile(text)) for name, text in programs.texts.items()
    ]
    return True, " ".join(sentences)


CHECKS = {"stablehlo": check_stablehlo, "tpu": check_compiler}
"""Name → check; each takes the programs and returns whether it passed, and a message."""


def _told(name: str, sizes: str, executable: Any) -> str:
    """The estimates of the compiler for a program."""
    costs = executable.cost_analysis()
    time = costs.get("optimal_seconds", -1.0)
    # The estimate is reduced by a second for each part without a known time.
    roofline = f"{time * 1e6:,.1f} µs" if time >= 0 else "no time"
    return (
        f"{name} compiles for a TPU v5e (one chip, {sizes}): {_count(costs, 'flops')} flops, "
        f"{_count(costs, 'bytes accessed')} bytes, {roofline} by the compiler's estimate, "
        "which is a roofline, not a latency, and counts the body of a loop once."
    )


def _count(costs: dict[str, float], name: str) -> str:
    """A cost as text; the compiler may leave it out."""
    return f"{costs[name]:,.0f}" if name in costs else "unknown"


def _lower(signature: Any) -> str:
    """A signature in StableHLO, with its free dimensions set."""
    specs = {n: _static(spec) for n, spec in signature.structured_input_signature[1].items()}
    compiled = tf.function(lambda **inputs: signature(**inputs), jit_compile=True, autograph=False)
    lower = compiled.experimental_get_compiler_ir(**specs)
    return lower(stage="stablehlo", platform_name="CPU")


def _sizes(signature: Any) -> str:
    """The sizes of the free dimensions, in words."""
    shapes = [spec.shape for spec in signature.structured_input_signature[1].values()]
    long = any(None in shape[1:] for shape in shapes)
    return f"batch {BATCH}, length {LENGTH}" if long else f"batch {BATCH}"


def _static(spec: tf.TensorSpec) -> tf.TensorSpec:
    """A specification without free dimensions."""
    free = [BATCH, *[LENGTH] * (spec.shape.rank or 0)]
    shape = [free[i] if size is None else size for i, size in enumerate(spec.shape)]
    return tf.TensorSpec(shape, spec.dtype, spec.name)


def _compile(text: str) -> Any:
    """A program as compiled by the TPU's compiler."""
    from jax.experimental import topologies
    from jax.interpreters import mlir
    from jaxlib.xla_client import CompileOptions, DeviceList

    chip = topologies.get_topology_desc(platform="tpu", topology_name=TOPOLOGY).devices[0]
    with mlir.make_ir_context():
        module = mlir.ir.Module.parse(text)
        _drop_copies(module.operation)
        return chip.client.compile(module, DeviceList((chip,)), CompileOptions())


def _drop_copies(operation: Any) -> None:
    """Replaces each `mhlo.copy` with what it copies.

    TensorFlow inserts copies around loops, but the compiler accepts only StableHLO.
    """
    for block in (block for region in operation.regions for block in region.blocks):
        for inner in list(block.operations):
            _drop_copies(inner.operation)
            if inner.operation.name == "mhlo.copy":
                inner.operation.result.replace_all_uses_with(inner.operation.operands[0])
                inner.operation.erase()
